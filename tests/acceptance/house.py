"""The house under test, and the people around it: callers and agents with telephones of their own."""

import asyncio
import json
import os
import re
import signal
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from typing import Any, TypeVar

from redis import Redis
from sqlalchemy import make_url

from app.bench.house import OwnHouse
from core.events import Event
from history.database import make_engine
from telephony.phone import Phone, PhoneCall
from telephony.phone.moment import PATIENCE_S
from tests.history_checker import check, unfinished

CALLERS, AGENTS = "127.0.0.2", "127.0.0.3"
"""Whence they call."""
NUMBER = "3939"
LOOK_S = 0.02
JSON_COLUMNS = ("path", "choices", "requirement", "data")
ESTABLISHED = "01"
"""A state of a TCP socket in /proc/net/tcp."""

Row = dict[str, Any]
Record = Callable[[str, object], None]
"""What pytest's `record_property` is."""
T = TypeVar("T")


_numbers = count(12_340_000)


async def until(look: Callable[[], T], what: str, limit: float = PATIENCE_S) -> T:
    """Look until there is something to be seen; gives it."""
    end = time.monotonic() + limit
    while not (seen := look()):
        assert time.monotonic() < end, f"waited {limit:g} s for {what}"
        await asyncio.sleep(LOOK_S)
    return seen


