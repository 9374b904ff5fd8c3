"""Two dispatchers on a real Valkey: together, one after the other, and one that was frozen."""

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from core.clock import wall_clock
from queues.dispatcher import Dispatcher
from queues.model import Agent, Device, Entry, Refusal, Status
from queues.store.port import DISPATCHER
from queues.store.redis import RedisStore
from tests.history_checker import check
from tests.line import NOW, agent, entry, fence_of, proposal
from tests.valkey import Valkey

pytestmark = pytest.mark.native

ROOT = Path(__file__).parents[3]
PROGRAM = """
import asyncio, sys
from queues.dispatcher import Dispatcher
from queues.store.redis import RedisStore

url, prefix, holder = sys.argv[1:]
asyncio.run(Dispatcher(RedisStore(url, prefix), holder).run())
"""


async def come(store: RedisStore, name: str) -> None:
    now = wall_clock()
    await store.enqueue(Entry(name, f"call-{name}", "civil", now, now, node="n1"))


async def offers(store: RedisStore, count: int) -> list[tuple[str, str]]:
    """All offers, in their order, when there are so many."""
    found: list[tuple[str, str]] = []
    cursor = "0"
    async with asyncio.timeout(20):
        while len(found) < count:
            messages = await store.inbox("n1", cursor, 5000)
            found += [(message.entry, message.agent) for _, message in messages]
            cursor = messages[-1][0] if messages else cursor
    return found


async def test_two_at_once_offer_each_call_once_and_in_order(valkey: Valkey) -> None:
    prefix = valkey.prefix()
    stores = [RedisStore(valkey.url, prefix) for _ in range(3)]
    # a lease so short that it goes to and fro while calls come
    running = [
        asyncio.create_task(Dispatcher(store, f"d{number}", lease_ms=3).run())
        for number, store in enumerate(stores[:2])
    ]
    store = stores[2]
    for number in range(200):
        await store.put_agent(
            Agent(f"a{number:03}", "1", status=Status.AVAILABLE, device=Device.FREE, idle_since=number), wall_clock()
        )
        await come(store, f"e{number:03}")
    found = await offers(store, 200)
    assert len(set(found)) == len({entry for entry, _ in found}) == len({agent for _, agent in found}) == 200
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    assert check([event for _, event in await store.follow("0", 0, 10_000)]) == []
    await asyncio.gather(*(each.close() for each in stores))


async def test_the_fence_of_a_former_leader_is_refused(valkey: Valkey) -> None:
    store = RedisStore(valkey.url, valkey.prefix())
    await store.put_agent(agent(), NOW)
    await store.enqueue(entry())
    former = await fence_of(store, "d1")
    await store.release_lease(DISPATCHER, "d1")
    assert await fence_of(store, "d2") > former
    assert await store.offer(former, [proposal()]) == [Refusal.STALE_FENCE]
    await store.close()


async def test_a_frozen_dispatcher_is_succeeded_and_does_no_harm_when_it_wakes(valkey: Valkey) -> None:
    prefix = valkey.prefix()
    store = RedisStore(valkey.url, prefix)
    for number in range(3):
        await store.put_agent(
            Agent(f"a{number}", "1", status=Status.AVAILABLE, device=Device.FREE, idle_since=number), wall_clock()
        )
    frozen = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PROGRAM, valkey.url, prefix, "frozen"), cwd=ROOT, env={"PYTHONPATH": str(ROOT)}
    )
    try:
        await come(store, "e0")
        assert await offers(store, 1) == [("e0", "a0")]
        frozen.send_signal(signal.SIGSTOP)
        await come(store, "e1")
        second = asyncio.create_task(Dispatcher(store, "second").run())
        assert await offers(store, 2) == [("e0", "a0"), ("e1", "a1")]
        frozen.send_signal(signal.SIGCONT)
        await come(store, "e2")
        assert await offers(store, 3) == [("e0", "a0"), ("e1", "a1"), ("e2", "a2")]
        second.cancel()
        await asyncio.gather(second, return_exceptions=True)
    finally:
        frozen.kill()
        await frozen.wait()
    events = [event for _, event in await store.follow("0", 0)]
    assert check(events) == []
    await store.close()
