"""What the history costs when it is large: `./guichet bench history`, on SQLite and on a PostgreSQL of its own.

`--contacts N` (10 million) of N/10 people, made up (simulator/demo), loaded in bulk: that takes most of the time. With
`--folder DIR` the databases are made there, kept, and found there the next time; `--make-only` makes them and measures
nothing. `--part NAME` measures that alone: pop, search, report, recorder, migration; it may be given several times.

…_screen_pop_p99_ms     a citizen's story for the agent's screen, of random people, one after the other
…_screen_pop_cold_p99_ms  the same, where the system keeps nothing of the database's files in memory
…_search_p99_ms         parts of numbers, names, case numbers, words of notes, as agents would type them
…_day_report_s          all measures of a day in all and by queue, of the day nearest to 100,000 contacts, ripe
…_events_per_s          the recorder, on top of all those contacts: from events in hand to rows committed (making up the
                        events is left out)
…_recorder_growth_mb    by how much its memory grew over a million events (or a tenth of the contacts, at least 20,000),
                        after 200,000 others: until then caches fill, once and for all
…_migration_s           the indexes of the latest large migration made again: those on contacts and on what is searched
…_migration_call_p99_ms a caller looked up meanwhile, as each call begins; …_migration_pop_p99_ms: a story for a screen
…_load                  how many wanted a processor of the machine meanwhile, at most, by its own account

The database is measured as a service has it: PostgreSQL has vacuumed and counted its tables, as it does by itself day
by day; the files have been read through once, so that what memory can hold is there (some 13 GB for ten million); and
the first answers, which fill the database's own caches, are left out. The cold pops alone come before that. What others
do on the machine is not left out: see the load.
"""

import contextlib
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from app.bench.caches import files_of, forget, warm
from app.bench.history_data import Data, make_data
from app.bench.history_load import (
    COLD_POPS,
    POPS,
    Figures,
    growing,
    look_after,
    migrating,
    popping,
    reporting,
    searching,
)
from app.bench.postgresql import PostgresqlServer
from app.install.display import Display
from app.install.places import native_folder
from app.install.postgresql import postgresql_programs
from core.errors import GuichetError
from history.database import make_engine

TARGETS = {
    f"{database}_{name}": target
    for database in ("sqlite", "postgresql")
    for name, target in {
        "screen_pop_p99_ms": "<= 5",
        "search_p99_ms": "<= 50",
        "day_report_s": "<= 2",
        "events_per_s": ">= 5,000",
        "recorder_growth_mb": "<= 5",
    }.items()
}
CONTACTS = 10_000_000
EVENTS = 1_000_000
POSTGRESQL = {
    "shared_buffers": "2GB",
    "effective_cache_size": "8GB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "30min",
    "random_page_cost": "1.1",
    "work_mem": "64MB",
}
"""As for a machine with an SSD that has little else to do. Commits wait for the disk."""


PARTS = ("pop", "search", "report", "recorder", "migration")


async def run(
    contacts: int = CONTACTS, folder: Path | None = None, only: str = "", part: Sequence[str] = (), *,
    make_only: bool = False,
) -> Mapping[str, float]:  # fmt: skip
    """`only`: `sqlite` or `postgresql`; both, where it is empty. `part`: some of PARTS; all, where none is named."""
    if make_only and folder is None:
        raise GuichetError("With --make-only, say by --folder DIR where the databases are to stay.")
    display = Display()
    figures: dict[str, float] = {}
    kept = folder or Path(tempfile.mkdtemp(prefix="guichet-history-", dir="/tmp"))
    kept.mkdir(parents=True, exist_ok=True)
    kept.chmod(0o755)  # PostgreSQL runs as another user
    try:
        for database in (only,) if only else ("sqlite", "postgresql"):
            async with _url(database, kept) as url:
                data = await make_data(url, kept / f"{database}.json", contacts, display)
                if make_only:
                    continue
                place = kept / ("history.db" if database == "sqlite" else "pg/data/base")
                events = min(EVENTS, max(20_000, contacts // 10))
                found = await _measured(url, place, data, events, part or PARTS, display)
                figures |= {f"{database}_{name}": value for name, value in found.items()}
    finally:
        display.clear()
        if folder is None:
            import shutil

            shutil.rmtree(kept, ignore_errors=True)
    return figures


@contextlib.asynccontextmanager
async def _url(database: str, folder: Path) -> AsyncIterator[str]:
    if database == "sqlite":
        yield f"sqlite+aiosqlite:///{folder / 'history.db'}"
        return
    with PostgresqlServer(postgresql_programs(native_folder(), own=True), folder / "pg", POSTGRESQL) as server:
        yield server.url("postgres")


async def _measured(
    url: str, place: Path, data: Data, events: int, parts: Sequence[str], display: Display
) -> dict[str, float]:  # fmt: skip
    """`place`: where the database's files are."""
    engine = make_engine(url)
    work: Mapping[str, tuple[str, Callable[[], Awaitable[Figures]]]] = {
        "pop": ("screen pops", lambda: popping(engine, data, POPS, "screen_pop")),
        "search": ("searches", lambda: searching(engine, data)),
        "report": ("a day's report", lambda: reporting(engine, data)),
        "recorder": (f"{events:,} events", lambda: growing(url, data, events, display)),
        "migration": ("a migration while calls come in", lambda: migrating(url, data)),
    }
    figures: dict[str, float] = {}
    load = os.getloadavg()[0]
    try:
        display.step(f"{engine.dialect.name}: vacuum")
        await look_after(url)
        if "pop" in parts:
            display.step(f"{engine.dialect.name}: screen pops without the system's cache")
            forget(files_of(place))
            figures |= _told(await popping(engine, data, COLD_POPS, "screen_pop_cold"))
        display.step(f"{engine.dialect.name}: reading the files through")
        figures["read_through_mb"] = warm(files_of(place)) / 1e6
        for name in (name for name in PARTS if name in parts):
            what, measure = work[name]
            display.step(f"{engine.dialect.name}: {what}")
            figures |= _told(await measure())
            load = max(load, os.getloadavg()[0])
        figures["load"] = load
    finally:
        await engine.dispose()
    return figures


def _told(figures: dict[str, float]) -> dict[str, float]:
    """Said at once as well: the whole takes long."""
    print(f"  {figures}", file=sys.stderr)
    return figures
