"""The desks of a large house: one web process, a WebSocket for each agent, offers one after the other.

`./guichet bench desk`: about a minute and a half. AGENTS agents are signed in; a real house offers them calls, made in
its store, RATE each second. The agents answer what is on their page, talk, and are free again at once.

pop_p50_ms, pop_p99_ms   from the offer's place in the store's stream until the caller is on that agent's page, there
memory_mb                what the web process has in memory, with all pages open, at its most
web_core_share           its processor time over time
told_per_s               messages that came to all pages"""

import asyncio
import contextlib
import json
import secrets
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from random import Random

from aiohttp import ClientSession, ClientWebSocketResponse, TCPConnector, WSMsgType
from sqlalchemy import insert

from app.bench.house import OwnHouse
from app.bench.load import cpu_ms
from core.clock import wall_clock
from core.errors import GuichetError
from core.ids import random_id
from history.accounts import new_password
from history.database import make_engine, writing
from history.models import AgentAccount
from history.staff import SESSION_MS, Role, digest_of
from history.staff_models import StaffAccount, StaffSession
from queues.model import Agent, Device, Entry, Status
from queues.store.port import Store
from queues.store.redis import RedisStore
from web.desk.door import COOKIE

TOWN = Path(__file__).parent / "town"
FIRST_PORT, LAST_PORT = 24000, 24399
TARGETS = {"pop_p99_ms": "<= 100", "memory_mb": "<= 200"}
AGENTS, OFFERS, RATE = 500, 600, 20
SETTLED_S, LATE_S = 3.0, 20.0
QUEUE, NODE = "banc", "bench"
LOOK_S = 0.05
FIRST_EXTENSION = 2000


async def run(agents: int = AGENTS, offers: int = OFFERS) -> dict[str, float]:
    """The figures."""
    with OwnHouse(TOWN, first_port=FIRST_PORT, last_port=LAST_PORT, demo_agents=False) as house:
        return await _measure(house, agents, offers)


async def _measure(house: OwnHouse, agents: int, offers: int) -> dict[str, float]:
    print(f"{agents} agents sign in", file=sys.stderr)
    store = RedisStore(house.settings.store_url)
    try:
        tokens = await _staff(house, agents)
        async with _pages(house, tokens) as pages:
            for number, name in enumerate(tokens):
                await store.put_agent(Agent(name, f"{FIRST_EXTENSION + number}", name), wall_clock())
                await store.set_device(name, Device.FREE, wall_clock(), house.settings.name)
                await store.set_status(name, Status.AVAILABLE, "", name, wall_clock())
            print(f"{agents} pages are open", file=sys.stderr)
            await asyncio.sleep(SETTLED_S)
            return await _offer(house, store, pages, offers)
    finally:
        await store.close()


async def _staff(house: OwnHouse, agents: int) -> dict[str, str]:
    """An account for each agent, and the token of a session: nobody waits for 500 passwords to be checked."""
    engine, random = make_engine(house.settings.sql_url), Random(1)
    names = [f"agent{number:03d}" for number in range(agents)]
    try:
        async with writing(engine) as connection:
            await connection.execute(insert(AgentAccount), [
                {"id": name, "extension": f"{FIRST_EXTENSION + number}", "name": name,
                 "sip_password": new_password(random), "skills": {}} for number, name in enumerate(names)
            ])  # fmt: skip
            await connection.execute(insert(StaffAccount), [
                {"id": name, "name": name, "roles": [Role.AGENT], "password_hash": None, "agent_id": name,
                 "language": "fr", "since": wall_clock(), "barred_at": None} for name in names
            ])  # fmt: skip
            now, tokens = wall_clock(), {name: secrets.token_urlsafe(32) for name in names}
            await connection.execute(insert(StaffSession), [
                {"digest": digest_of(token), "staff_id": name, "began_at": now, "seen_at": now,
                 "ends_at": now + SESSION_MS, "address": "127.0.0.1", "browser": "bench"}
                for name, token in tokens.items()
            ])  # fmt: skip
        return tokens
    finally:
        await engine.dispose()


class Pages:
    """All of the agents' pages. `came` is when, by the wall clock in ms, each entry was told to which agent."""

    def __init__(self) -> None:
        self.came: dict[str, tuple[str, float]] = {}
        self.told = 0

    async def read(self, agent: str, socket: ClientWebSocketResponse) -> None:
        """Until it is closed."""
        async for message in socket:
            now = time.time() * 1000
            if message.type is not WSMsgType.TEXT:
                break
            self.told += 1
            if message.data.startswith('{"tell":"pop"'):
                self.came.setdefault(json.loads(message.data)["entry"], (agent, now))


