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
from history.poison import ERASED, texts_in
from history.projection.checking import subject_of
from history.pseudonyms import Pseudonyms
from history.scrubbing import NAMES_OF_PERSONS, scrubbed, without_persons

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
    erased = Erased(await erased_calls(connection, {event.call for event in events if event.call}))
    if tombstones := await _tombstones_after(connection, min((event.at for event in events), default=0)):
        erased.late = _late_calls(events, tombstones, pseudonyms, country)
        keys = {key for stone in tombstones for key in stone["persons"]}
        await rewrite_events(connection, erased.late, lambda event: _scrubbed(without_persons(event, keys)))
        events = [
            without_persons(event, _keys_after(event, tombstones))
            for event in events
            if not _about_erased(event, tombstones) and not _gives_erased_number(event, tombstones, pseudonyms, country)
        ]
    if gone := erased.calls | set(erased.late):
        events = [_scrubbed(event) if event.call in gone else event for event in events]
    return events, erased


async def spare_poison(connection: AsyncConnection, rows: Sequence[dict[str, Any]]) -> None:
    """Rows of what cannot be recorded, before they are kept: one about an erased call, or that names an erased person,
    keeps nothing of what it said."""
    told = {row["id"]: texts_in(row["raw"]) for row in rows}
    gone = await erased_calls(connection, set().union(*told.values()))
    gone |= {key for stone in await _tombstones_after(connection, 0) for key in stone["persons"]}
    for row in rows:
        if not gone.isdisjoint(told[row["id"]]):
            row["raw"] = ERASED


async def rewrite_events(
    connection: AsyncConnection,
    calls: Collection[str],
    change: Callable[[Event], Event],
    column: Any = _event.call,
) -> None:
    """Change what is recorded of these calls, or of what else the column holds: ids, subjects."""
    for some in pieces(calls, 500):
        found = await connection.execute(select(RecordedEvent.__table__).where(among(column, some)))
        rows = []
        for id_, kind, at, call, _, data in found:
            clean = change(Event(id_, kind, at, call, data))
            if clean.data != data:
                rows.append({"event_id": id_, "scrubbed": clean.data})
        if rows:
            await connection.execute(_KEEP_SCRUBBED, rows)


def _scrubbed(event: Event) -> Event:
    """Without the caller; a case or a promise that names somebody else is theirs."""
    others = event.kind in ("case.opened", "case.changed", "promise.made") and event.data.get("person")
    return event if others else scrubbed(event)


async def erased_calls(connection: AsyncConnection, calls: Collection[str]) -> set[str]:
    """Those of the calls whose person was erased."""
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
    late = {}
    for event in events:
        if event.kind == "call.arrived" and (at := _number_erased(event, tombstones, pseudonyms, country)) is not None:
            late[event.call] = at
    return late


def _number_erased(
    event: Event, tombstones: Sequence[Mapping[str, Any]], pseudonyms: Pseudonyms, country: str
) -> int | None:
    """When the event's number was erased, where that was later."""
    if not isinstance(raw := event.data.get("number"), str):
        return None
    number = pseudonyms.number(read_number(raw, country).text)
    return next((s["at"] for s in tombstones if event.at <= s["at"] and number in s["numbers"]), None)


def _gives_erased_number(
    event: Event, tombstones: Sequence[Mapping[str, Any]], pseudonyms: Pseudonyms, country: str
) -> bool:
    """It decides whose a number is that was forgotten later."""
    given = event.kind == "person.numbered"
    return given and _number_erased(event, tombstones, pseudonyms, country) is not None


def _about_erased(event: Event, tombstones: Sequence[Mapping[str, Any]]) -> bool:
    """It decides something about a person who was erased later."""
    named = {key for name in NAMES_OF_PERSONS if isinstance(key := event.data.get(name), str)}
    if not (subject_of(event) or "").startswith("person:") and event.kind not in (
        "call.identified",
        "contact.spoke_for",
    ):
        return False
    return not named.isdisjoint(_keys_after(event, tombstones))


def _keys_after(event: Event, tombstones: Sequence[Mapping[str, Any]]) -> set[str]:
    """Of whoever was erased after that event."""
    return {key for stone in tombstones if event.at <= stone["at"] for key in stone["persons"]}
