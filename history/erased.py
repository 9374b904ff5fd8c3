"""Tombstones as the recorder needs them: what comes late about an erased person is recorded without the person."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.events import Event
from history.database import read
from history.many import among, pieces
from history.models import Contact, Erasure, RecordedEvent
from history.numbers import read_number
from history.projection.checking import subject_of
from history.pseudonyms import Pseudonyms
from history.scrubbing import NO_TRACES, Traces, scrubbed

_event = RecordedEvent.__table__.c
_KEEP_SCRUBBED = update(RecordedEvent).where(_event.id == bindparam("event_id")).values(data=bindparam("scrubbed"))


@dataclass(slots=True)
class Erased:
    """The erased ones among a batch's calls."""

    calls: set[str] = field(default_factory=set)
    """Those whose contact is there already, without the person."""
    late: dict[str, int] = field(default_factory=dict)
    """Calls of an erased number from before the erasure that are only heard of now, and when it was erased."""


async def spare_the_erased(
    connection: AsyncConnection, events: Sequence[Event], pseudonyms: Pseudonyms, country: str
) -> tuple[Sequence[Event], Erased]:
    """The events, scrubbed where they are about an erased call, and without what was decided about an erased person
    before the erasure."""
    erased = Erased(await _erased_calls(connection, {event.call for event in events if event.call}))
    if tombstones := await _tombstones_after(connection, min((event.at for event in events), default=0)):
        erased.late = _late_calls(events, tombstones, pseudonyms, country)
        await scrub_recorded(connection, erased.late, NO_TRACES)
        events = [event for event in events if not _about_erased(event, tombstones)]
    if gone := erased.calls | set(erased.late):
        events = [scrubbed(event) if event.call in gone else event for event in events]
    return events, erased


async def scrub_recorded(connection: AsyncConnection, calls: Collection[str], traces: Traces) -> None:
    """Take the person out of what is recorded of these calls."""
    await rewrite_events(connection, calls, lambda event: scrubbed(event, traces))


async def rewrite_events(connection: AsyncConnection, calls: Collection[str], change: Callable[[Event], Event]) -> None:
    """Change what is recorded of these calls."""
    for some in pieces(calls, 500):
        found = await connection.execute(select(RecordedEvent.__table__).where(among(_event.call, some)))
        rows = []
        for id_, kind, at, call, _, data in found:
            clean = change(Event(id_, kind, at, call, data))
            if clean.data != data:
                rows.append({"event_id": id_, "scrubbed": clean.data})
        if rows:
            await connection.execute(_KEEP_SCRUBBED, rows)


async def _erased_calls(connection: AsyncConnection, calls: Collection[str]) -> set[str]:
    found: set[str] = set()
    for some in pieces(calls):
        wanted = select(Contact.id).where(among(Contact.__table__.c.id, some), Contact.erased_at.is_not(None))
        found |= set(await connection.scalars(wanted))
    return found


async def _tombstones_after(connection: AsyncConnection, at: int) -> Sequence[Mapping[str, Any]]:
    return await read(connection, select(Erasure.__table__).where(Erasure.at >= at))


def _late_calls(
    events: Sequence[Event], tombstones: Sequence[Mapping[str, Any]], pseudonyms: Pseudonyms, country: str
) -> dict[str, int]:
    numbers = {number: stone["at"] for stone in tombstones for number in stone["numbers"]}
    late = {}
    for event in events:
        if event.kind == "call.arrived" and isinstance(raw := event.data.get("number"), str):
            at = numbers.get(pseudonyms.number(read_number(raw, country).text), -1)
            if event.at <= at:
                late[event.call] = at
    return late


def _about_erased(event: Event, tombstones: Sequence[Mapping[str, Any]]) -> bool:
    """A person is named who was erased later."""
    named = {event.data.get("person"), event.data.get("other")}
    if not (subject_of(event) or "").startswith("person:") and event.kind not in (
        "call.identified",
        "contact.spoke_for",
    ):
        return False
    return any(event.at <= stone["at"] and not named.isdisjoint(stone["persons"]) for stone in tombstones)
