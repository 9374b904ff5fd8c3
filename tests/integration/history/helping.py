"""What the tests of the history share."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from core.clock import Clock, wall_clock
from core.events import Event
from core.ids import counted_ids
from history.database import writing
from history.erasure import Erasures
from history.ledger import Ledger
from history.models import Base, Contact, Phone
from history.pseudonyms import Pseudonyms
from history.recording import Rules, record

RULES = Rules("FR", Pseudonyms(b"a key for the tests"))


async def rows(engine: AsyncEngine, model: type[Base]) -> list[dict[str, Any]]:
    """All rows of a table, in a fixed order."""
    async with engine.connect() as connection:
        found = [dict(row) for row in (await connection.execute(select(model.__table__))).mappings()]
    return sorted(found, key=lambda row: str(row.get("id")))


async def contacts(engine: AsyncEngine) -> list[dict[str, Any]]:
    """All contacts, with the number of the phone in place of the ids that differ from one database to another."""
    numbers = {row["id"]: (row["number"], row["person_id"]) for row in await rows(engine, Phone)}
    found = await rows(engine, Contact)
    for row in found:
        phone, person = numbers.get(row.pop("phone_id"), (None, None))
        assert row.pop("person_id") == person
        row["phone"] = phone
    return found


async def recorded(engine: AsyncEngine, events: Sequence[Event]) -> None:
    """As the recorder would record them, all in one batch."""
    async with writing(engine) as connection:
        await record(connection, events, RULES)


def erasures(engine: AsyncEngine, folder: Path, clock: Clock | None = None) -> Erasures:
    """With its file of erasures, and recordings as files, in that folder."""
    ids = counted_ids("erasure")
    ledger = Ledger(folder / "erasures.jsonl")
    return Erasures(
        engine, ledger, RULES.pseudonyms, clock or wall_clock, ids, lambda file: (folder / file).unlink(missing_ok=True)
    )


async def emptied(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            await connection.execute(table.delete())


async def until(true: Callable[[], bool], seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 — what is waited for has no event
            await asyncio.sleep(0.005)
