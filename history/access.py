"""Who read whose history, and whether that is usual.

Every reading is an event before it is shown (statements.Statements). Whoever takes calls reads on account of calls;
what stands out is reading without one: many people by one reader, or one person by many. Who is among what a search
shows is read too, at a glance: that counts for itself, and by the hundreds only.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, distinct, func, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from core.clock import Clock, wall_clock
from core.events import Event
from core.ids import NewId, random_id
from history.database import read, writing
from history.models import Access, Person, RecordedEvent
from history.projection.checking import UNUSUAL
from history.statements import SEARCHES, Stream

log = logging.getLogger(__name__)

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
_SEARCHED = Access.what.in_(SEARCHES)


@dataclass(frozen=True, slots=True)
class Usual:
    """What is not yet unusual."""

    persons_an_hour: int = 20
    """Different people whom one reader looks at without a call of theirs."""
    found_an_hour: int = 300
    """Different people whom searches show to one reader. Whoever searches all day for one caller after another stays
    far below; ten searches for the commonest names come above."""
    readers_a_day: int = 8
    """Different readers of one person, without a call of theirs. To be among what a search shows does not count: a
    common name often is."""


@dataclass(frozen=True, slots=True)
class Unusual:
    what: str
    """`many_people` (read by `reader`), `many_found` (searches showed them to `reader`), `many_readers` (of
    `person`)."""
    reader: str
    person: str
    """A key."""
    count: int


async def reads_of(engine: AsyncEngine, person: str, most: int = 1_000) -> list[dict[str, Any]]:
    """Who read that person's history, newest first: at, reader, what, call (empty: without one)."""
    table = Access.__table__.c
    wanted = select(table.at, table.reader, table.what, table.call).where(table.person == person)
    async with engine.connect() as connection:
        return await read(connection, wanted.order_by(table.at.desc(), table.id).limit(most))


async def readings(
    engine: AsyncEngine, *, reader: str = "", person: str = "", before: int | None = None, most: int = 100
) -> list[dict[str, Any]]:
    """Who read what, newest first: at, reader, what, person (a key), name (as known now), call. All of them, or those
    of one reader, or about one person; `before` that moment. What one search showed is of one moment: so all of the
    last moment are there, beyond `most`."""
    table = Access.__table__.c
    wanted = select(table.at, table.reader, table.what, table.person, table.call, Person.name).join_from(
        Access, Person, Person.key == table.person, isouter=True
    )
    if reader:
        wanted = wanted.where(table.reader == reader)
    if person:
        wanted = wanted.where(table.person == person)
    if before is not None:
        wanted = wanted.where(table.at < before)
    wanted = wanted.order_by(table.at.desc(), table.id)
    async with engine.connect() as connection:
        rows = await read(connection, wanted.limit(most))
        if len(rows) < most:
            return rows
        last = rows[-1]["at"]
        return [row for row in rows if row["at"] > last] + await read(connection, wanted.where(table.at == last))


async def note_reading(engine: AsyncEngine, reader: str, what: str, person: str) -> None:
    """A reading outside the running house, which has no stream: written at once."""
    row = {
        "id": f"read-{random_id()}",
        "at": wall_clock(),
        "reader": reader,
        "what": what,
        "person": person,
        "call": "",
    }
    async with writing(engine) as connection:
        await connection.execute(insert(Access), [row])


async def unusual(engine: AsyncEngine, now: int, usual: Usual = Usual()) -> list[Unusual]:
    """What stands out now."""
    async with engine.connect() as connection:
        many = await read(connection, _many_people(now, ~_SEARCHED, usual.persons_an_hour))
        shown = await read(connection, _many_people(now, _SEARCHED, usual.found_an_hour))
        often = await read(connection, _many_readers(now, usual))
    found = [Unusual("many_people", row["reader"], "", row["count"]) for row in many]
    found += [Unusual("many_found", row["reader"], "", row["count"]) for row in shown]
    return found + [Unusual("many_readers", "", row["person"], row["count"]) for row in often]


async def told_unusual(engine: AsyncEngine, since: int, most: int = 1_000) -> list[dict[str, Any]]:
    """What stood out after that moment, newest first: at, what, reader, person (a key), count."""
    event = RecordedEvent.__table__.c
    wanted = select(event.at, event.data).where(event.subject == UNUSUAL, event.at > since)
    async with engine.connect() as connection:
        rows = await read(connection, wanted.order_by(event.at.desc(), event.id).limit(most))
    names = ("what", "reader", "person", "count")
    return [{"at": row["at"], **{name: row["data"].get(name) for name in names}} for row in rows]


def _without_call(since: int, now: int) -> Select[Any]:
    return select().where(Access.at > since, Access.at <= now, Access.call == "", Access.person != "")


def _many_people(now: int, how: ColumnElement[bool], usual: int) -> Select[Any]:
    count = func.count(distinct(Access.person))
    wanted = _without_call(now - HOUR_MS, now).where(how).add_columns(Access.reader, count.label("count"))
    return wanted.group_by(Access.reader).having(count > usual).order_by(Access.reader)


def _many_readers(now: int, usual: Usual) -> Select[Any]:
    count = func.count(distinct(Access.reader))
    wanted = _without_call(now - DAY_MS, now).where(~_SEARCHED).add_columns(Access.person, count.label("count"))
    return wanted.group_by(Access.person).having(count > usual.readers_a_day).order_by(Access.person)


class Watch:
    """Looks from time to time; each thing that stands out is told once an hour, in the log and as an event."""

    def __init__(
        self, engine: AsyncEngine, stream: Stream, clock: Clock, new_id: NewId, usual: Usual = Usual()
    ) -> None:
        self._engine, self._stream, self._clock, self._new_id, self._usual = engine, stream, clock, new_id, usual
        self._told: dict[tuple[str, str, str], int] = {}

    async def look(self) -> Sequence[Unusual]:
        """Gives what is new."""
        now = self._clock()
        self._told = {what: at for what, at in self._told.items() if now - at < HOUR_MS}
        found = await unusual(self._engine, now, self._usual)
        fresh = [one for one in found if (one.what, one.reader, one.person) not in self._told]
        for one in fresh:
            self._told[one.what, one.reader, one.person] = now
            log.warning("history: unusual reading: %s", told(one))
        data = [{"what": one.what, "reader": one.reader, "person": one.person, "count": one.count} for one in fresh]
        await self._stream.emit([Event(self._new_id(), "history.unusual", now, "", item) for item in data])
        return fresh


def told(one: Unusual) -> str:
    if one.what == "many_people":
        return f"{one.reader} read about {one.count} people within an hour, without a call of theirs"
    if one.what == "many_found":
        return f"searches showed {one.count} people to {one.reader} within an hour"
    whom = f"the person {one.person}" if one.person else "somebody who was erased since"
    return f"{one.count} readers within a day read about {whom}, without a call of theirs"