@contextlib.asynccontextmanager
async def _pages(house: OwnHouse, tokens: Mapping[str, str]) -> AsyncIterator[Pages]:
    at = house.facts["web"].rstrip("/")
    pages, reading = Pages(), set()
    async with ClientSession(connector=TCPConnector(limit=0)) as session:
        for agent, token in tokens.items():
            headers = {"Origin": at, "Cookie": f"{COOKIE}={token}"}
            socket = await session.ws_connect(f"{at}/desk/socket", headers=headers)
            reading.add(asyncio.create_task(pages.read(agent, socket)))
        try:
            yield pages
        finally:
            for each in reading:
                each.cancel()
            await asyncio.gather(*reading, return_exceptions=True)


async def _offer(house: OwnHouse, store: RedisStore, pages: Pages, offers: int) -> dict[str, float]:
    """Calls come, are offered, answered and over."""
    web, began, told = house.pid("web"), time.monotonic(), pages.told
    cpu, cursor, memory = cpu_ms(web), (await store.snapshot()).cursor, 0.0
    offered: dict[str, tuple[str, int]] = {}
    entries = [f"{random_id()}-1" for _ in range(offers)]
    for number, entry in enumerate(entries):
        await asyncio.sleep(max(0.0, began + number / RATE - time.monotonic()))
        await _call(store, entry, number)
        cursor = await _take(store, cursor, offered, pages)
        memory = max(memory, _resident_mb(web))
    await _see_all(store, cursor, offered, pages, offers)
    lasted = time.monotonic() - began
    gaps = _gaps(offered, pages.came, entries)
    print(f"{len(gaps)} of {offers} calls came to the right page", file=sys.stderr)
    return {
        "pop_p50_ms": gaps[len(gaps) // 2],
        "pop_p99_ms": gaps[int(len(gaps) * 0.99)],
        "pop_most_ms": gaps[-1],
        "memory_mb": round(memory, 1),
        "web_core_share": round((cpu_ms(web) - cpu) / 1000 / lasted, 3),
        "told_per_s": round((pages.told - told) / lasted, 1),
    }


async def _call(store: RedisStore, entry: str, number: int) -> None:
    now, call = wall_clock(), entry.removesuffix("-1")
    caller = {"number": f"+336{number:08d}", "name": f"Caller {number}"}
    await store.save_call(call, {"session": {"caller": caller, "language": "fr", "path": ["sujet", "banc"]}})
    await store.enqueue(Entry(entry, call, QUEUE, since=now, entered=now, wrap_up_ms=0, node=NODE))


async def _see_all(store: Store, cursor: str, offered: dict[str, tuple[str, int]], pages: Pages, offers: int) -> None:
    """Until each call was seen to be offered, and is on a page: the page may be told before it is looked here. LATE_S
    at most."""
    end = time.monotonic() + LATE_S
    while min(len(offered), len(pages.came)) < offers and time.monotonic() < end:
        cursor = await _take(store, cursor, offered, pages)
        await asyncio.sleep(LOOK_S)


async def _take(store: Store, after: str, offered: dict[str, tuple[str, int]], pages: Pages) -> str:
    """Note what was offered to whom, and when by the stream's own clock; those calls are answered and over."""
    cursor = after
    for cursor, event in await store.follow(after, 0):
        if event.kind != "entry.offered" or event.data["entry"] in offered:
            continue
        entry, offer = event.data["entry"], event.data["offer"]
        offered[entry] = event.data["agent"], int(cursor.partition("-")[0])
        later = asyncio.get_running_loop().create_task(_over(store, pages, entry, offer, event.call))
        _ENDING.add(later)
        later.add_done_callback(_ENDING.discard)
    return cursor


_ENDING: set[asyncio.Task[None]] = set()
TALK_S = 2.0


async def _over(store: Store, pages: Pages, entry: str, offer: str, call: str) -> None:
    """Nobody answers a call that is not on their page: one that comes late is late, not lost."""
    end = time.monotonic() + LATE_S
    while entry not in pages.came and time.monotonic() < end:  # noqa: ASYNC110 — hundreds wait, each for its own
        await asyncio.sleep(LOOK_S)
    answered = wall_clock()
    await store.answer(entry, offer, answered)
    await asyncio.sleep(TALK_S)
    await store.finish(entry, wall_clock() - answered, wall_clock())
    await store.drop_call(call)


def _gaps(
    offered: Mapping[str, tuple[str, int]], came: Mapping[str, tuple[str, float]], entries: Sequence[str]
) -> list[float]:
    """Milliseconds, smallest first. GuichetError where a call did not come, or came to somebody else's page."""
    lost = [entry for entry in entries if entry not in came or entry not in offered]
    if lost:
        raise GuichetError(f"{len(lost)} of {len(entries)} calls never came to a page")
    astray = [entry for entry in entries if came[entry][0] != offered[entry][0]]
    if astray:
        raise GuichetError(f"{len(astray)} calls came to the page of somebody else")
    return sorted(round(came[entry][1] - offered[entry][1], 2) for entry in entries)


def _resident_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    kilobytes = next(line.split()[1] for line in lines if line.startswith("VmRSS:"))
    return int(kilobytes) / 1000
