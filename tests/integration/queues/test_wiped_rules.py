"""A Valkey that forgets everything under a dispatcher that leads, while callers wait under rules."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from redis.asyncio import Redis

from core.clock import wall_clock
from core.errors import GuichetError
from core.files import Faults
from core.ids import counted_ids
from queues.dispatcher import Dispatcher
from queues.load import load_queues
from queues.model import Agent, Device, Entry, EntryState, Status
from queues.store.redis import RedisStore
from telephony.presence import Chosen, Presence
from tests.valkey import Valkey

pytestmark = pytest.mark.native
AGENTS = ["a1", "a2", "a3"]
CALLS = [f"e{number}" for number in range(5)]
RULES = b"""
queue: q
require: [{skills: {q: 1}}]
overflow:
  - {when: staffed == 0, then: voicemail}
  - {when: idle == 0 and staffed < 3, then: end}
  - {when: waited > 0s, raise: 5, once: true}
  - {when: waited > 0s, sms: acte, once: true}
  - {when: length > 6, say: Patience.}
"""


class Call:
    """One that an engine holds, as it knows its place."""

    def __init__(self, store: RedisStore, entry: Entry) -> None:
        self._store, self._entry = store, entry

    @property
    def place(self) -> tuple[int, str]:
        return self._entry.since, self._entry.id

    async def tell_again(self) -> None:
        assert await self._store.restore(self._entry, wall_clock())


class Engine:
    """A presence on the store, with three agents in talks of their own; the history may be away."""

    def __init__(self, store: RedisStore) -> None:
        self.store = store
        self.away = False
        self.calls: dict[str, Call] = {}
        house: Any = SimpleNamespace(
            store=store, node="n1", asterisk="north", clock=wall_clock, calls=self.calls, messages=None, consults=None
        )
        self.presence = Presence(house, self._agents, self._chosen, lambda: None)

    async def _agents(self) -> Sequence[Agent]:
        return [Agent(name, f"100{number}", skills={"q": 1}) for number, name in enumerate(AGENTS)]

    async def _chosen(self) -> Sequence[Chosen]:
        if self.away:
            raise GuichetError("the database is away")
        return [Chosen(name, Status.AVAILABLE, "") for name in AGENTS]

    async def open(self) -> None:
        await self.presence.look()
        for agent in await self._agents():
            await self.store.put_agent(agent, wall_clock())
            await self.store.set_device(agent.id, Device.BUSY, wall_clock())
            await self.store.set_status(agent.id, Status.AVAILABLE, "", agent.id, wall_clock())

    async def caller(self, name: str, terms: Any) -> None:
        now = wall_clock()
        await self.store.enqueue(Entry(name, f"call-{name}", "q", now, now, node="n1", **terms))

    async def followed(self) -> list[tuple[str, str]]:
        happened = await self.store.follow("0", 0, 10_000)
        return [
            (event.data["entry"], event.data["action"]) for _, event in happened if event.kind == "entry.overflowed"
        ]


async def until(done: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(30):
        while not await done():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


@asynccontextmanager
async def running(dispatcher: Dispatcher) -> AsyncIterator[None]:
    task = asyncio.create_task(dispatcher.run())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_nobody_is_sent_away_and_nothing_is_done_twice(own_valkey: Valkey) -> None:
    faults = Faults()
    queues = dict(load_queues({"q.yaml": RULES}, faults))
    assert not faults.found
    store, theirs = RedisStore(own_valkey.url), RedisStore(own_valkey.url)
    engine = Engine(store)
    await engine.open()
    dispatcher = Dispatcher(theirs, "d1", wall_clock, counted_ids("d1"), queues=lambda _: queues, engines=True)
    async with running(dispatcher):
        for name in CALLS:
            await engine.caller(name, queues["q"].terms({}))

        async def all_were_raised_and_written_to() -> bool:
            return sorted(await engine.followed()) == sorted((each, did) for each in CALLS for did in ("raise", "sms"))

        await until(all_were_raised_and_written_to)
        before = {each.id: each for each in (await store.snapshot()).entries}
        engine.calls.update({name: Call(store, before[name]) for name in CALLS})
        async with Redis.from_url(own_valkey.url) as server:
            await server.flushall()

            async def the_dispatcher_leads_the_empty_store() -> bool:
                return bool(await server.keys("*lease*"))

            await until(the_dispatcher_leads_the_empty_store)
        engine.away = True
        assert await engine.presence.look()
        assert not await engine.presence.look(), "no call waits for what agents had chosen"
        await engine.caller("e5", queues["q"].terms({}))

        async def rules_are_followed_again() -> bool:
            return ("e5", "sms") in await engine.followed()

        await until(rules_are_followed_again)
        engine.away = False
        await engine.presence.look()
        await engine.caller("e6", queues["q"].terms({}))

        async def all_were_asked_for_patience() -> bool:
            return {name for name, did in await engine.followed() if did == "say"} == {*CALLS, "e5", "e6"}

        await until(all_were_asked_for_patience)
        assert {did for name, did in await engine.followed() if name in CALLS} == {"say"}
        after = {each.id: each for each in (await store.snapshot()).entries}
        assert {each.state for each in after.values()} == {EntryState.WAITING}
        assert [after[name].priority for name in CALLS] == [5] * len(CALLS)
    for each in (store, theirs):
        await each.close()
