"""What `./guichet bench history --part recorder` hands to the recorder."""

from sqlalchemy.ext.asyncio import AsyncEngine

from app.bench.history_data import Data
from app.bench.history_load import growing
from app.install.display import Display
from history.models import Contact
from tests.integration.history.helping import rows

DAY_MS = 86_400_000
START = 1_790_000_000_000


async def test_measuring_again_on_the_same_database_records_further_calls_not_the_same_ones(
    sqlite_engine: AsyncEngine,
):
    data = Data(contacts=1_000, people=50, days=[START, START + DAY_MS], by_day=[1_000])
    for run in (1, 2, 3):
        figures = await growing(sqlite_engine, data, 600, Display())
        assert figures["events_per_s"] > 0
        assert len(await rows(sqlite_engine, Contact)) == run * 100
    days = {(contact["started_at"] - START) // DAY_MS for contact in await rows(sqlite_engine, Contact)}
    assert days == {1, 2, 3}
