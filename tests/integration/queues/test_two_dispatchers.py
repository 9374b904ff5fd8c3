"""Two dispatchers on a real Valkey: together, one after the other, and one that was frozen."""

import asyncio
import json
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


FREEZES_ITSELF = """
import asyncio, json, os, signal, sys
from queues.dispatcher import Dispatcher
from queues.store.redis import RedisStore

class Freezing(RedisStore):
    \"\"\"Stops at the worst of moments: it has decided, and the commit is not yet sent.\"\"\"

    async def offer(self, fence, proposals):
        if proposals:
            os.kill(os.getpid(), signal.SIGSTOP)
        refusals = await super().offer(fence, proposals)
        if proposals:
            print(json.dumps([[each.entry, refusal and refusal.value] for each, refusal in zip(proposals, refusals)]),
                  flush=True)
        return refusals

url, prefix, holder, lease_ms = sys.argv[1:]
asyncio.run(Dispatcher(Freezing(url, prefix), holder, lease_ms=int(lease_ms)).run())
"""


class Frozen:
    """A dispatcher in a process of its own that freezes whenever it is about to offer a call."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, valkey: Valkey, prefix: str, lease_ms: int) -> "Frozen":
        command = (sys.executable, "-c", FREEZES_ITSELF, valkey.url, prefix, "frozen", str(lease_ms))
        env = {"PYTHONPATH": str(ROOT)}
        process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=env, stdout=asyncio.subprocess.PIPE)
        return cls(process)

    async def until_stopped(self) -> None:
        stat = Path(f"/proc/{self._process.pid}/stat")
        async with asyncio.timeout(20):
            while stat.read_text().rpartition(")")[2].split()[0] != "T":  # noqa: ASYNC110 — another process
                await asyncio.sleep(0.01)

    async def wake(self) -> list[tuple[str, str]]:
        """What came of the commit that it had on its lips: each entry, and why it was refused."""
        assert self._process.stdout
        self._process.send_signal(signal.SIGCONT)
        return [(entry, refusal) for entry, refusal in json.loads(await self._process.stdout.readline())]

    async def end(self) -> None:
        self._process.kill()
        await self._process.wait()


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


@pytest.mark.parametrize(("times", "lease_ms", "frozen_s"), [(5, 200, 1), (1, 3_000, 30)])
async def test_one_that_is_frozen_with_a_commit_on_its_lips_is_refused_every_time_it_wakes(
    valkey: Valkey, times: int, lease_ms: int, frozen_s: float
) -> None:
    prefix = valkey.prefix()
    store, others = RedisStore(valkey.url, prefix), RedisStore(valkey.url, prefix)
    frozen = await Frozen.start(valkey, prefix, lease_ms)
    try:
        for count in range(times):
            await store.put_agent(
                Agent(f"a{count}", "1", status=Status.AVAILABLE, device=Device.FREE, idle_since=count), wall_clock()
            )
            await come(store, f"e{count}")
            await frozen.until_stopped()
            began = asyncio.get_running_loop().time()
            second = asyncio.create_task(Dispatcher(others, f"second-{count}", lease_ms=lease_ms).run())
            assert await offers(store, count + 1) == [(f"e{each}", f"a{each}") for each in range(count + 1)]
            await asyncio.sleep(max(0, began + frozen_s - asyncio.get_running_loop().time()))
            assert await frozen.wake() == [(f"e{count}", Refusal.STALE_FENCE.value)]
            second.cancel()
            await asyncio.gather(second, return_exceptions=True)
    finally:
        await frozen.end()
    assert check([event for _, event in await store.follow("0", 0)]) == []
    await asyncio.gather(store.close(), others.close())
