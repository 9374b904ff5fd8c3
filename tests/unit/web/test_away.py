"""What our pages are told while the database is away: a word that they have a sentence for, never a broken answer."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from aiohttp import ClientSession, CookieJar, web
from sqlalchemy.exc import OperationalError, ProgrammingError

from app.desk_records import Records
from core.clock import HandClock, wall_clock
from history.database import make_engine
from history.sealing import Sealing
from history.staff import Session, Staff, StaffAccounts
from tests.ports import own
from web.desk.admin import Administration
from web.desk.door import COOKIE, Door
from web.desk.reading import Reading
from web.server import make_app

HOST, PORT = "127.0.24.5", own(22550)
AT = f"http://{HOST}:{PORT}"
AWAY = "postgresql+asyncpg://guichet@127.0.0.1:1/guichet"
"""Nothing listens at port 1."""
ALL_ROLES = ["agent", "supervisor", "admin", "auditor"]
READS = {
    "/api/search": {"text": "Ada"},
    "/api/person": {"key": "k"},
    "/api/audit": {},
    "/api/day": {},
    "/api/accounts": {},
    "/api/session": {"account": "camille", "password": "une phrase bien longue"},
}


class StillKnown(StaffAccounts):
    """Whoever asks is signed in; nothing else is there."""

    async def session(self, token: str) -> Session | None:
        if token != "known":
            return await super().session(token)
        return Session(Staff("camille", "Camille", frozenset(ALL_ROLES), "camille", "fr"), "digest", 0, 2**50, "", "")  # type: ignore[arg-type]


class Told:
    """Nobody is read about here: stating it would be the first that is done."""

    async def reading(self, reader: str, what: str, *, person: str = "", call: str = "") -> None: ...


async def nothing() -> Mapping[str, Any]:
    return {}


async def never(agent: str, call: str) -> bool:
    return False


def broken(error: Exception) -> Any:
    async def handler(_: web.Request) -> web.Response:
        raise error

    return handler


@pytest.fixture
async def browser() -> AsyncIterator[ClientSession]:
    engine = make_engine(AWAY)
    staff = StillKnown(engine, HandClock())
    door, records = Door(staff, secure=False), Records(engine, Sealing([]), "FR", wall_clock)

    def faults(app: web.Application) -> None:
        locked = OperationalError("select 1", {}, Exception("database is locked"))
        wrong = ProgrammingError("select nobody", {}, Exception("column nobody does not exist"))
        app.router.add_get("/api/slow", broken(TimeoutError()))
        app.router.add_get("/api/locked", broken(locked))
        app.router.add_get("/api/wrong", broken(wrong))
        app.router.add_get("/page", broken(locked))

    parts = [door, Reading(door, records, Told(), never), Administration(door, staff, lambda: "")]
    runner = web.AppRunner(make_app(nothing, more=[*(part.add_to for part in parts), faults]), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, HOST, PORT).start()
    async with ClientSession(cookie_jar=CookieJar(unsafe=True), headers={"Origin": AT}) as session:
        yield session
    await runner.cleanup()
    await engine.dispose()


@pytest.mark.parametrize("token", ["known", "unknown"])
@pytest.mark.parametrize("path", READS)
async def test_what_needs_the_database_says_that_it_is_away(browser: ClientSession, path: str, token: str) -> None:
    async with browser.post(f"{AT}{path}", json=READS[path], cookies={COOKIE: token}) as answer:
        assert (answer.status, await answer.json()) == (503, {"error": "away"})
        assert int(answer.headers["Retry-After"]) > 0


async def test_whoever_comes_with_a_session_is_not_told_that_it_has_ended(browser: ClientSession) -> None:
    async with browser.get(f"{AT}/api/session", cookies={COOKIE: "unknown"}) as answer:
        assert (answer.status, await answer.json()) == (503, {"error": "away"})


@pytest.mark.parametrize("path", ["/api/slow", "/api/locked"])
async def test_a_database_that_is_slow_or_locked_is_away_for_now(browser: ClientSession, path: str) -> None:
    async with browser.get(f"{AT}{path}") as answer:
        assert (answer.status, await answer.json()) == (503, {"error": "away"})


async def test_a_page_says_so_in_words(browser: ClientSession) -> None:
    async with browser.get(f"{AT}/page") as answer:
        assert (answer.status, await answer.text()) == (503, "503 Service Unavailable\n")


async def test_a_fault_of_ours_is_not_blamed_on_the_database(
    browser: ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    async with browser.get(f"{AT}/api/wrong") as answer:
        assert (answer.status, await answer.text()) == (500, "500 Internal Server Error\n")
    assert "a request failed" in caplog.text
