"""What the database keeps of rows that are gone, and where a search of its files would find it.

SQLite's full text marks what was deleted and keeps its words until it merges what it wrote at different times; the
write-ahead log keeps pages as they were until it is written over. Pages themselves are overwritten (secure_delete).
PostgreSQL does all of it by its vacuum.
"""

import asyncio
import logging
import sqlite3
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from history.database import BUSY_TIMEOUT, first_line, writing
from history.models.search import KINDS

log = logging.getLogger(__name__)

FULL_TEXT = (*(f"search_words_{kind}" for kind in KINDS), "search_numbers")
"""SQLite's (migrations 0006 and 0014)."""
PAGES_AT_ONCE = 200
MERGED_NOTHING = 1
"""So many rows change where there is nothing left to merge: https://www.sqlite.org/fts5.html#the_merge_command"""
TRIES, TRY_MS = 20, 200
_CHANGES = text("SELECT total_changes()")


async def purge(engine: AsyncEngine, breath_s: float = 0.0) -> None:
    """Nothing of what was deleted stays in SQLite's files. Who writes waits for a few pages at a time. Where the
    database is too busy for it, the log says so, and the next time does it."""
    if engine.dialect.name != "sqlite":
        return
    try:
        for index in FULL_TEXT:
            pages, merged = -PAGES_AT_ONCE, MERGED_NOTHING
            while pages < 0 or merged > MERGED_NOTHING:
                merged = await _merge(engine, index, pages)
                pages = PAGES_AT_ONCE
                await asyncio.sleep(breath_s)
        emptied = await _empty_the_log(engine)
    except (SQLAlchemyError, sqlite3.Error) as error:
        log.warning("history: what is deleted is not out of SQLite's files yet: %s", first_line(error))
    else:
        if not emptied:
            log.warning(
                "history: somebody reads for long; SQLite's log keeps rows as they were until it is written over"
            )


async def _merge(engine: AsyncEngine, index: str, pages: int) -> int:
    """Merge so many pages; negative: begin with all that was ever written. Gives how many rows changed."""
    merge = text(f"INSERT INTO {index}({index}, rank) VALUES ('merge', :pages)")  # noqa: S608 — ours
    async with writing(engine) as connection:
        before = int(await connection.scalar(_CHANGES) or 0)
        await connection.execute(merge, {"pages": pages})
        return int(await connection.scalar(_CHANGES) or 0) - before


async def _empty_the_log(engine: AsyncEngine) -> bool:
    """Outside any transaction. It waits for who reads, and who writes waits meanwhile: so in several short tries."""
    async with engine.connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        await driver.execute_fetchall(f"PRAGMA busy_timeout = {TRY_MS}")
        try:
            for _ in range(TRIES):
                ((busy, *_),) = await driver.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
                if not busy:
                    return True
                await asyncio.sleep(TRY_MS / 1000)
        finally:
            await driver.execute_fetchall(f"PRAGMA {BUSY_TIMEOUT}")
    return False
