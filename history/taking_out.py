"""One person taken out of every row and every event, within one transaction; what counts stays."""

import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.events import Event
from history.database import read
from history.erased import rewrite_events
from history.ledger import Tombstone
from history.many import insert_into, pieces
from history.models import (
    Case,
    Contact,
    Delivery,
    IdentityChange,
    Note,
    Person,
    PersonPhone,
    Phone,
    Poison,
    Promise,
    RecordedEvent,
    Recording,
    Reorientation,
)
from history.named import events_naming, forget_keys, forget_number, promised_to_others, promises_to
from history.poison import ERASED, texts_in
from history.projection import subject_of
from history.scrubbing import Traces, scrubbed
from history.search.index import refresh

_contact = Contact.__table__.c
_event = RecordedEvent.__table__.c
TYPED = ("topic", "service", "code", "reason")
"""What somebody may have typed of a contact: it counts, unless the person can be found in it."""


@dataclass(slots=True)
class Erased:
    """What an erasure took the person out of."""

    persons: int = 0
    contacts: int = 0
    cases: int = 0
    promises: int = 0
    notes: int = 0
    files: list[str] = field(default_factory=list)
    """Names of recordings that are to be deleted now."""


async def take_out(connection: AsyncConnection, stone: Tombstone) -> Erased:
    """Take the person out of everything."""
    erased = Erased()
    ids = await _ids(connection, stone)
    open_contacts = await _still_there(connection, stone.contacts)
    named = await events_naming(connection, stone)
    cases, promises = await _theirs(connection, ids, stone, named)
    traces = await _traces(connection, ids, open_contacts)
    if open_contacts or ids or named:
        await _scrub_events(connection, stone, open_contacts, cases, promises, traces)
        await _scrub_others(connection, ids, open_contacts, cases, promises, traces, erased)
        await _scrub_contacts(connection, ids, open_contacts, traces, stone.at)
        await forget_keys(connection, stone, named)
        await _let_go(connection, ids, stone)
        await _scrub_poison(connection, traces, {*stone.persons, *stone.contacts, *cases, *promises})
    erased.persons = len(ids)
    erased.contacts, erased.cases, erased.promises = len(open_contacts), len(cases), len(promises)
    return erased


# --- what is theirs ------------------------------------------------------------------------------------------------


async def _ids(connection: AsyncConnection, stone: Tombstone) -> list[int]:
    """The persons, but for those who called again after the erasure and are known again."""
    found: list[int] = []
    for some in pieces(stone.persons):
        found += await connection.scalars(select(Person.id).where(Person.key.in_(some), Person.since <= stone.at))
    return found


