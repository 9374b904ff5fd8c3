"""One person's data over HTTP: who may, what they get, and what is noted of it."""

from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import pytest
from aiohttp import ClientSession, CookieJar, web
from argon2 import PasswordHasher
from sqlalchemy.ext.asyncio import AsyncEngine

from core.clock import wall_clock
from core.errors import GuichetError
from core.ids import random_id
from history.access import reads_of
from history.accounts import Accounts
from history.database import make_engine, migrate
from history.models import Contact, Erasure
from history.sealing import Sealing, new_key, read_keys
from history.staff import StaffAccounts
from history.statements import Statements
from queues.store.memory import MemoryStore
from queues.store.port import StoreAway
from tests.integration.history.helping import RULES, erasures, recorded, rows
from tests.ports import own
from tests.unit.history.told import CALL, arrived, ended, told
from web.desk.door import Door
from web.guard import plain_errors
from web.people import People

HOST, PORT = "127.0.24.5", own(22550)
AT = f"http://{HOST}:{PORT}"
OURS = {"Origin": AT}
PASSWORD = "une phrase bien longue"
ADA = RULES.pseudonyms.person("+33612345678")
SEALING = Sealing(read_keys(new_key()))


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    url = f"sqlite+aiosqlite:///{tmp_path / 'test.db'}"
    await migrate(url)
    engine = make_engine(url)
    note = SEALING.seal("Ada prefers <b>the morning</b>")
    await recorded(
        engine,
        [
            arrived(name="Ada <script>"),
            told("person.described", 1, CALL, author="camille", person=ADA, name="Ada Lovelace"),
            told("contact.noted", 2, CALL, author="camille", note="n1", text=note, sealed=True),
            ended(9),
        ],
    )
    yield engine
    await engine.dispose()


