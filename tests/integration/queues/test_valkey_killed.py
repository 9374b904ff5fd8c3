"""Valkey is killed while calls come, are offered, answered and ended: everybody goes on, nothing is lost."""

import asyncio

import pytest

from core.clock import wall_clock
from core.events import Event
from core.ids import random_id
from queues.dispatcher import Dispatcher
from queues.model import Agent, Device, Entry, OfferMessage, Status
from queues.store.redis import RedisStore
from tests.history_checker import check, unfinished
from tests.valkey import Valkey

pytestmark = pytest.mark.native

CALLS = 120
CALLERS = 12
AGENTS = 8
TIME_LIMIT_S = 60


class House:
    """A node that holds calls, and agents who answer at once. `said` is what the store acknowledged."""

    def __init__(self, url: str, prefix: str) -> None:
        self.store = RedisStore(url, prefix)
        self.said: list[str] = []
        self._over: dict[str, asyncio.Event] = {}

    async def call(self, name: str) -> None:
        self._over[name] = asyncio.Event()
        now = wall_clock()
        await self.store.save_call(name, {"step": "queue"}, [Event(f"{name}-arrived", "call.arrived", now, name)])
        self.said.append(f"{name}-arrived")
        assert await self.store.enqueue(Entry(f"e-{name}", name, "civil", now, now, node="n1", wrap_up_ms=5))
        self.said.append(f"e-{name}-entered")
        await self._over[name].wait()
        assert await self.store.drop_call(name, [Event(f"{name}-ended", "call.ended", wall_clock(), name)])
        self.said.append(f"{name}-ended")

    async def several_calls(self, first: int) -> None:
        for number in range(first, CALLS, CALLERS):
            await self.call(f"c{number}")

    async def hear_offers(self) -> None:
        cursor = "0"
        async with asyncio.TaskGroup() as talks:
            while True:
                offers = await self.store.inbox("n1", cursor, 1000)
                for _, message in offers:
                    talks.create_task(self._talk(message))
                cursor = offers[-1][0] if offers else cursor

    async def _talk(self, message: OfferMessage) -> None:
        assert await self.store.ringing(message.entry, message.offer, wall_clock()) is None
        assert await self.store.answer(message.entry, message.offer, wall_clock()) is None
        self.said.append(f"{message.offer}-answered")
        assert await self.store.finish(message.entry, 1, wall_clock()) is None
        self.said.append(f"{message.entry}-finished")
        self._over[message.call].set()


async def test_valkey_is_killed_twice_under_load_and_nothing_acknowledged_is_lost(own_valkey: Valkey) -> None:
    prefix = own_valkey.prefix()
    house = House(own_valkey.url, prefix)
    dispatching = RedisStore(own_valkey.url, prefix)
    for number in range(AGENTS):
        await house.store.put_agent(
            Agent(f"a{number}", f"1{number:02}", status=Status.AVAILABLE, device=Device.FREE), wall_clock()
        )
    helpers = [
        asyncio.create_task(house.hear_offers()),
        asyncio.create_task(Dispatcher(dispatching, random_id()).run()),
    ]
    async with asyncio.timeout(TIME_LIMIT_S), asyncio.TaskGroup() as callers:
        for first in range(CALLERS):
            callers.create_task(house.several_calls(first))
        for share in (0.2, 0.5):
            while len(house.said) < CALLS * 5 * share:  # noqa: ASYNC110 — any moment of the work will do
                await asyncio.sleep(0.001)
            own_valkey.kill()
            await asyncio.to_thread(own_valkey.start)
    for helper in helpers:
        helper.cancel()
    await asyncio.gather(*helpers, return_exceptions=True)
    events = [event for _, event in await house.store.follow("0", 0, 100_000)]
    assert await house.store.live_calls() == {}
    await asyncio.gather(house.store.close(), dispatching.close())
    told = [event.id for event in events]
    assert set(house.said) <= set(told)
    assert check(events) == []
    assert unfinished(events) == set()
    assert len({name for name in told if name.endswith("-finished") and not name.endswith("-agent-finished")}) == CALLS
