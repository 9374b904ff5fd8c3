"""What is kept for which purpose, and for how long: everything else is let go, a little at a time, once a night.

Counts stay for ever: a contact's times, queue and outcome say nothing about anybody once the person was taken out. Each
purpose goes through its rows in order of time and remembers how far it came; so a night's work is a day's rows.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from core.clock import Clock
from history.database import read, writing
from history.erased import rewrite_events
from history.marks import mark, remember
from history.models import Access, Contact, Note, Poison, RecordedEvent, Recording
from history.purging import purge
from history.scrubbing import without
from history.search.index import refresh
from history.unneeded import let_go_of, persons_after, unneeded

log = logging.getLogger(__name__)

DAY_MS = 24 * 3600 * 1000
LATE_MS = 2 * DAY_MS
"""So late may something be recorded: each night looks again at what was before the last one's end."""
AT_ONCE = 500
"""Rows in one transaction: who records waits no longer than that takes."""
BREATH_S = 0.05
HOUR = 3
"""The job runs at that hour, of this machine's time."""

Row = dict[str, Any]
Delete = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Terms:
    """Days that each is kept; 0: for ever."""

    recordings: int = 180
    """Files with somebody's voice: at most six months."""
    digits: int = 90
    """What callers keyed in: case numbers, birth dates."""
    notes: int = 1095
    """What agents wrote."""
    persons: int = 1095
    """Who somebody is, after the last that happened with them (history/unneeded.py); not while they have an open
    case."""
    access: int = 1095
    """Who read what."""
    poison: int = 90
    """What could not be recorded, whatever stands in it."""

    def days(self, purpose: str) -> int:
        """Of `strangers`, who withheld their number, name and number go when a person would go."""
        return int(getattr(self, "persons" if purpose == "strangers" else purpose))


class Retention:
    """`delete_file` is given the name of each recording whose time is over; it raises OSError where it cannot."""

    def __init__(
        self, engine: AsyncEngine, terms: Terms, clock: Clock, delete_file: Delete, *, breath_s: float = BREATH_S
    ) -> None:
        self._engine, self._terms, self._clock = engine, terms, clock
        self._delete_file, self._breath_s = delete_file, breath_s

    async def run(self) -> None:
        """At once, then every night, until cancelled."""
        while True:
            try:
                told = ", ".join(f"{count} {name}" for name, count in (await self.apply()).items() if count)
                if told:
                    log.info("history: what is not to be kept any longer was let go: %s", told)
            except Exception:
                log.exception("history: not everything that is over was let go; it is tried again tomorrow")
            await asyncio.sleep(seconds_to_night(datetime.now().astimezone()))

    async def apply(self) -> dict[str, int]:
        """Let go of everything that is due; gives how much of each purpose."""
        done = {}
        for name, (walk, let_go) in self._purposes().items():
            if days := self._terms.days(name):
                done[name] = await walk(name, self._clock() - days * DAY_MS, let_go)
        if any(done.get(name) for name in ("notes", "persons")):
            await purge(self._engine, self._breath_s)
        return done

    def _purposes(self) -> dict[str, Any]:
        return {
            "recordings": (self._by_time(Recording, Recording.at, Recording.file != ""), self._drop_recordings),
            "digits": (self._by_time(Contact, Contact.started_at), _drop_digits),
            "notes": (self._by_time(Note, Note.at), _drop_notes),
            "persons": (self._by_person, let_go_of),
            "strangers": (self._by_time(Contact, Contact.started_at), _drop_strangers),
            "access": (self._by_time(Access, Access.at), _drop_reads),
            "poison": (self._by_time(Poison, Poison.at), _drop(Poison)),
        }

    # --- going through the rows -----------------------------------------------------------------------------------

    def _by_time(self, model: Any, at: Any, still: Any = None) -> Any:
        """Goes through a table in order of time: from where it came to last time, or through all rows that are `still`
        to be let go."""

        async def walk(name: str, before: int, let_go: Callable[[AsyncConnection, list[Row]], Awaitable[int]]) -> int:
            begun = 0 if still is not None else max(0, await self._mark(name) - LATE_MS)
            count, came_to = 0, (begun, "")
            while True:
                async with writing(self._engine) as connection:
                    after = tuple_(at, model.id) > came_to
                    wanted = select(model.__table__).where(after, at < before)
                    wanted = wanted.where(still) if still is not None else wanted
                    rows = await read(connection, wanted.order_by(at, model.id).limit(AT_ONCE))
                    count += await let_go(connection, rows) if rows else 0
                    came_to = (rows[-1][at.key], rows[-1]["id"]) if rows else (before, "")
                    await remember(connection, name, came_to[0])
                if not rows:
                    return count
                await asyncio.sleep(self._breath_s)

        return walk

    async def _by_person(
        self, _: str, before: int, let_go: Callable[[AsyncConnection, int, int], Awaitable[None]]
    ) -> int:
        count, last = 0, 0
        while True:
            async with self._engine.connect() as connection:
                known = list(await connection.scalars(persons_after(last, AT_ONCE)))
                over = list(await connection.scalars(unneeded(before, known)))
            for person in over:
                async with writing(self._engine) as connection:
                    if (await connection.scalars(unneeded(before, [person]))).first():  # nothing happened meanwhile
                        await let_go(connection, person, self._clock())
                        count += 1
            if not known:
                return count
            last = known[-1]
            await asyncio.sleep(self._breath_s)

    async def _mark(self, name: str) -> int:
        async with self._engine.connect() as connection:
            return await mark(connection, name)

    # --- letting go -----------------------------------------------------------------------------------------------

    async def _drop_recordings(self, connection: AsyncConnection, rows: list[Row]) -> int:
        """The file first: a row that still names a file that is gone is dropped the next night."""
        gone = []
        for row in rows:
            try:
                self._delete_file(row["file"])
            except OSError as error:
                log.error("history: the recording %s cannot be deleted: %s", row["file"], error)
            else:
                gone.append(row["id"])
        await connection.execute(
            update(Recording).where(Recording.id.in_(gone)).values(file="", deleted_at=self._clock())
        )
        calls = {row["call"] for row in rows if row["id"] in gone}
        await rewrite_events(connection, calls, lambda e: without(e, {"file"}) if e.id in gone else e)
        return len(gone)


