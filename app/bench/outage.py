"""What a database that is away costs: `./guichet bench outage`, on SQLite and on a PostgreSQL of its own.

The history process of a house, a Valkey and the database. Calls are told to the store as calls do it; some first, while
all is well. Then the database goes away (PostgreSQL is killed; SQLite's file is locked by somebody else), and as many
calls as ten minutes bring at 50 a second are told as fast as the store takes them (`--calls`, 30,000). Then the
database is back. Afterwards its rows are compared with those of a database that was never away.

…_lag_events        the backlog, as the lag's metric told it at its greatest
…_replay_s          from the database's return until nothing is left to record
…_replayed_per_s    events a second on that way
…_tables_differ     tables whose checksums are not those of the undisturbed database
…_growth_mb         by how much the history process grew from its start of work to the end of the replay, at its most
…_told_p99_ms       what a call waits until the store has what happened, while the database is away
…_told_p99_before_ms    the same before
"""

import asyncio
import contextlib
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Protocol

import numpy as np

from app.bench.checksums import checksums
from app.bench.history_load import Handed, p99
from app.bench.postgresql import PostgresqlServer
from app.bench.recorder_process import RecorderProcess
from app.bench.valkey import own_valkey
from app.install.display import Display
from app.install.places import native_folder
from app.install.postgresql import postgresql_programs
from core.clock import wall_clock
from core.events import Event
from history.database import make_engine, migrate
from history.pseudonyms import Pseudonyms, load_key
from history.recorder import Recorder
from history.recording import Rules
from queues.store.redis import RedisStore
from simulator.demo.events import events_of
from simulator.demo.lives import NOBODY, draw_lives
from simulator.demo.people import numbers

CALLS = 50 * 600
"""Ten minutes at 50 a second."""
BEFORE = 20
"""One call in so many is told while all is well."""
DAYS = (1_790_000_000_000,)
PATIENCE_S = 600.0
KEY = "pseudonyms.key"
LAG = "guichet_history_lag_events"
AWAY = "guichet_history_away_seconds"
RECORDED = "guichet_history_recorded_total"
TARGETS = {
    f"{database}_{name}": target
    for database in ("sqlite", "postgresql")
    for name, target in {"tables_differ": "0", "growth_mb": "<= 25"}.items()
}

Calls = Sequence[Sequence[Event]]
"""The events of each, in the order in which the calls began."""


class Database(Protocol):
    """One that can be made to go away."""

    name: str
    url: str

    def go(self) -> None: ...
    def come_back(self) -> None: ...


class LockedSqlite:
    """SQLite does not go away; but whoever holds the lock of its file (a backup gone wrong, a forgotten tool) keeps
    everybody else from writing."""

    name = "sqlite"

    def __init__(self, folder: Path) -> None:
        self._file = folder / "history.db"
        self.url = f"sqlite+aiosqlite:///{self._file}"
        self._holder: sqlite3.Connection | None = None

    def go(self) -> None:
        self._holder = sqlite3.connect(self._file, isolation_level=None, timeout=30)
        self._holder.execute("BEGIN IMMEDIATE")

    def come_back(self) -> None:
        if self._holder:
            self._holder.execute("ROLLBACK")
            self._holder.close()


class KilledPostgresql:
    """A server that crashes and is started again."""

    name = "postgresql"

    def __init__(self, server: PostgresqlServer) -> None:
        self._server = server
        self.url = server.url("postgres")

    def go(self) -> None:
        self._server.stop(signal.SIGQUIT)

    def come_back(self) -> None:
        self._server.start()


@dataclass(frozen=True, slots=True)
class Outage:
    """What was seen. `lags`: the metric, as it was told one time after the other."""

    lags: Sequence[float]
    backlog: int
    """Events told while the database was away."""
    replay_s: float
    differ: Sequence[str]
    growth_mb: float
    poisoned: float
    told_before_ms: Sequence[float]
    told_away_ms: Sequence[float]

    def figures(self) -> dict[str, float]:
        return {
            "lag_events": max(self.lags),
            "replay_s": self.replay_s,
            "replayed_per_s": self.backlog / self.replay_s,
            "tables_differ": len(self.differ),
            "growth_mb": self.growth_mb,
            "told_p99_ms": p99(self.told_away_ms),
            "told_p99_before_ms": p99(self.told_before_ms),
        }


async def run(calls: int = CALLS, only: str = "") -> Mapping[str, float]:
    """`only`: `sqlite` or `postgresql`; both, where it is empty."""
    figures: dict[str, float] = {}
    display, made = Display(), make_calls(calls)
    with tempfile.TemporaryDirectory(prefix="outage-", dir="/tmp") as place:
        folder = Path(place)
        display.step("a database that is never away")
        expected = await undisturbed(folder, made)
        for name in (only,) if only else ("sqlite", "postgresql"):
            async with own_valkey(folder) as store_url:
                with database(name, folder) as one:
                    seen = await outage(one, folder, store_url, made, expected, display)
            found = {f"{name}_{figure}": value for figure, value in seen.figures().items()}
            print(f"  {found}", file=sys.stderr)  # said at once as well: the whole takes long
            figures |= found
    display.clear()
    return figures


