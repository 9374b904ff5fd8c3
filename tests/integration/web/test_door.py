"""Signing in, as a browser or somebody with worse in mind meets it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, CookieJar, WSMsgType, WSServerHandshakeError, web
from argon2 import PasswordHasher
from sqlalchemy.ext.asyncio import AsyncEngine

from core.clock import wall_clock
from history.accounts import Accounts
from history.database import make_engine, migrate
from history.staff import MOST_WRONG_HERE, Session, StaffAccounts
from tests.ports import own
from web.desk.door import COOKIE, Door
from web.desk.phone import PROTOCOL, PhoneWay

HOST, PORT, ASTERISK_PORT = "127.0.24.3", own(22530), own(22531)
AT = f"http://{HOST}:{PORT}"
PASSWORD = "une phrase bien longue"
OURS = {"Origin": AT}


async def extension_of(agent: str) -> str | None:
    return {"camille": "1001"}.get(agent)


class Given:
    """Stands where Asterisk's database is."""

    async def admit(self, extension: str) -> tuple[str, str]:
        return f"{extension}-web", f"secret-of-{extension}"


@pytest.fixture
async def staff(tmp_path: Path) -> AsyncIterator[StaffAccounts]:
    url = f"sqlite+aiosqlite:///{tmp_path / 'test.db'}"
    await migrate(url)
    engine = make_engine(url)
    await Accounts(engine).make_demo(Random(1))
    accounts = StaffAccounts(engine, wall_clock, PasswordHasher(time_cost=1, memory_cost=64))
    await accounts.add("camille", "Camille <b>", ["agent"], PASSWORD, agent="camille")
    await accounts.add("chef", "Chef", ["supervisor"], PASSWORD)
    yield accounts
    await engine.dispose()


@pytest.fixture
async def engine_away() -> AsyncIterator[AsyncEngine]:
    """Nothing listens at port 1."""
    engine = make_engine("postgresql+asyncpg://nobody@127.0.0.1:1/none")
    yield engine
    await engine.dispose()


async def echo(request: web.Request) -> web.WebSocketResponse:
    """Asterisk's WebSocket, as far as carrying goes."""
    socket = web.WebSocketResponse(protocols=(PROTOCOL,))
    await socket.prepare(request)
    async for message in socket:
        await socket.send_str(f"heard {message.data}")
    return socket


@pytest.fixture
async def browser(staff: StaffAccounts) -> AsyncIterator[ClientSession]:
    ours, asterisk = web.Application(client_max_size=1024), web.Application()
    door = Door(staff, secure=False)
    door.add_to(ours)
    at = f"http://{HOST}:{ASTERISK_PORT}/ws"
    PhoneWay(door, Given(), at, extension_of, check_every_s=0.02).add_to(ours)  # type: ignore[arg-type]
    asterisk.router.add_get("/ws", echo)
    runners = []
    for app, port in ((ours, PORT), (asterisk, ASTERISK_PORT)):
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        runners.append(runner)
        await runner.setup()
        await web.TCPSite(runner, HOST, port).start()
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:  # cookies of a numbered address, too
        yield session
    for runner in runners:
        await runner.cleanup()


async def sign_in(
    browser: ClientSession, account: str = "camille", password: str = PASSWORD, headers: dict[str, str] | None = None
) -> int:
    given = {"account": account, "password": password}
    async with browser.post(f"{AT}/api/session", json=given, headers=OURS if headers is None else headers) as answer:
        return answer.status


async def test_who_signs_in_is_known_until_they_sign_out(browser: ClientSession) -> None:
    assert await sign_in(browser) == 200
    async with browser.get(f"{AT}/api/session") as answer:
        told = await answer.json()
    assert told["name"] == "Camille <b>" and told["roles"] == ["agent"] and "own_state" in told["may"]
    async with browser.delete(f"{AT}/api/session", headers=OURS) as answer:
        assert answer.status == 204
    async with browser.get(f"{AT}/api/session") as answer:
        assert (answer.status, await answer.json()) == (401, {"error": "signed_out"})


