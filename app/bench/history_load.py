"""What is done to the large history, and how long it takes."""

import asyncio
import gc
import itertools
import os
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from random import Random

import numpy as np
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.bench.history_data import Data
from app.install.display import Display
from core.clock import wall_clock
from core.events import Event, Unread
from history.database import make_engine, migrate, step_back
from history.lookup import Lookup
from history.measures.asked import By, Question
from history.measures.report import make_report
from history.models import Contact
from history.pop import ScreenPops
from history.pseudonyms import Pseudonyms
from history.recorder import Recorder
from history.recording import Rules
from history.search.find import search
from simulator.demo.events import events_of
from simulator.demo.lives import DAY_MS, NOBODY, draw_lives
from simulator.demo.people import FIRST_NAMES, LAST_NAMES, MATTERS, numbers
from simulator.demo.rows import case_number

POPS, COLD_POPS, SEARCHES, REPORTS = 3_000, 1_000, 1_000, 3
WARM = 300
WARM_UP = 200_000
"""Events until the recorder's process has the size that it keeps, with a small history too."""
CALLS_A_DAY = 100_000
MIGRATED_FROM = "0010"
"""Before the latest indexes on large tables. Going back further would lose what those migrations brought."""
PROBE_EVERY_S = 0.02
MIGRATION_LIMIT_MS = 30_000
"""Nothing is cut off while it is measured: a house answers without the history after a fraction of that."""

Figures = dict[str, float]


async def look_after(url: str) -> None:
    """What PostgreSQL does by itself from day to day, and could not yet since so much was loaded at once."""
    engine = make_engine(url, longest_s=None)
    if engine.dialect.name == "postgresql":
        async with engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.execute(text("VACUUM ANALYZE"))
    await engine.dispose()