async def _drop_digits(connection: AsyncConnection, rows: list[Row]) -> int:
    keyed = [row for row in rows if any(choice.get("digits") for choice in row["choices"])]
    for row in keyed:
        choices = [{**choice, "digits": ""} for choice in row["choices"]]
        await connection.execute(update(Contact).where(Contact.id == row["id"]).values(choices=choices))
    await rewrite_events(connection, {row["id"] for row in keyed}, lambda event: without(event, {"digits"}))
    return len(keyed)


async def _drop_strangers(connection: AsyncConnection, rows: list[Row]) -> int:
    strange = [row["id"] for row in rows if row["person_id"] is None and (row["number"] or row["name"])]
    await connection.execute(update(Contact).where(Contact.id.in_(strange)).values(number="", name=""))
    await rewrite_events(connection, strange, lambda event: without(event, {"number", "name"}))
    return len(strange)


async def _drop_notes(connection: AsyncConnection, rows: list[Row]) -> int:
    written = {row["id"]: row["call"] for row in rows if row["text"]}
    await connection.execute(update(Note).where(Note.id.in_(written)).values(text="", sealed=False))
    await refresh(connection, "note", written)
    await rewrite_events(
        connection,
        set(written.values()),
        lambda event: without(event, {"text"}) if event.data.get("note") in written else event,
    )
    return len(written)


async def _drop_reads(connection: AsyncConnection, rows: list[Row]) -> int:
    """With the events that told of them, which have the same ids."""
    events = RecordedEvent.__table__.c
    told = delete(RecordedEvent).where(events.id.in_([row["id"] for row in rows]), events.kind == "history.read")
    await connection.execute(told)
    return await _drop(Access)(connection, rows)


def _drop(model: type[Access | Poison]) -> Callable[[AsyncConnection, list[Row]], Awaitable[int]]:
    async def drop(connection: AsyncConnection, rows: list[Row]) -> int:
        await connection.execute(delete(model).where(model.id.in_([row["id"] for row in rows])))
        return len(rows)

    return drop


def seconds_to_night(now: datetime) -> float:
    """Until HOUR o'clock comes next."""
    night = now.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    return (night if night > now else night + timedelta(days=1)).timestamp() - now.timestamp()
