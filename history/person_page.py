"""One person, to read further than the screen-pop: all that is known, the latest first, as much as a screen holds."""

from collections.abc import Sequence
from typing import Any, TypedDict

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from history.database import read
from history.models import Case, Contact, IdentityChange, Note, Person, PersonPhone, Phone, Promise
from history.sealing import Sealing

MOST_CONTACTS = 100
MOST_OTHERS = 50

_contact, _note, _case, _promise = (model.__table__.c for model in (Contact, Note, Case, Promise))
_person, _change = Person.__table__.c, IdentityChange.__table__.c


class PersonPage(TypedDict):
    """JSON data; times in ms since 1970 UTC. Every text in it came from outside and is to be shown as text."""

    id: int
    person: str
    """The key; empty for somebody of an older version who has not called since."""
    name: str | None
    since: int
    languages: list[str] | None
    preferences: dict[str, Any] | None
    numbers: list[str]
    contacts: list[dict[str, Any]]
    """id, started_at, number, queue, agent, topic, outcome, code, settled, waited_ms, talk_ms, case_id, confidence,
    relation, for_somebody (another person called for them), notes (each at, author, text)."""
    cases: list[dict[str, Any]]
    """Closed ones too: id, number, title, topic, service, status, opened_at, changed_at, closed_at, author."""
    promises: list[dict[str, Any]]
    """id, call, case_id, kind, text, made_at, author, due_from, due_until, tries, outcome, ended_at."""
    decisions: list[dict[str, Any]]
    """On who is who: at, change, person, other, call, number, author, reason."""


async def person_page(engine: AsyncEngine, sealing: Sealing, *, id: int = 0, key: str = "") -> PersonPage | None:
    """By id or by key; of somebody who was merged, the one under whom they are shown. None: nobody."""
    async with engine.connect() as connection:
        named = _person.key == key if key else _person.id == id
        found = (await connection.execute(select(_person.id, _person.merged_into_id).where(named))).first()
        if found is None:
            return None
        top = found.merged_into_id or found.id
        same = or_(_person.id == top, _person.merged_into_id == top)
        selves = await read(connection, select(Person.__table__).where(same))
        person = next(row for row in selves if row["id"] == top)
        ids, keys = [row["id"] for row in selves], [row["key"] for row in selves if row["key"]]
        return PersonPage(
            id=top,
            person=person["key"] or "",
            name=person["name"],
            since=person["since"],
            languages=person["languages"],
            preferences=person["preferences"],
            numbers=await _numbers(connection, ids),
            contacts=await _contacts(connection, top, ids, sealing),
            cases=await read(connection, _some(_CASE, _case.person_id == top, _case.opened_at, _case.id)),
            promises=await read(connection, _some(_PROMISE, _promise.person_id == top, _promise.made_at, _promise.id)),
            decisions=await read(connection, _some(_CHANGE, _change.person.in_(keys), _change.at, _change.id)),
        )


_CONTACT = [
    _contact[name]
    for name in (
        *("id", "started_at", "number", "queue", "agent", "topic", "outcome", "code", "settled", "waited_ms"),
        *("talk_ms", "case_id", "confidence", "relation", "for_person_id"),
    )
]
_CASE = [
    _case[name]
    for name in (
        *("id", "number", "title", "topic", "service", "status", "opened_at", "changed_at", "closed_at", "author"),
    )
]
_PROMISE = [
    _promise[name]
    for name in (
        *("id", "call", "case_id", "kind", "text", "made_at", "author", "due_from", "due_until", "tries", "outcome"),
        "ended_at",
    )
]
_CHANGE = [_change[name] for name in ("at", "change", "person", "other", "call", "number", "author", "reason")]


def _some(
    columns: Sequence[ColumnElement[Any]],
    whose: ColumnElement[bool],
    at: ColumnElement[Any],
    id: ColumnElement[Any],
    most: int = MOST_OTHERS,
) -> Select[Any]:
    """The latest first."""
    return select(*columns).where(whose).order_by(at.desc(), id).limit(most)


async def _numbers(connection: AsyncConnection, ids: Sequence[int]) -> list[str]:
    met = select(Phone.number).join(PersonPhone, PersonPhone.phone_id == Phone.id)
    wanted = met.where(PersonPhone.person_id.in_(ids)).order_by(Phone.number).limit(MOST_OTHERS)
    return list(dict.fromkeys(await connection.scalars(wanted)))


async def _contacts(
    connection: AsyncConnection, top: int, ids: Sequence[int], sealing: Sealing
) -> list[dict[str, Any]]:
    """Their own, and those in which somebody else called for them, with what was noted."""
    at, id_ = _contact.started_at, _contact.id
    own = await read(connection, _some(_CONTACT, _contact.person_id == top, at, id_, MOST_CONTACTS))
    others = await read(connection, _some(_CONTACT, _contact.for_person_id.in_(ids), at, id_, MOST_CONTACTS))
    rows = {row["id"]: row for row in (*own, *others)}
    latest = sorted(rows.values(), key=lambda row: (-row["started_at"], row["id"]))[:MOST_CONTACTS]
    notes = await read(
        connection,
        select(_note.call, _note.at, _note.author, _note.text, _note.sealed)
        .where(_note.call.in_([row["id"] for row in latest]), _note.text != "")
        .order_by(_note.at, _note.id),
    )
    for note in notes:
        note["text"] = sealing.open(note["text"], sealed=bool(note.pop("sealed")))
    own_ids = {row["id"] for row in own}
    return [
        {
            **{name: value for name, value in row.items() if name != "for_person_id"},
            "for_somebody": row["id"] not in own_ids,
            "notes": [{k: v for k, v in note.items() if k != "call"} for note in notes if note["call"] == row["id"]],
        }
        for row in latest
    ]