def p99(values: Sequence[float]) -> float:
    return sorted(values)[min(len(values) - 1, len(values) * 99 // 100)]


async def _timed(times: int, work: Callable[[int], Awaitable[object]]) -> list[float]:
    """Milliseconds each; the first ones, which fill caches, are left out."""
    taken = []
    for turn in range(WARM + times):
        begun = time.perf_counter()
        await work(turn)
        taken.append((time.perf_counter() - begun) * 1000)
    return taken[WARM:]


async def popping(engine: AsyncEngine, data: Data, times: int, name: str) -> Figures:
    """Random people's stories."""
    chance = Random(name)
    people = np.array([chance.randrange(1, data.people + 1) for _ in range(WARM + times)])
    phones = numbers(people)
    pops = ScreenPops(engine, clock=lambda: data.days[-1])
    try:
        taken = await _timed(times, lambda turn: pops.pop(f"bench-{turn}", phones[turn]))
    finally:
        await pops.close()
    return {f"{name}_p50_ms": statistics.median(taken), f"{name}_p99_ms": p99(taken)}


async def searching(engine: AsyncEngine, data: Data) -> Figures:
    """What agents type: in turn part of a number, a whole number, a name, the beginnings of two, a case, a word."""
    chance = Random(3)

    def typed(turn: int) -> str:
        number = numbers(np.array([chance.randrange(1, data.people + 1)]))[0]
        match turn % 6:
            case 0:
                begin = chance.randrange(3, 7)
                return number[begin : begin + chance.randrange(5, 7)]
            case 1:
                return f"0{number[3:]}"
            case 2:
                return chance.choice(LAST_NAMES).upper()
            case 3:
                return f"{chance.choice(FIRST_NAMES)[:4]} {chance.choice(LAST_NAMES)[:4]}"
            case 4:
                return case_number(chance.randrange(data.contacts))
        return " ".join(chance.choice(chance.choice(MATTERS).notes).split()[:2])

    taken = await _timed(SEARCHES, lambda turn: search(engine, typed(turn), "FR"))
    return {"search_p50_ms": statistics.median(taken), "search_p99_ms": p99(taken)}


async def reporting(engine: AsyncEngine, data: Data) -> Figures:
    """The same report several times; the median."""
    day = data.day
    question = Question(data.days[day : day + 2], now=data.days[-1], by=By.QUEUE)
    taken = []
    for _ in range(REPORTS):
        begun = time.perf_counter()
        report = await make_report(engine, question)
        taken.append(time.perf_counter() - begun)
    return {"day_report_s": statistics.median(taken), "day_report_contacts": report.total.contacts}


class Handed:
    """A stream that hands out events as fast as they are taken. How long making them up took is told apart."""

    def __init__(self, events: Iterator[Event]) -> None:
        self._events, self._cursors = events, itertools.count()
        self.making_s = 0.0

    async def join_group(self, group: str) -> None: ...

    async def read_group(self, group: str, consumer: str, wait_ms: int, most: int) -> list[tuple[str, Event | Unread]]:  # noqa: ARG002
        begun = time.perf_counter()
        made = list(itertools.islice(self._events, most))
        self.making_s += time.perf_counter() - begun
        return [(str(next(self._cursors)), event) for event in made]

    async def acknowledge(self, group: str, cursors: Sequence[str]) -> None: ...

    async def group_lag(self, group: str) -> int:  # noqa: ARG002
        return 0

    async def trim(self, before: int) -> None: ...


async def growing(
    url: str, data: Data, events: int, display: Display, warm_up: int = WARM_UP,
    memory: Callable[[], float] | None = None,
) -> Figures:  # fmt: skip
    """The recorder on new calls of people who are mostly known, on connections of its own, as its process has it. Speed
    and memory are looked at after so many other events as a `warm_up`, however few are measured: before, the pages
    that SQLite keeps (TUNING) and what the allocator keeps are filled once."""
    engine, megabytes = make_engine(url), memory or _memory_mb
    name = engine.dialect.name
    try:
        happening = _new_events(data, warm_up + events, await _days_recorded(engine, data))
        first = Handed(itertools.islice(happening, warm_up))
        await _recorded(engine, first, warm_up, lambda done: display.step(f"{name}: warm-up", done, warm_up))
        before = megabytes()
        rest = Handed(happening)
        done, taken = await _recorded(engine, rest, events, lambda done: display.step(f"{name}: events", done, events))
        return {"events_per_s": done / taken, "recorder_growth_mb": megabytes() - before}
    finally:
        await engine.dispose()


async def _recorded(
    engine: AsyncEngine, source: Handed, most: int, tell: Callable[[int], None]
) -> tuple[int, float]:  # fmt: skip
    """How many were recorded, and the seconds that it took."""
    recorder = Recorder(source, engine, wall_clock, Rules("FR", Pseudonyms(b"for benchmarks only")))
    done, begun = 0, time.perf_counter()
    while done < most and (read := await recorder.step()):
        done += read
        tell(done)
    assert recorder.progress.poisoned == 0, "made-up events are good ones"
    return done, time.perf_counter() - begun - source.making_s


async def _days_recorded(engine: AsyncEngine, data: Data) -> int:
    """How many days behind the data's own earlier runs on this database have recorded."""
    async with engine.connect() as connection:
        last = await connection.scalar(select(func.max(Contact.started_at)))
    return max(0, (int(last or 0) - data.days[-1]) // DAY_MS + 1)


def _new_events(data: Data, events: int, skip: int) -> Iterator[Event]:
    """Calls of further days, in order of time as far as a call's own events go. `skip` days were recorded by earlier
    runs: what was recorded once would only be looked up again, so days and ids begin behind them."""
    calls = events // 6
    days = [data.days[-1] + (skip + day) * DAY_MS for day in range(max(1, -(-calls // CALLS_A_DAY)))]
    lives = draw_lives(calls, data.people, days, seed=9 + skip)
    first = data.contacts + skip * CALLS_A_DAY
    for begin in range(0, len(lives), 10_000):
        part = lives.part(begin, begin + 10_000)
        phones = ["" if who == NOBODY else number for who, number in
                  zip(part.person.tolist(), numbers(np.maximum(part.person, 1)), strict=True)]  # fmt: skip
        yield from events_of(part, first + begin, phones)


def _memory_mb() -> float:
    gc.collect()
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


async def migrating(url: str, data: Data) -> Figures:
    """Back to before the indexes, and on again, while calls begin: each looks its caller up, as the engine does."""
    await step_back(url, MIGRATED_FROM)
    engine = make_engine(url)
    lookup, pops = Lookup(engine, "FR", MIGRATION_LIMIT_MS), ScreenPops(engine, limit_ms=MIGRATION_LIMIT_MS)
    chance = Random(4)
    phones = numbers(np.array([chance.randrange(1, data.people + 1) for _ in range(500)]))
    over = asyncio.Event()
    taken: list[float] = []
    popped: list[float] = []

    async def calls() -> None:
        for turn, number in enumerate(itertools.cycle(phones)):
            if over.is_set():
                return
            begun = time.perf_counter()
            await lookup.caller(number)
            looked_up = time.perf_counter()
            await pops.pop(f"bench-{turn}", number)
            taken.append((looked_up - begun) * 1000)
            popped.append((time.perf_counter() - looked_up) * 1000)
            await asyncio.sleep(PROBE_EVERY_S)

    probe = asyncio.create_task(calls())
    begun = time.perf_counter()
    try:
        await asyncio.to_thread(lambda: asyncio.run(migrate(url)))
    finally:
        over.set()
        await probe
        await lookup.close()
        await pops.close()
        await engine.dispose()
    return {
        "migration_s": time.perf_counter() - begun,
        "migration_call_p99_ms": p99(taken),
        "migration_pop_p99_ms": p99(popped),
        "migration_calls_per_s": len(taken) / (time.perf_counter() - begun),
    }
