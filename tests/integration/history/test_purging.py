"""What is deleted leaves SQLite's files, beside others who read and write."""

import logging
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from history import purging
from history.database import make_engine, writing
from history.purging import purge


def log_of(url: str) -> Path:
    return Path(f"{make_url(url).database}-wal")


async def write(engine: AsyncEngine) -> None:
    async with writing(engine) as connection:
        await connection.execute(text("DELETE FROM poison"))
        await connection.execute(text("INSERT INTO poison (id, raw, error) VALUES ('1', 'a secret', '')"))


async def test_the_log_is_emptied_once_whoever_read_is_done(
    sqlite_engine: AsyncEngine, sqlite_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr(purging, "TRIES", 2)
    monkeypatch.setattr(purging, "TRY_MS", 20)
    await write(sqlite_engine)
    reader = make_engine(sqlite_url)
    async with reader.connect() as connection:
        await connection.execute(text("SELECT count(*) FROM poison"))
        await write(sqlite_engine)
        with caplog.at_level(logging.WARNING):
            await purge(sqlite_engine)
        assert log_of(sqlite_url).stat().st_size > 0
        assert "somebody reads for long" in caplog.text
    await reader.dispose()
    await purge(sqlite_engine)
    assert log_of(sqlite_url).stat().st_size == 0


async def test_the_connection_waits_for_others_afterwards_as_it_did_before(sqlite_engine: AsyncEngine):
    await purge(sqlite_engine)
    async with sqlite_engine.connect() as connection:
        assert (await connection.exec_driver_sql("PRAGMA busy_timeout")).scalar() == 5000
