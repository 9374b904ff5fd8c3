"""What the database keeps of rows that are gone, and where a search of its files would find it.

SQLite's full text marks what was deleted and keeps its words until it merges what it wrote at different times; the
write-ahead log keeps pages as they were until it is written over. Pages themselves are overwritten (secure_delete).
PostgreSQL does all of it by its vacuum.
"""

import asyncio
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from history.database import writing
from history.models.search import KINDS

FULL_TEXT = (*(f"search_words_{kind}" for kind in KINDS), "search_numbers")
"""SQLite's (migrations 0006 and 0014)."""
PAGES_AT_ONCE = 200
MERGED_NOTHING = 1
"""So many rows change where there is nothing left to merge: https://www.sqlite.org/fts5.html#the_merge_command"""
_CHANGES = text("SELECT total_changes()")


async def purge(engine: AsyncEngine, breath_s: float = 0.0) -> None:
    """Nothing of what was deleted stays in SQLite's files. Who writes waits for a few pages at a time."""
    if engine.dialect.name != "sqlite":
        return
    for index in FULL_TEXT:
        pages, merged = -PAGES_AT_ONCE, MERGED_NOTHING
        while pages < 0 or merged > MERGED_NOTHING:
            merged = await _merge(engine, index, pages)
            pages = PAGES_AT_ONCE
            await asyncio.sleep(breath_s)
    await _empty_the_log(engine)


async def _merge(engine: AsyncEngine, index: str, pages: int) -> int:
    """Merge so many pages; negative: begin with all that was ever written. Gives how many rows changed."""
    merge = text(f"INSERT INTO {index}({index}, rank) VALUES ('merge', :pages)")  # noqa: S608 — ours
    async with writing(engine) as connection:
        before = int(await connection.scalar(_CHANGES) or 0)
        await connection.execute(merge, {"pages": pages})
        return int(await connection.scalar(_CHANGES) or 0) - before


async def _empty_the_log(engine: AsyncEngine) -> None:
    """Outside any transaction. Where somebody reads for as long as is waited, it is written over by and by instead."""
    async with engine.connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        await driver.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
