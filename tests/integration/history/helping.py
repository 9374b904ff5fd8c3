"""What the tests of the history share."""

import asyncio
from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from history.models import Base, Contact, Phone
from history.pseudonyms import Pseudonyms
from history.recording import Rules

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


async def emptied(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            await connection.execute(table.delete())


async def until(true: Callable[[], bool], seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 — what is waited for has no event
            await asyncio.sleep(0.005)
