"""What a history says, in a form in which two of them can be compared: a digest of each table."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from history.models import (
    AgentChange,
    Base,
    Case,
    Contact,
    Entry,
    IdentityChange,
    Note,
    Offer,
    Person,
    PersonPhone,
    Phone,
    Poison,
    Promise,
    RecordedEvent,
    Recording,
    Reorientation,
)

TABLES: Sequence[type[Base]] = (
    *(Person, Phone, PersonPhone, Contact, Entry, Offer, Note, Recording, Reorientation, Case, Promise),
    *(IdentityChange, AgentChange, RecordedEvent, Poison),
)


async def checksums(engine: AsyncEngine) -> dict[str, str]:
    """Table to digest of all its rows, in whatever order they were written. Ids that the database gives away differ
    from one to another: persons and phones go by their keys and numbers."""
    async with engine.connect() as connection:
        keys = dict((await connection.execute(select(Person.id, Person.key))).all())
        numbers = dict((await connection.execute(select(Phone.id, Phone.number))).all())
        found = {}
        for model in TABLES:
            digests = []
            async for row in (await connection.stream(select(model.__table__))).mappings():
                digests.append(hashlib.sha256(repr(_plain(model, dict(row), keys, numbers)).encode()).digest())
            found[model.__tablename__] = hashlib.sha256(b"".join(sorted(digests))).hexdigest()
    return found


def _plain(
    model: type[Base], told: dict[str, Any], keys: Mapping[int, str | None], numbers: Mapping[int, str]
) -> list[tuple[str, Any]]:
    if model in (Person, Phone):
        del told["id"]
    for name in told:
        if name.endswith("person_id") or name == "merged_into_id":
            told[name] = keys.get(told[name])
        elif name == "phone_id":
            told[name] = numbers.get(told[name])
    return sorted(told.items())