class Stream:
    """The store's stream, which may be away; what is told goes to the history at once."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.store, self.away, self._engine = MemoryStore(), False, engine

    async def emit(self, events: list) -> None:
        if self.away:
            raise StoreAway("no answer")
        await recorded(self._engine, events)


@pytest.fixture
def stream(engine: AsyncEngine) -> Stream:
    return Stream(engine)


@pytest.fixture
async def people(engine: AsyncEngine, stream: Stream, tmp_path: Path) -> AsyncIterator[StaffAccounts]:
    staff = StaffAccounts(engine, wall_clock, PasswordHasher(time_cost=1, memory_cost=64))
    await Accounts(engine).make_demo(Random(1))
    await staff.add("camille", "Camille", ["agent"], PASSWORD, agent="camille")
    for role in ("supervisor", "admin", "auditor"):
        await staff.add(role, role, [role], PASSWORD)
    door = Door(staff, secure=False)
    statements = Statements(stream, wall_clock, random_id, Random(1))
    app = web.Application(middlewares=[plain_errors], client_max_size=1024)
    door.add_to(app)
    People(door, engine, erasures(engine, tmp_path), statements, SEALING, "FR", (StoreAway,)).add_to(app)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, HOST, PORT).start()
    yield staff
    await runner.cleanup()


class Browser:
    """Of somebody who is signed in; `headers` go with every request."""

    def __init__(self, session: ClientSession) -> None:
        self._session = session

    async def asks(self, method: str, path: str, given: object = None, origin: str = AT) -> tuple[int, str]:
        headers = {"Origin": origin} if method != "GET" else {}
        async with self._session.request(method, f"{AT}{path}", json=given, headers=headers) as answer:
            return answer.status, await answer.text()

    async def file_name(self, path: str) -> str:
        async with self._session.get(f"{AT}{path}") as answer:
            return answer.headers["Content-Disposition"]

    async def json(self, path: str) -> dict:
        async with self._session.get(f"{AT}{path}") as answer:
            assert answer.status == 200
            return dict(await answer.json())


@pytest.fixture
async def sign_in(people: StaffAccounts) -> AsyncIterator:
    sessions = []

    async def sign_in(account: str) -> Browser:
        session = ClientSession(cookie_jar=CookieJar(unsafe=True))
        sessions.append(session)
        async with session.post(
            f"{AT}/api/session", json={"account": account, "password": PASSWORD}, headers=OURS
        ) as answer:
            assert answer.status == 200
        return Browser(session)

    yield sign_in
    for session in sessions:
        await session.close()


async def test_an_admin_finds_a_person_and_hands_everything_over(sign_in, engine: AsyncEngine):
    admin = await sign_in("admin")
    status, text = await admin.asks("POST", "/api/people/find", {"number": "06 12 34 56 78"})
    assert (status, text) == (200, f'{{"people": [{{"person": "{ADA}", "name": "Ada Lovelace"}}]}}')
    data = await admin.json(f"/api/people/{ADA}")
    assert data["person"]["numbers"] == ["+33612345678"]
    assert data["contacts"][0]["notes"][0]["text"] == "Ada prefers <b>the morning</b>"
    status, page = await admin.asks("GET", f"/api/people/{ADA}/page?language=en")
    assert status == 200
    assert "What we know about you" in page
    assert "&lt;b&gt;the morning" in page
    assert "<script>" not in page
    assert await admin.file_name(f"/api/people/{ADA}/page") == f'attachment; filename="person-{ADA}.html"'
    assert "Ce que nous savons de vous" in (await admin.asks("GET", f"/api/people/{ADA}/page"))[1]
    read = [(row["reader"], row["what"]) for row in await reads_of(engine, ADA)]
    assert sorted(read) == [*[("admin", "export")] * 4, ("admin", "search_number")]


async def test_an_auditor_reads_and_sees_who_read_but_erases_nobody(sign_in, engine: AsyncEngine):
    auditor = await sign_in("auditor")
    assert (await auditor.json(f"/api/people/{ADA}"))["person"]["name"] == "Ada Lovelace"
    readers = (await auditor.json(f"/api/people/{ADA}/readers"))["readers"]
    assert [(row["reader"], row["what"], row["call"]) for row in readers] == [("auditor", "export", "")]
    assert (await auditor.asks("DELETE", f"/api/people/{ADA}", {}))[0] == 403
    assert [row["erased_at"] for row in await rows(engine, Contact)] == [None]


async def test_an_admin_erases_and_the_erasure_names_them(sign_in, engine: AsyncEngine):
    admin = await sign_in("admin")
    status, text = await admin.asks("DELETE", f"/api/people/{ADA}", {"reason": "asked in writing"})
    assert (status, text) == (200, '{"contacts": 1, "cases": 0, "promises": 0, "notes": 1, "recordings": 0}')
    assert [(row["author"], row["reason"]) for row in await rows(engine, Erasure)] == [("admin", "asked in writing")]
    assert [(row["name"], row["number"]) for row in await rows(engine, Contact)] == [("", "")]
    assert await admin.asks("GET", f"/api/people/{ADA}") == (404, '{"error": "nobody"}')
    assert (await admin.asks("DELETE", f"/api/people/{ADA}", {}))[0] == 404


@pytest.mark.parametrize("account", ["camille", "supervisor"])
async def test_agents_and_supervisors_may_neither(sign_in, engine: AsyncEngine, account: str):
    browser = await sign_in(account)
    for method, path in REQUESTS:
        assert (await browser.asks(method, path, {}))[0] == 403
    assert await reads_of(engine, ADA) == []


REQUESTS = [
    ("POST", "/api/people/find"),
    ("GET", f"/api/people/{ADA}"),
    ("GET", f"/api/people/{ADA}/page"),
    ("GET", f"/api/people/{ADA}/readers"),
    ("DELETE", f"/api/people/{ADA}"),
]


@pytest.mark.parametrize(("method", "path"), REQUESTS)
async def test_nobody_without_a_session_gets_in(people: StaffAccounts, method: str, path: str):
    async with ClientSession() as session, session.request(method, f"{AT}{path}", headers=OURS) as answer:
        assert answer.status == 401


async def test_a_page_of_another_origin_changes_nothing(sign_in, engine: AsyncEngine):
    admin = await sign_in("admin")
    for origin in ("https://evil.example", "null"):
        assert (await admin.asks("DELETE", f"/api/people/{ADA}", {}, origin))[0] == 403
        assert (await admin.asks("POST", "/api/people/find", {"number": "0612345678"}, origin))[0] == 403
    assert await rows(engine, Erasure) == []


@pytest.mark.parametrize(
    ("method", "path", "given", "status"),
    [
        ("POST", "/api/people/find", {}, 400),
        ("POST", "/api/people/find", {"number": 6}, 400),
        ("POST", "/api/people/find", {"number": "6" * 41}, 400),
        ("POST", "/api/people/find", {"number": "6", "more": 1}, 400),
        ("DELETE", f"/api/people/{ADA}", {"reason": "x" * 201}, 400),
        ("GET", "/api/people/nobody", None, 404),
        ("GET", "/api/people/%27%20OR%201=1", None, 404),
        ("GET", "/api/people/..%2F..%2Fetc", None, 404),
        ("PUT", f"/api/people/{ADA}", {}, 405),
    ],
)
async def test_what_cannot_be_meant_is_refused(sign_in, method: str, path: str, given: object, status: int):
    assert (await (await sign_in("admin")).asks(method, path, given))[0] == status


async def test_what_cannot_be_noted_is_not_shown(sign_in, stream: Stream):
    admin = await sign_in("admin")
    stream.away = True
    assert await admin.asks("GET", f"/api/people/{ADA}") == (503, '{"error": "away"}')
    assert await admin.asks("POST", "/api/people/find", {"number": "0612345678"}) == (503, '{"error": "away"}')


async def test_a_house_whose_file_of_erasures_cannot_be_written_erases_nobody(
    sign_in, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
):
    def full(*_: object) -> None:
        raise GuichetError("The file of erasures cannot be written: no space. Nothing was erased.")

    monkeypatch.setattr("history.ledger.Ledger.add", full)
    status, text = await (await sign_in("admin")).asks("DELETE", f"/api/people/{ADA}", {})
    assert (status, text) == (503, '{"error": "not_erased"}')
    assert [row["erased_at"] for row in await rows(engine, Contact)] == [None]
