"""The desk's server on a port of its own, with accounts in SQLite and a line in memory."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, CookieJar, WSMsgType, web
from argon2 import PasswordHasher
from sqlalchemy.ext.asyncio import AsyncEngine

from app.desk_records import Records
from core.clock import wall_clock
from core.ids import random_id
from history.accounts import Accounts
from history.asking import NoAnswer
from history.database import make_engine, migrate
from history.sealing import Sealing
from history.staff import StaffAccounts
from history.statements import Statements
from queues.control import LiveControl
from queues.model import Agent, Device, Entry, Proposal, Status
from queues.store.memory import MemoryStore
from queues.store.port import DISPATCHER
from tests.integration.history.helping import recorded as record_all
from tests.ports import own
from tests.unit.telephony.town import PlainQueue
from web.desk.admin import Administration
from web.desk.choices import DeskFile
from web.desk.door import Door
from web.desk.hub import Hub, Town
from web.desk.matters import Matters
from web.desk.moves import Moves, ServicePlace
from web.desk.pop import make_pop
from web.desk.reading import Reading
from web.desk.retelling import Retelling
from web.desk.socket import Desks
from web.desk.work import House

HOST, PORT = "127.0.24.4", own(22540)
AT = f"http://{HOST}:{PORT}"
OURS = {"Origin": AT}
PASSWORD = "une phrase bien longue"
NEW_PASSWORD = "une autre phrase bien longue"
CHOICES = DeskFile(desk="essai", pauses={"repas": {"fr": "Repas", "en": "Meal"}}).choices()
TOWN = Town(
    {"voirie": PlainQueue(), "accueil": PlainQueue()},
    {"voirie": {"fr": "Voirie"}},
    {"voirie": {"fr": "Demandez la rue."}},
    lambda _version, flow, step: {"fr": f"{flow}: {step} ?"},
    CHOICES,
)


class Published:
    """The town that is live, as a test has another one published."""

    def __init__(self) -> None:
        self.town = TOWN

    def live(self) -> Town:
        return self.town


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    url = f"sqlite+aiosqlite:///{tmp_path / 'test.db'}"
    await migrate(url)
    engine = make_engine(url)
    yield engine
    await engine.dispose()


@pytest.fixture
def records(engine: AsyncEngine) -> Records:
    return Records(engine, Sealing([]), "FR", wall_clock)


@pytest.fixture
async def staff(engine: AsyncEngine) -> StaffAccounts:
    await Accounts(engine).make_demo(Random(1))
    accounts = StaffAccounts(engine, wall_clock, PasswordHasher(time_cost=1, memory_cost=64))
    await accounts.add("camille", "Camille <b>", ["agent"], PASSWORD, agent="camille")
    await accounts.add("sacha", "Sacha", ["agent"], PASSWORD, agent="sacha")
    await accounts.add("chef", "Chef", ["supervisor"], PASSWORD)
    await accounts.add("admin", "Admin", ["admin"], PASSWORD)
    await accounts.add("audit", "Audit", ["auditor"], PASSWORD)
    return accounts


class Line:
    """The line behind the desks, as a test moves it."""

    def __init__(self) -> None:
        self.store = MemoryStore()

    async def agent(self, name: str, status: Status = Status.OFFLINE) -> None:
        now = wall_clock()
        await self.store.put_agent(Agent(name, f"10{len(name):02}", name.capitalize()), now)
        await self.store.set_device(name, Device.FREE, now)
        if status is not Status.OFFLINE:
            await self.store.set_status(name, status, "", name, now)

    async def waits(
        self, call: str, queue: str = "voirie", name: str = "", until_coded: bool = False, **caller: Any
    ) -> Entry:
        now = wall_clock()
        session = {
            "caller": {"number": "+33612345678", "name": name, **caller},
            "flow": "essai",
            "language": "fr",
            "path": ["sujet", "voirie/rue"],
            "choices": [{"step": "sujet", "digits": "2", "choice": "voirie"}],
        }
        await self.store.save_call(call, {"session": session})
        entry = Entry(f"{call}-1", call, queue, since=now - 5_000, entered=now, until_coded=until_coded)
        await self.store.enqueue(entry)
        return entry

    async def offer(self, entry: Entry, agent: str) -> str:
        fence = await self.store.take_lease(DISPATCHER, "test", 60_000)
        assert fence is not None
        offer, now = f"offer-{entry.id}", wall_clock()
        why = f"{agent} is the only ready agent (idle 3 s)"
        refused = await self.store.offer(fence, [Proposal(offer, entry.id, agent, now, now + 9_000, why)])
        assert refused == [None]
        return offer


class Page:
    """A browser's page of somebody who is signed in."""

    def __init__(self, session: ClientSession, socket: ClientWebSocketResponse) -> None:
        self.session, self.socket = session, socket
        self._refs = iter(range(1, 1000))
        self._passed: list[dict[str, Any]] = []

    async def told(self, kind: str, holds: Callable[[dict[str, Any]], object] = bool, **wanted: Any) -> dict[str, Any]:
        """The first message of that kind which says so; others are kept for later questions."""

        def is_meant(message: dict[str, Any]) -> bool:
            says_so = all(message.get(name) == value for name, value in wanted.items())
            return message["tell"] == kind and says_so and bool(holds(message))

        if found := next(filter(is_meant, self._passed), None):
            self._passed.remove(found)
            return found
        async with asyncio.timeout(20):
            while not is_meant(message := json.loads(await self.socket.receive_str())):
                self._passed.append(message)
        return dict(message)

    async def ask(self, do: str, **more: Any) -> str:
        """`done`, or the error with which it was refused."""
        return str((await self.asked(do, **more)).get("error", "done"))

    async def asked(self, do: str, **more: Any) -> dict[str, Any]:
        """The answer."""
        ref = next(self._refs)
        await self.socket.send_json({"do": do, "ref": ref, **more})
        async with asyncio.timeout(20):
            while True:
                message = json.loads(await self.socket.receive_str())
                if message.get("ref") == ref:
                    return dict(message)
                self._passed.append(message)

    def was_told(self, kind: str) -> bool:
        """Among what was passed over so far."""
        return any(message["tell"] == kind for message in self._passed)

    async def is_closed(self) -> bool:
        async with asyncio.timeout(20):
            while (await self.socket.receive()).type is WSMsgType.TEXT:
                pass
        return True