async def _still_there(connection: AsyncConnection, contacts: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Those of the contacts that still have a person in them, by id."""
    wanted = [_contact[name] for name in ("id", "number", "name", "choices", *TYPED)]
    found: dict[str, dict[str, Any]] = {}
    for some in pieces(contacts):
        rows = await read(connection, select(*wanted).where(_contact.id.in_(some), _contact.erased_at.is_(None)))
        found |= {row["id"]: row for row in rows}
    return found


async def _theirs(
    connection: AsyncConnection, ids: Sequence[int], stone: Tombstone, named: Collection[str]
) -> tuple[list[str], list[str]]:
    """Cases and promises: those of the contacts unless somebody else was named, and those of the persons. `named`: the
    events that name them."""
    cases: set[str] = set()
    promises: set[str] = set()
    for some in pieces(stone.contacts):
        own = Case.assigned_person_id.is_(None) | Case.assigned_person_id.in_(ids)
        cases |= set(await connection.scalars(select(Case.id).where(Case.opened_in.in_(some), own)))
        promises |= set(await connection.scalars(select(Promise.id).where(Promise.call.in_(some))))
    promises -= await promised_to_others(connection, stone, promises)
    promises |= await promises_to(connection, stone, named)
    early = Case.opened_at <= stone.at
    cases |= set(await connection.scalars(select(Case.id).where(Case.assigned_person_id.in_(ids), early)))
    return sorted(cases), sorted(promises)


async def _traces(connection: AsyncConnection, ids: Sequence[int], contacts: dict[str, dict[str, Any]]) -> Traces:
    numbers = {str(row["number"]) for row in contacts.values()}
    names = {str(row["name"]) for row in contacts.values()}
    for row in await read(connection, select(Person.name).where(Person.id.in_(ids), Person.name.is_not(None))):
        names.add(row["name"])
    numbers |= set(await connection.scalars(select(Phone.number).where(Phone.person_id.in_(ids))))
    return Traces.of(numbers, names)


# --- out of everything ---------------------------------------------------------------------------------------------


async def _scrub_events(
    connection: AsyncConnection,
    stone: Tombstone,
    contacts: Collection[str],
    cases: Sequence[str],
    promises: Sequence[str],
    traces: Traces,
) -> None:
    theirs = {f"case:{id_}" for id_ in cases} | {f"promise:{id_}" for id_ in promises}

    def clean(event: Event) -> Event:
        """A case or a promise that somebody else has from one of these calls is not touched."""
        subject = subject_of(event) or ""
        others = subject.startswith(("case:", "promise:")) and subject not in theirs
        return event if others else scrubbed(event, traces)

    await rewrite_events(connection, contacts, clean)
    await rewrite_events(connection, theirs, lambda event: scrubbed(event, traces), _event.subject)
    for some in pieces([f"person:{key}" for key in stone.persons]):
        early = _event.at <= stone.at
        await connection.execute(
            update(RecordedEvent).where(_event.subject.in_(some), early).values(data={}, subject=None)
        )


async def _scrub_others(
    connection: AsyncConnection,
    ids: Sequence[int],
    contacts: Collection[str],
    cases: Sequence[str],
    promises: Sequence[str],
    traces: Traces,
    erased: Erased,
) -> None:
    for some in pieces(contacts):
        changed = await connection.execute(
            update(Note).where(Note.call.in_(some), Note.text != "").values(text="", sealed=False)
        )
        erased.notes += changed.rowcount
        found = select(Recording.file).where(Recording.call.in_(some), Recording.file != "")
        erased.files += await connection.scalars(found)
        gone = {"file": "", "deleted_at": Recording.at}
        await connection.execute(update(Recording).where(Recording.call.in_(some)).values(gone))
        await connection.execute(delete(Delivery).where(Delivery.call.in_(some)))
        written = list(await connection.scalars(select(Note.id).where(Note.call.in_(some))))
        await refresh(connection, "note", written)
    await _blank(connection, Reorientation, ("came_from", "sent_to", "step"), Reorientation.call, contacts, traces)
    await _blank(connection, Case, ("topic", "service"), Case.id, cases, traces)
    for some in pieces(cases):
        nothing = {"title": "", "number": "", "spoken": None, "person_id": None, "assigned_person_id": None}
        await connection.execute(update(Case).where(Case.id.in_(some)).values(nothing))
    await refresh(connection, "case", cases)
    for some in pieces(promises):
        await connection.execute(update(Promise).where(Promise.id.in_(some)).values(text="", number="", person_id=None))
    nobody = {"for_person_id": min(ids, default=None), "relation": None}  # it goes on counting as one person's matter
    await connection.execute(update(Contact).where(Contact.for_person_id.in_(ids)).values(nobody))


async def _blank(
    connection: AsyncConnection, model: Any, typed: Sequence[str], column: Any, values: Collection[str], traces: Traces
) -> None:
    """Empty what somebody typed where the person can be found in it."""
    for some in pieces(values):
        for row in await read(connection, select(model.__table__).where(column.in_(some))):
            if gone := {name: "" for name in typed if traces.are_in(row[name])}:
                await connection.execute(update(model).where(model.id == row["id"]).values(gone))


async def _scrub_contacts(
    connection: AsyncConnection, ids: Sequence[int], contacts: dict[str, dict[str, Any]], traces: Traces, at: int
) -> None:
    """They stay together as those of one person, of whom nothing else is known."""
    nobody = min(ids, default=None)
    for row in contacts.values():
        choices = [{**choice, "digits": ""} for choice in row["choices"]]
        gone: dict[str, Any] = {"number": "", "name": "", "channel": "", "choices": choices, "case_id": None}
        gone |= {"phone_id": None, "assigned_person_id": None, "relation": None}
        gone |= {name: None for name in TYPED if traces.are_in(row[name] or "")}
        await connection.execute(
            update(Contact).where(_contact.id == row["id"]).values(**gone, person_id=nobody, erased_at=at)
        )


async def _let_go(connection: AsyncConnection, ids: Sequence[int], stone: Tombstone) -> None:
    """Nobody is shown under them, no phone is theirs, and no decision is about one of their calls."""
    for some in pieces(stone.contacts):
        await connection.execute(delete(IdentityChange).where(IdentityChange.call.in_(some)))
    await _free_the_merged(connection, ids)
    await connection.execute(delete(PersonPhone).where(PersonPhone.person_id.in_(ids)))
    for phone in await read(connection, select(Phone.id, Phone.number).where(Phone.person_id.in_(ids))):
        await _give_up_phone(connection, phone["id"], phone["number"], stone.at)
    nothing = {"key": None, "name": None, "languages": None, "preferences": None, "merged_into_id": None}
    await connection.execute(update(Person).where(Person.id.in_(ids)).values(nothing))
    await refresh(connection, "person", ids)


async def _free_the_merged(connection: AsyncConnection, ids: Sequence[int]) -> None:
    """In a backup somebody else may be shown under them, by a merge that was taken back later."""
    others = select(Person.id).where(Person.merged_into_id.in_(ids), Person.id.not_in(ids))
    for other in list(await connection.scalars(others)):
        await connection.execute(update(Person).where(Person.id == other).values(merged_into_id=None))
        theirs = select(Phone.id).where(Phone.person_id == other).scalar_subquery()
        own = or_(
            Contact.assigned_person_id == other,
            Contact.assigned_person_id.is_(None) & Contact.phone_id.in_(theirs),
        )
        await connection.execute(update(Contact).where(own).values(person_id=other))


async def _give_up_phone(connection: AsyncConnection, phone: int, number: str, at: int) -> None:
    """It belongs to whoever else called from there, or is forgotten."""
    rows = await read(
        connection, select(Contact.id, Contact.assigned_person_id).where(Contact.phone_id == phone).limit(1_000)
    )
    if not rows:
        await connection.execute(delete(PersonPhone).where(PersonPhone.phone_id == phone))
        await connection.execute(delete(Phone).where(Phone.id == phone))
        await forget_number(connection, number, at)
        return
    owner = min((row["assigned_person_id"] for row in rows if row["assigned_person_id"]), default=None)
    if owner is None:
        owner = (await connection.execute(insert(Person).values(since=0).returning(Person.id))).scalar_one()
    await connection.execute(update(Phone).where(Phone.id == phone).values(person_id=owner))
    unsaid = Contact.assigned_person_id.is_(None)
    await connection.execute(update(Contact).where(Contact.phone_id == phone, unsaid).values(person_id=owner))
    await connection.execute(
        insert_into(connection, PersonPhone).on_conflict_do_nothing(), [{"person_id": owner, "phone_id": phone}]
    )


async def scrub_letters(connection: AsyncConnection, keys: Collection[str]) -> None:
    """Of contacts that are somebody else's by now, from when they were theirs. It looks through all letters, which are
    kept for a month: nobody whose time is over is in one."""
    for key in keys:
        told = Delivery.body.contains(json.dumps({"person": key})[1:-1], autoescape=True)
        await connection.execute(delete(Delivery).where(told))


async def _scrub_poison(connection: AsyncConnection, traces: Traces, ids: set[str]) -> None:
    """What could not be recorded is looked through too; there is little of it. `ids`: of what is theirs."""
    found = (await connection.execute(select(Poison.id, Poison.raw))).all()
    named = {id_ for id_, raw in found if not ids.isdisjoint(texts_in(raw))}
    gone = named | {id_ for id_, raw in found if any(traces.are_in(text) for text in _readings(raw))}
    for some in pieces(gone):
        await connection.execute(update(Poison).where(Poison.id.in_(some)).values(raw=ERASED))


def _readings(raw: str) -> Iterator[str]:
    """The text without what is not ASCII, which may hide among a number's digits; and with it, as names are written."""
    yield re.sub(r"\\u[0-9a-f]{4}", "", raw)
    yield re.sub(r"\\u([0-9a-f]{4})", lambda match: chr(int(match[1], 16)), raw)
