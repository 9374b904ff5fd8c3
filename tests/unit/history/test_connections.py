"""Connections to the history, kept for the next who asks."""

from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from history.database import make_engine


async def used(engine: AsyncEngine) -> object:
    async with engine.connect() as connection:
        return (await connection.get_raw_connection()).driver_connection


async def test_who_comes_alone_keeps_one_connection_busy_however_many_there_were(tmp_path: Path) -> None:
    """Each holds 16 MB of pages once it was used for a while."""
    engine = make_engine(f"sqlite+aiosqlite:///{tmp_path / 'history.db'}")
    async with engine.connect(), engine.connect(), engine.connect():
        pass
    assert len({await used(engine) for _ in range(6)}) == 1
    await engine.dispose()