class Desktop:
    """Opens pages."""

    def __init__(self) -> None:
        self._sessions: list[ClientSession] = []

    async def signed_in(self, account: str, password: str = PASSWORD) -> ClientSession:
        session = ClientSession(cookie_jar=CookieJar(unsafe=True))  # cookies of a numbered address, too
        self._sessions.append(session)
        given = {"account": account, "password": password}
        async with session.post(f"{AT}/api/session", json=given, headers=OURS) as answer:
            assert answer.status == 200
        return session

    async def page(self, account: str) -> Page:
        session = await self.signed_in(account)
        return Page(session, await session.ws_connect(f"{AT}/desk/socket", headers=OURS))

    async def close(self) -> None:
        await asyncio.gather(*(session.close() for session in self._sessions))


@pytest.fixture
def line() -> Line:
    return Line()


Recorded = Callable[[], Awaitable[None]]


@pytest.fixture
def recorded(line: Line, engine: AsyncEngine) -> Recorded:
    """Record all that happened so far."""

    async def now() -> None:
        await record_all(engine, [event for _, event in await line.store.follow("0", 0)])

    return now


class Stories:
    """The history, as far as a desk asks it: `known`, or it does not answer."""

    def __init__(self) -> None:
        self.away = False
        self.known: dict[str, Any] = {"confidence": "", "person": None, "contacts": []}

    async def pop(self, call: str, number: str, *, person: str = "") -> Any:
        if self.away:
            raise NoAnswer("no answer")
        return dict(self.known)


class Directory:
    """The town's services: one is open, one is not, one may not be dialled, and one is told what calls are about."""

    async def all(self) -> list[ServicePlace]:
        return [
            ServicePlace("mairie", {"fr": "Mairie"}, open=True, allowed=True),
            ServicePlace("musee", {"fr": "Musée"}, open=False, allowed=True),
            ServicePlace("caf", {"fr": "CAF"}, open=True, allowed=False),
            ServicePlace("ateliers", {"fr": "Ateliers"}, open=True, allowed=True, told=True),
        ]


@pytest.fixture
def published() -> Published:
    return Published()


@pytest.fixture
def stories() -> Stories:
    return Stories()


@pytest.fixture
async def desktop(
    staff: StaffAccounts, line: Line, stories: Stories, records: Records, published: Published
) -> AsyncIterator[Desktop]:
    app = web.Application(client_max_size=1024)
    door = Door(staff, secure=False)
    statements = Statements(line.store, wall_clock, random_id, Random(1))
    hub = Hub(line.store, wall_clock, make_pop(published.live, stories, statements, wall_clock), published.live)
    control = LiveControl(line.store, lambda: TOWN.queues, wall_clock)

    async def story_of(call: str) -> dict[str, Any] | None:
        return dict(await stories.pop(call, "")) if hub.shown(call) else None

    retelling = Retelling(story_of, hub.retell, (0.01, 0.05))

    async def had(agent: str, call: str) -> bool:
        return hub.had(agent, call)

    async def numbers(contact: str) -> tuple[str, str]:
        return {"old-1": ("+33612345678", "voirie"), "old-2": ("+4412345678", "")}.get(contact, ("", ""))

    async def matter(contact: str) -> dict[str, str]:
        return {"topic": "chaussee", "case": "2600000397"}

    moves = Moves(
        line.store,
        lambda: TOWN.queues,
        Directory(),
        statements,
        wall_clock,
        random_id,
        hub.tell,
        numbers,
        lambda number: number.startswith("+336"),
        matter,
    )
    house = House(control, line.store, statements, Matters(statements, records), retelling, had, wall_clock, moves)
    desks = Desks(door, hub, house, lambda: published.live().choices, wall_clock, check_every_s=0.02)
    door.add_to(app)
    desks.add_to(app)
    Reading(door, records, statements, had).add_to(app)
    Administration(door, staff, lambda: NEW_PASSWORD).add_to(app)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, HOST, PORT).start()
    following = asyncio.create_task(hub.run())
    opened = Desktop()
    yield opened
    await opened.close()
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    await retelling.close()
    await runner.cleanup()