async def hear_each_other(caller: PhoneCall, agent: PhoneCall) -> None:
    """A tone each way, known by its frequency."""
    caller.play_tone(440)
    agent.play_tone(1000)
    await agent.wait_tone(440)
    await caller.wait_tone(1000)
    caller.be_quiet()
    agent.be_quiet()


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody with a number, who has not registered anywhere."""

    number: str
    phone: Phone

    async def dial(self, number: str = NUMBER, **how: Any) -> PhoneCall:
        """Returns as soon as it is dialled."""
        return await self.phone.call(number, from_user=self.number, **how)

    async def reach(self, number: str = NUMBER, **how: Any) -> PhoneCall:
        """Dial and hear the first prompt."""
        call = await self.dial(number, **how)
        await call.answered.wait()
        await call.wait_sound()
        return call

    async def wait_in_line(self, key: str = "1", **how: Any) -> PhoneCall:
        """Dial and press 1, or another key that leads to a queue."""
        call = await self.reach(**how)
        await call.press(key)
        return call


@dataclass(frozen=True, slots=True)
class AgentPhone:
    """An agent at a registered phone."""

    id: str
    phone: Phone

    async def become_available(self) -> float:
        """Gives the time (time.monotonic()) from which on the phone is free again."""
        return await self._code("*10")

    async def pause(self) -> None:
        await self._code("*11")

    async def log_out(self) -> None:
        await self._code("*12")

    async def next_call(self, limit: float = PATIENCE_S) -> PhoneCall:
        """The next call that rings here."""
        return await self.phone.next_call(limit)

    async def answer(self, limit: float = PATIENCE_S) -> PhoneCall:
        call = await self.next_call(limit)
        call.answer()
        return call

    async def _code(self, code: str) -> float:
        """Dial a feature code, and listen to its confirmation to the end."""
        call = await self.phone.call(code)
        await call.answered.wait()
        await call.wait_sound()
        return await call.ended.wait(20)


class House:
    """One running Guichet, seen by one test. Everybody who telephones goes home when the test is over."""

    def __init__(self, own: OwnHouse) -> None:
        self.own = own
        self.server = (own.facts["sip"]["host"], int(own.facts["sip"]["port"]))
        self.accounts = {agent["id"]: agent for agent in own.facts["agents"]}
        self._callers: list[Caller] = []
        self._agents: list[AgentPhone] = []

    async def everybody_goes(self) -> None:
        """Hang up, log out, unregister."""
        try:
            phones = [each.phone for each in (*self._callers, *self._agents)]
            calls = [call for phone in phones for call in list(phone.calls.values())]
            await asyncio.gather(*(call.hang_up() for call in calls))
            for agent in self._agents:
                await agent.log_out()
                await agent.phone.unregister()
        finally:
            for each in (*self._callers, *self._agents):
                each.phone.close()

    def forget(self, agent: AgentPhone) -> None:
        """Somebody who is no agent any more: there is nothing to log out of."""
        self._agents.remove(agent)
        agent.phone.close()

    # --- people -------------------------------------------------------------------------------------------------

    async def caller(self, number: str = "") -> Caller:
        """Somebody with that number, or one that nobody has called from before."""
        number = number or f"+336{next(_numbers):08d}"
        phone = Phone("caller", server=self.server, ip=CALLERS)
        await phone.open()
        self._callers.append(Caller(number, phone))
        return self._callers[-1]

    async def agent(self, name: str = "", *, available: bool = False, at: "House | None" = None) -> AgentPhone:
        """That agent, or one who is not at work yet, at a phone that is registered here, or at another house."""
        at_work = {agent.id for agent in self._agents}
        account = self.accounts[name or next(each for each in self.accounts if each not in at_work)]
        phone = Phone(account["extension"], account["password"], (at or self).server, AGENTS)
        await phone.open()
        agent = AgentPhone(account["id"], phone)
        self._agents.append(agent)
        await phone.register()
        if available:
            await agent.become_available()
        return agent

    async def conversation(self) -> tuple[Caller, PhoneCall, AgentPhone, PhoneCall]:
        """A caller and an agent who talk."""
        caller, agent = await self.caller(), await self.agent(available=True)
        hers = await caller.wait_in_line()
        theirs = await agent.answer()
        await hear_each_other(hers, theirs)
        return caller, hers, agent, theirs

    # --- what it wrote down -------------------------------------------------------------------------------------

    async def contact(self, number: str, holds: Callable[[Row], Any] = bool, limit: float = PATIENCE_S) -> Row:
        """The last contact of a caller's number, when it is as wanted."""

        end = time.monotonic() + limit
        while True:
            rows = self.rows("SELECT * FROM contact WHERE number = ? ORDER BY started_at DESC LIMIT 1", number)
            if rows and holds(rows[0]):
                return rows[0]
            assert time.monotonic() < end, (
                f"waited {limit:g} s for the contact of {number} to be as wanted; it is {rows}"
            )
            await asyncio.sleep(LOOK_S)

    async def ended_contact(self, number: str, limit: float = PATIENCE_S) -> Row:
        return await self.contact(number, lambda row: row["ended_at"], limit)

    def events(self, kind: str = "") -> list[Row]:
        """All events recorded so far, oldest first; or those of one kind."""
        rows = self.rows("SELECT id, kind, at, call, data FROM event ORDER BY at, rowid")
        return [row for row in rows if kind in ("", row["kind"])]

    def event_kinds(self, call: str) -> list[str]:
        """What happened to the entries of a call, in order."""
        return [row["kind"] for row in self.events() if row["call"] == call and row["kind"].startswith("entry.")]

    async def contact_of(self, call: str) -> Row:
        """The contact that is this call."""
        return await until(lambda: next(iter(self.rows("SELECT * FROM contact WHERE id = ?", call)), None), "it")

    async def event(self, kind: str, call: str = "", limit: float = PATIENCE_S, **data: Any) -> Row:
        """The last event of a kind with these data, of that call or any, once it is recorded."""

        def look() -> Row | None:
            fitting = [
                row for row in self.events(kind) if data.items() <= row["data"].items() and call in ("", row["call"])
            ]
            return fitting[-1] if fitting else None

        return await until(look, f"an event {kind} {call} with {data}", limit)

    def rows(self, query: str, *values: Any) -> list[Row]:
        """What the history's database says."""
        url = make_url(self.own.settings.sql_url)
        if url.get_backend_name() == "postgresql":
            return postgresql_rows(self.own.settings.sql_url, query, values)
        path = url.database
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)
        try:
            connection.row_factory = sqlite3.Row
            return [_decoded(dict(row)) for row in connection.execute(query, values)]
        finally:
            connection.close()

    def recorded(self) -> list[Event]:
        """All events, in the order in which they were appended to the stream."""
        rows = self.rows("SELECT id, kind, at, call, data FROM event ORDER BY rowid")
        return [Event(row["id"], row["kind"], row["at"], row["call"], row["data"]) for row in rows]

    async def keeps_the_rules(self, limit: float = PATIENCE_S) -> None:
        """Every entry so far has its one outcome, and no rule was broken on the way there."""
        end = time.monotonic() + limit
        while left := unfinished(self.recorded()):
            assert time.monotonic() < end, f"no outcome after {limit:g} s: {left}"
            await asyncio.sleep(LOOK_S)
        broken = check(self.recorded())
        assert not broken, broken

    # --- what runs in it ----------------------------------------------------------------------------------------

    async def kill(self, name: str) -> int:
        """kill -9; gives the id of the process that died."""
        pid = await asyncio.to_thread(self.own.pid, name)
        os.kill(pid, signal.SIGKILL)
        return pid

    async def freeze(self, name: str) -> int:
        """Stop a process where it stands: it holds all it had, and does nothing. Gives its id."""
        pid = await asyncio.to_thread(self.own.pid, name)
        os.kill(pid, signal.SIGSTOP)
        return pid

    async def channels(self) -> int:
        """Asterisk's live channels."""
        said = await asyncio.to_thread(self.own.asterisk, "core show channels count")
        found = re.search(r"(\d+) active channel", said)
        assert found, said
        return int(found[1])

    async def reaches(self, peer: str, limit: float = 15.0) -> None:
        """Wait until Asterisk knows that the other one answers."""
        end = time.monotonic() + limit
        while "Avail" not in await asyncio.to_thread(self.own.asterisk, f"pjsip show aor peer-{peer}"):
            assert time.monotonic() < end, f"{peer} is not reached after {limit:g} s"
            await asyncio.sleep(0.2)

    def conversations_with_engine(self) -> int:
        """Connections between Asterisk and the engine: one for each call that the engine has in hand."""
        port = f":{self.own.settings.agi_port:04X}"
        with open("/proc/net/tcp", encoding="ascii") as table:
            sockets = [line.split() for line in table.readlines()[1:]]
        return sum(local.endswith(port) and state == ESTABLISHED for _, local, _, state, *_ in sockets)

    def traces_in_store(self) -> list[str]:
        """Keys, fields and members of the store that name a recorded call. Streams are its memory, and are left out."""
        calls = [row["id"] for row in self.rows("SELECT id FROM contact")]
        with Redis.from_url(self.own.settings.store_url, decode_responses=True) as store:
            names = [name for key in store.scan_iter() for name in (key, *_members(store, key))]
        return [name for name in names if any(call in name for call in calls)]

    async def leftovers(self) -> dict[str, Any]:
        """What is left of calls that are over: nothing, if all is well."""
        left = {
            "channels": await self.channels(),
            "connections": self.conversations_with_engine(),
            "store": self.traces_in_store(),
        }
        return {name: value for name, value in left.items() if value}

    async def is_empty(self, limit: float = PATIENCE_S) -> None:
        """Wait until nothing is left of any call."""
        end = time.monotonic() + limit
        while left := await self.leftovers():
            assert time.monotonic() < end, f"still there after {limit:g} s: {left}"
            await asyncio.sleep(LOOK_S)


