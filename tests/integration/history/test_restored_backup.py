"""A database that came from a backup is known by the file of erasures: it has not heard of all of them."""

from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from core.clock import HandClock
from tests.integration.history.helping import erasures, recorded
from tests.integration.history.test_erasure import ADAS_KEY, LATER, TRACES, Backup, a_day, everything


async def test_it_is_made_clean_once_and_one_that_was_served_with_is_left_alone(
    engine: AsyncEngine, url: str, tmp_path: Path
):
    await recorded(engine, a_day())
    assert await erasures(engine, tmp_path).apply_missing() == 0
    backup = await Backup.of(url, engine, tmp_path)
    await erasures(engine, tmp_path, HandClock(LATER)).erase(ADAS_KEY, "admin")
    assert await erasures(engine, tmp_path).apply_missing() == 0
    await engine.dispose()
    restored = backup.restore()
    assert [await erasures(restored, tmp_path).apply_missing() for _ in range(2)] == [3, 0]
    left = await everything(restored)
    assert [trace for trace in TRACES if trace in left] == []
    await restored.dispose()