async def test_the_cookie_is_for_our_pages_alone_and_not_for_scripts(browser: ClientSession) -> None:
    given = {"account": "camille", "password": PASSWORD}
    async with browser.post(f"{AT}/api/session", json=given, headers=OURS) as answer:
        cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/" in cookie


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": "http://elsewhere.example"}, {"Origin": "null"}, {"Origin": f"{AT}.example"}]
)
async def test_a_foreign_page_can_neither_sign_in_nor_out_nor_open_a_phone(
    browser: ClientSession, headers: dict[str, str]
) -> None:
    assert await sign_in(browser, headers=headers) == 403
    assert await sign_in(browser) == 200
    async with browser.delete(f"{AT}/api/session", headers=headers) as answer:
        assert answer.status == 403
    with pytest.raises(WSServerHandshakeError) as refused:
        await browser.ws_connect(f"{AT}/phone", protocols=(PROTOCOL,), headers=headers)
    assert refused.value.status == 403


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b'{"account": "camille"}', b'{"account": 1, "password": []}'])
async def test_what_is_no_sign_in_is_refused(browser: ClientSession, body: bytes) -> None:
    async with browser.post(f"{AT}/api/session", data=body, headers=OURS) as answer:
        assert answer.status == 400


async def test_guessing_is_slowed_down(browser: ClientSession) -> None:
    assert [await sign_in(browser, password="a wrong one, guessed") for _ in range(MOST_WRONG_HERE)] == [401] * 5
    given = {"account": "camille", "password": PASSWORD}
    async with browser.post(f"{AT}/api/session", json=given, headers=OURS) as answer:
        assert answer.status == 429 and int(answer.headers["Retry-After"]) > 0


async def test_an_agents_phone_gets_a_password_for_the_session(browser: ClientSession) -> None:
    await sign_in(browser)
    async with browser.post(f"{AT}/api/phone", headers=OURS) as answer:
        assert await answer.json() == {"user": "1001-web", "password": "secret-of-1001"}


@pytest.mark.parametrize(("account", "status"), [("", 401), ("chef", 403)])
async def test_nobody_else_gets_a_phone(browser: ClientSession, account: str, status: int) -> None:
    if account:
        await sign_in(browser, account)
    async with browser.post(f"{AT}/api/phone", headers=OURS) as answer:
        assert answer.status == status
    with pytest.raises(WSServerHandshakeError) as refused:
        await browser.ws_connect(f"{AT}/phone", protocols=(PROTOCOL,), headers=OURS)
    assert refused.value.status == status


async def phone(browser: ClientSession) -> ClientWebSocketResponse:
    return await browser.ws_connect(f"{AT}/phone", protocols=(PROTOCOL,), headers=OURS)


async def test_the_phone_speaks_with_asterisk_through_us(browser: ClientSession) -> None:
    await sign_in(browser)
    async with await phone(browser) as socket:
        await socket.send_str("REGISTER")
        assert await socket.receive_str(timeout=5) == "heard REGISTER"


@pytest.mark.parametrize("end", ["signed out", "barred"])
async def test_the_phones_way_closes_with_the_session(browser: ClientSession, staff: StaffAccounts, end: str) -> None:
    await sign_in(browser)
    async with await phone(browser) as socket:
        if end == "barred":
            await staff.change("camille", barred=True)
        else:
            await browser.delete(f"{AT}/api/session", headers=OURS)
        assert (await socket.receive(timeout=5)).type in (WSMsgType.CLOSE, WSMsgType.CLOSED)


async def test_a_database_that_is_away_takes_nobodys_phone(
    browser: ClientSession, staff: StaffAccounts, engine_away: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who speaks goes on; the phone closes when it is known again that its session has ended."""
    await sign_in(browser)
    async with await phone(browser) as socket:
        looked, still = asyncio.Semaphore(0), staff.session_still

        async def count(session: Session) -> Session | None:
            found = await still(session)
            looked.release()
            return found

        monkeypatch.setattr(staff, "session_still", count)
        with monkeypatch.context() as meanwhile:
            meanwhile.setattr(staff, "_engine", engine_away)
            for _ in range(3):
                await asyncio.wait_for(looked.acquire(), 20)
            await socket.send_str("BYE")
            assert await socket.receive_str(timeout=20) == "heard BYE"
        await staff.end_all("camille")
        assert (await socket.receive(timeout=20)).type in (WSMsgType.CLOSE, WSMsgType.CLOSED)


async def test_a_made_up_cookie_opens_nothing(browser: ClientSession) -> None:
    async with ClientSession(cookies={COOKIE: "x" * 43}) as stranger, stranger.get(f"{AT}/api/session") as answer:
        assert answer.status == 401