def postgresql_rows(url: str, query: str, values: Sequence[Any]) -> list[Row]:
    """The same of PostgreSQL, who decodes JSON itself. A row stands where there was room, so its time
    comes before its place."""
    places = count(1)
    query = re.sub(r"\?", lambda _: f"${next(places)}", query).replace("rowid", "at, ctid")

    async def ask() -> list[Row]:
        engine = make_engine(url)
        try:
            async with engine.connect() as connection:
                return [dict(row) for row in (await connection.exec_driver_sql(query, tuple(values))).mappings()]
        finally:
            await engine.dispose()

    with ThreadPoolExecutor(1) as thread:  # there is a loop here already
        return [_decoded(row) for row in thread.submit(asyncio.run, ask()).result()]


def _decoded(row: Row) -> Row:
    """JSON columns as what they mean."""
    return {
        name: json.loads(value) if name in JSON_COLUMNS and isinstance(value, str) and value else value
        for name, value in row.items()
    }


def _members(store: Redis, key: str) -> Iterable[str]:
    """The names inside a key."""
    match store.type(key):
        case "hash":
            return [str(name) for pair in store.hgetall(key).items() for name in pair]
        case "set":
            return store.smembers(key)
        case "zset":
            return store.zrange(key, 0, -1)
        case "list":
            return store.lrange(key, 0, -1)
    return []
