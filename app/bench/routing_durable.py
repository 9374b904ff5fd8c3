"""The durable half of `bench routing`: a Valkey and a dispatcher of its own, in a folder that is gone afterwards."""

import asyncio
import resource
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter

from app.bench.valkey import STARTS_WITHIN_S, own_valkey
from core.clock import wall_clock
from queues.dispatcher import Dispatcher
from queues.model import Agent, Device, Entry, OfferMessage, Proposal, Status, Step
from queues.store.port import DISPATCHER
from queues.store.redis import RedisStore

OFFERS = 4_000
BATCH = 50
FREES = 300
IDLE_CALLERS, IDLE_S = 1_000, 10.0
TAKEN_IN_S = 2.0
"""Long after the dispatcher has heard of the last: taking them in costs as much as a minute of their waiting."""
WHY = (
    "a7 is the least over-qualified (idle 42 s) of 3 ready agents with civil >= 1, before a8 (1 level above, idle 9 s)"
)


async def durable() -> dict[str, float]:
    """Its figures, by name."""
    with tempfile.TemporaryDirectory(prefix="bench-", dir="/tmp") as folder:
        async with own_valkey(Path(folder)) as url:
            figures = {
                "durable_pipelined_per_s": await _offers_per_s(url, "{pipelined}:", BATCH),
                "durable_single_per_s": await _offers_per_s(url, "{single}:", 1),
            }
            waits = await _free_to_offer(url, "{free}:")
            figures["free_to_offer_p50_ms"] = statistics.median(waits)
            figures["free_to_offer_p99_ms"] = statistics.quantiles(waits, n=100, method="inclusive")[98]
            figures["idle_core_share_per_1000"] = await _idle_share(url, "{idle}:")
            return figures


@asynccontextmanager
async def _store(url: str, prefix: str) -> AsyncIterator[RedisStore]:
    store = RedisStore(url, prefix)
    try:
        yield store
    finally:
        await store.close()


async def _offers_per_s(url: str, prefix: str, batch: int) -> float:
    async with _store(url, prefix) as store:
        now = wall_clock()
        fence = await store.take_lease(DISPATCHER, "bench", 600_000)
        assert fence is not None
        await asyncio.gather(*(store.enqueue(_entry(number, now)) for number in range(OFFERS)))
        await asyncio.gather(*(store.put_agent(_agent(number), now) for number in range(OFFERS)))
        proposals = [Proposal(f"o{n}", f"e{n}", f"a{n}", now, now + 50_000, WHY) for n in range(OFFERS)]
        began = perf_counter()
        for start in range(0, OFFERS, batch):
            refusals = await store.offer(fence, proposals[start : start + batch])
            assert not any(refusals), refusals
        return OFFERS / (perf_counter() - began)


async def _free_to_offer(url: str, prefix: str) -> Sequence[float]:
    """In ms, FREES times: one agent, and a call that waits each time."""
    async with _dispatcher(url, prefix), _store(url, prefix) as store:
        await store.put_agent(Agent("a0", "1", status=Status.PAUSED, device=Device.FREE, wrap_up_ms=0), wall_clock())
        cursor, waits = "0", list[float]()
        for number in range(FREES):
            await store.enqueue(_entry(number, wall_clock()))
            inbox = asyncio.create_task(store.inbox("n1", cursor, 10_000))
            await asyncio.sleep(0.005)
            began = perf_counter()
            await store.set_status("a0", Status.AVAILABLE, "", "a0", wall_clock())
            [(cursor, offer)] = await inbox
            assert isinstance(offer, OfferMessage)
            waits.append((perf_counter() - began) * 1000)
            await store.answer(offer.entry, offer.offer, wall_clock())
            await store.set_status("a0", Status.PAUSED, "", "a0", wall_clock())
            await store.finish(offer.entry, 1, wall_clock())
        return waits


async def _idle_share(url: str, prefix: str) -> float:
    """Nobody can take the calls, which the dispatcher has taken in and which wait."""
    async with _dispatcher(url, prefix) as process, _store(url, prefix) as store:
        now = wall_clock()
        await asyncio.gather(*(store.enqueue(_entry(number, now)) for number in range(IDLE_CALLERS)))
        await asyncio.sleep(TAKEN_IN_S)
        before = await _cpu_s(process)
        await asyncio.sleep(IDLE_S)
        return (await _cpu_s(process) - before) / IDLE_S / (IDLE_CALLERS / 1000)


def _entry(number: int, now: int) -> Entry:
    steps = [Step(skills={"civil": 1}, for_ms=60_000), Step()]
    return Entry(f"e{number}", f"c{number}", "civil", now, now, steps, node="n1", wrap_up_ms=0)


def _agent(number: int) -> Agent:
    return Agent(f"a{number}", "1", skills={"civil": 2}, status=Status.AVAILABLE, device=Device.FREE)


# --- the dispatcher's process -----------------------------------------------------------------------------------------


@asynccontextmanager
async def _dispatcher(url: str, prefix: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app.bench.routing_durable", url, prefix),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        await _cpu_s(process)
        yield process
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


async def _cpu_s(process: asyncio.subprocess.Process) -> float:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"\n")
    async with asyncio.timeout(STARTS_WITHIN_S):
        return float(await process.stdout.readline())


async def _dispatch(url: str, prefix: str) -> None:
    """Dispatch until stdin ends; each line there is answered with the processor time so far, in seconds."""
    store = RedisStore(url, prefix)
    dispatcher = asyncio.create_task(Dispatcher(store, "bench").run())
    while await asyncio.to_thread(sys.stdin.readline):
        used = resource.getrusage(resource.RUSAGE_SELF)
        print(used.ru_utime + used.ru_stime, flush=True)
    dispatcher.cancel()
    await asyncio.gather(dispatcher, return_exceptions=True)
    await store.close()


if __name__ == "__main__":
    import uvloop

    uvloop.run(_dispatch(*sys.argv[1:]))
