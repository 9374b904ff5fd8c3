"""Where a person is named beside their own calls: who read about them, who spoke for them, decisions and cases that
became somebody else's. All of it is found by indexes, however much is recorded."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from history.database import read
from history.erased import rewrite_events
from history.ledger import Tombstone
from history.many import pieces
from history.models import Access, Change, IdentityChange, RecordedEvent
from history.scrubbing import without, without_persons

_event = RecordedEvent.__table__.c
_change = IdentityChange.__table__.c
KEEPS_ITS_PERSON = (Change.ASSIGNED.value, Change.NUMBERED.value)
"""What a split decided about somebody else stays decided once the one they were taken for is erased."""


async def events_naming(connection: AsyncConnection, stone: Tombstone) -> set[str]:
    """Ids of events until the erasure that name one of its persons; some may be recorded no longer."""
    found: set[str] = set()
    for some in pieces(stone.persons):
        reads = select(Access.id).where(Access.person.in_(some), Access.at <= stone.at)
        found |= set(await connection.scalars(reads))
        lines = select(_change.id).where(_names(some), _change.at <= stone.at)
        found |= {id_ for line in await connection.scalars(lines) for id_ in _events_of_line(line)}
    return found


async def promises_to(connection: AsyncConnection, stone: Tombstone, events: Collection[str]) -> set[str]:
    """Ids of promises that were made to one of the persons by name, in whoever's call."""
    return {id_ for id_, person in await _promised(connection, _event.id, events) if person in stone.persons}


async def promised_to_others(connection: AsyncConnection, stone: Tombstone, promises: Collection[str]) -> set[str]:
    """Those of these promises that were made to somebody else by name."""
    subjects = [f"promise:{id_}" for id_ in promises]
    made = await _promised(connection, _event.subject, subjects)
    return {id_ for id_, person in made if person and person not in stone.persons}


async def forget_keys(connection: AsyncConnection, stone: Tombstone, events: Collection[str]) -> None:
    """Take the persons out of these events, of the audit and of decisions. That something was read, by whom and when,
    stays."""
    await rewrite_events(connection, events, lambda event: without_persons(event, stone.persons), _event.id)
    for some in pieces(stone.persons):
        early = _change.at <= stone.at
        others = _change.other.in_(some) & _change.person.not_in(some) & _change.change.in_(KEEPS_ITS_PERSON)
        await connection.execute(update(IdentityChange).where(others, early).values(other=None, reason=""))
        await connection.execute(delete(IdentityChange).where(_names(some), early))
        await connection.execute(update(Access).where(Access.person.in_(some), Access.at <= stone.at).values(person=""))


async def forget_number(connection: AsyncConnection, number: str, at: int) -> None:
    """Whoever's it was decided to be until then."""
    decided = (_change.number == number) & (_change.at <= at)
    lines = list(await connection.scalars(select(_change.id).where(decided)))
    ids = [id_ for line in lines for id_ in _events_of_line(line)]
    await rewrite_events(connection, ids, lambda event: without(event, {"number", "numbers"}), _event.id)
    await connection.execute(delete(IdentityChange).where(decided))


def _names(keys: Collection[str]) -> Any:
    return or_(_change.person.in_(keys), _change.other.in_(keys))


def _events_of_line(line: str) -> tuple[str, ...]:
    """A line has its event's id, with a count behind it where the event decided several."""
    return line, line.rpartition("/")[0]


async def _promised(connection: AsyncConnection, column: Any, values: Collection[str]) -> list[tuple[str, Any]]:
    """Each promise that was made, and the key of whom it names."""
    found = []
    for some in pieces(values):
        wanted = select(_event.subject, _event.data).where(column.in_(some), _event.kind == "promise.made")
        for row in await read(connection, wanted):
            found.append(((row["subject"] or "").partition(":")[2], row["data"].get("person")))
    return found