@contextlib.contextmanager
def database(name: str, folder: Path) -> Iterator[Database]:
    """A fresh one; SQLite's file is in the folder. PostgreSQL's commits are on the disk: what it said is committed
    survives a crash."""
    if name == "sqlite":
        yield LockedSqlite(folder)
        return
    with PostgresqlServer(postgresql_programs(native_folder(), own=True)) as server:
        yield KilledPostgresql(server)


def make_calls(count: int) -> Calls:
    """Made-up calls of a tenth as many people (simulator/demo), all alike at every run."""
    people = max(1, count // 10)
    lives = draw_lives(count, people, DAYS, seed=5)
    whose = zip(lives.person.tolist(), numbers(np.maximum(lives.person, 1)), strict=True)
    phones = ["" if who == NOBODY else number for who, number in whose]
    return [list(events) for _, events in groupby(events_of(lives, 0, phones), key=_call_of)]


def _call_of(event: Event) -> str:
    return event.call or event.id.rpartition("-")[0]


async def outage(
    database: Database, folder: Path, store_url: str, calls: Calls, expected: Mapping[str, str], display: Display
) -> Outage:
    """The whole of it, on a store that nobody else uses. `expected` is what `undisturbed` gave for the same folder."""
    before, meanwhile = calls[: len(calls) // BEFORE], calls[len(calls) // BEFORE :]
    await migrate(database.url)
    lags: list[float] = []
    async with _store(store_url) as store, _watching(folder, store_url, database, lags) as recorder:
        display.step(f"{database.name}: all is well")
        told_before = await _tell(store, before)
        await recorder.told(RECORDED, _events(before), _events(before), PATIENCE_S)
        lags[:] = [await recorder.told(LAG, 0, 0, PATIENCE_S)]
        held = recorder.memory_mb()
        display.step(f"{database.name}: the database is away, {len(meanwhile):,} calls come in")
        await asyncio.to_thread(database.go)
        try:
            told_away = await _tell(store, meanwhile)
            await recorder.told(AWAY, 0.001, float("inf"), PATIENCE_S)
            await recorder.told(LAG, _events(meanwhile), _events(meanwhile), PATIENCE_S)
        finally:
            await asyncio.to_thread(database.come_back)
        display.step(f"{database.name}: it is back")
        begun = time.perf_counter()
        async with asyncio.timeout(PATIENCE_S):
            while await store.group_lag("history"):  # noqa: ASYNC110 — what is waited for has no event
                await asyncio.sleep(0.05)
        replay_s = time.perf_counter() - begun
        lags.append(await recorder.told(LAG, 0, 0, PATIENCE_S))
        poisoned, most = recorder.figures()["guichet_history_poisoned_total"], recorder.most_memory_mb()
    display.step(f"{database.name}: comparing")
    found = await _checksums(database.url)
    differ = [table for table in expected if expected[table] != found[table]]
    return Outage(lags, _events(meanwhile), replay_s, differ, most - held, poisoned, told_before, told_away)


def _events(calls: Calls) -> int:
    return sum(map(len, calls))


async def _tell(store: RedisStore, calls: Calls) -> list[float]:
    """One after the other; gives the milliseconds that each took."""
    taken = []
    for events in calls:
        begun = time.perf_counter()
        await store.emit(events)
        taken.append((time.perf_counter() - begun) * 1000)
    return taken


async def undisturbed(folder: Path, calls: Calls) -> dict[str, str]:
    """The checksums of a database that was never away. The key of the pseudonyms is made in the folder."""
    place = folder / "undisturbed"
    url = f"sqlite+aiosqlite:///{place / 'history.db'}"
    await migrate(url)
    engine = make_engine(url)
    events = (event for call in calls for event in call)
    rules = Rules("FR", Pseudonyms(load_key(folder / KEY)))
    recorder = Recorder(Handed(events), engine, wall_clock, rules)
    try:
        while await recorder.step():
            pass
        return await checksums(engine)
    finally:
        await engine.dispose()
        await asyncio.to_thread(shutil.rmtree, place)


async def _checksums(url: str) -> dict[str, str]:
    engine = make_engine(url, longest_s=None)
    try:
        return await checksums(engine)
    finally:
        await engine.dispose()


@contextlib.asynccontextmanager
async def _store(url: str) -> AsyncIterator[RedisStore]:
    store = RedisStore(url)
    try:
        yield store
    finally:
        await store.close()


@contextlib.asynccontextmanager
async def _watching(
    folder: Path, store_url: str, database: Database, lags: list[float]
) -> AsyncIterator[RecorderProcess]:
    """The history process, and its lag's metric noted each time that it changes."""

    async def watch(recorder: RecorderProcess) -> None:
        while True:
            lag = recorder.figures().get(LAG)
            if lag is not None and lag != (lags[-1] if lags else None):
                lags.append(lag)
            await asyncio.sleep(0.05)

    with RecorderProcess(folder / database.name, store_url, database.url, folder / KEY) as recorder:
        watching = asyncio.create_task(watch(recorder))
        try:
            yield recorder
        finally:
            watching.cancel()
