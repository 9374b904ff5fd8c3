"""What `./guichet bench history --part recorder` hands to the recorder."""

import sqlite3
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from app.bench.history_data import Data
from app.bench.history_load import growing
from app.install.display import Display
from history.models import Contact
from tests.integration.history.helping import rows

DAY_MS = 86_400_000
START = 1_790_000_000_000


async def test_measuring_again_on_the_same_database_records_further_calls_not_the_same_ones(
    sqlite_engine: AsyncEngine, sqlite_url: str
):
    data = Data(contacts=1_000, people=50, days=[START, START + DAY_MS], by_day=[1_000])
    for run in (1, 2, 3):
        figures = await growing(sqlite_url, data, 600, Display(), warm_up=0)
        assert figures["events_per_s"] > 0
        assert len(await rows(sqlite_engine, Contact)) == run * 100
    days = {(contact["started_at"] - START) // DAY_MS for contact in await rows(sqlite_engine, Contact)}
    assert days == {1, 2, 3}


async def test_what_is_measured_comes_after_a_warm_up_however_little_it_is(sqlite_engine: AsyncEngine, sqlite_url: str):
    """Before it, caches fill once, which is no growth."""
    file, seen = Path(make_url(sqlite_url).database or ""), []

    def memory() -> float:
        with sqlite3.connect(file) as connection:
            [(events,)] = connection.execute("SELECT count(*) FROM event")
        seen.append(events)
        return float(min(events, 1_200))

    data = Data(contacts=1_000, people=50, days=[START, START + DAY_MS], by_day=[1_000])
    figures = await growing(sqlite_url, data, 60, Display(), warm_up=1_200, memory=memory)
    assert seen[0] == 1_200
    assert seen[1] >= 1_260
    assert figures["recorder_growth_mb"] == 0
