"""Everything that is kept about one person, for that person: as JSON data and as a page to read."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from history.database import read
from history.many import pieces
from history.models import (
    Access,
    Case,
    Change,
    Contact,
    Entry,
    IdentityChange,
    Note,
    Person,
    PersonPhone,
    Phone,
    Promise,
    RecordedEvent,
    Recording,
    Reorientation,
)
from history.numbers import read_number
from history.page_words import NAMES, WORDS
from history.people import NoSuchPerson
from history.sealing import Sealing

TEMPLATES = Path(__file__).parent / "templates"
_OURS = frozenset({"id", "person_id", "phone_id", "assigned_person_id", "for_person_id", "merged_into_id", "erased_at"})
"""Columns that say nothing about the person."""

_CALLERS = frozenset({"number", "name", "channel", "withheld", "choices"})
"""Columns of a contact that say who called, or what they keyed in: another person's, where they called for this one."""

Export = dict[str, Any]
"""`person` {key, name, since, languages, preferences, numbers}, then lists of objects: `contacts` (with their
`entries`, `notes`, `recordings`, `reorientations`), `spoken_for` (contacts in which somebody else called for them,
without who that was), `cases`, `promises`, `decisions` (on who is who), `read_by` (who read their history), `events`
(the facts behind it)."""


async def persons_at(engine: AsyncEngine, number: str, country: str) -> list[dict[str, Any]]:
    """Who is known at a number, written in any way: key and name, each once."""
    text = read_number(number, country).text
    async with engine.connect() as connection:
        here = Phone.number == text
        met = select(PersonPhone.person_id).join(Phone, Phone.id == PersonPhone.phone_id).where(here)
        some = Person.id.in_(met.union(select(Phone.person_id).where(here)))
        rows = await read(connection, select(Person.id, Person.merged_into_id).where(some))
        tops = {row["merged_into_id"] or row["id"] for row in rows}
        return await read(connection, select(Person.key, Person.name).where(Person.id.in_(tops)).order_by(Person.id))


async def export(engine: AsyncEngine, key: str, sealing: Sealing) -> Export:
    """Raises NoSuchPerson."""
    async with engine.connect() as connection:
        found = (await connection.execute(select(Person.id, Person.merged_into_id).where(Person.key == key))).first()
        if found is None:
            raise NoSuchPerson(key)
        top = found.merged_into_id or found.id
        selves = await read(
            connection, select(Person.__table__).where(or_(Person.id == top, Person.merged_into_id == top))
        )
        ids = [row["id"] for row in selves]
        keys = [row["key"] for row in selves if row["key"]]
        contacts = await _rows(connection, Contact, Contact.person_id, ids, Contact.started_at)
        calls = [row["id"] for row in contacts]
        parts = {
            "entries": await _rows(connection, Entry, Entry.call, calls, Entry.entered_at),
            "notes": await _rows(connection, Note, Note.call, calls, Note.at),
            "recordings": await _rows(connection, Recording, Recording.call, calls, Recording.at),
            "reorientations": await _rows(connection, Reorientation, Reorientation.call, calls, Reorientation.at),
        }
        for note in parts["notes"]:
            note["text"] = sealing.open(note["text"], sealed=note.pop("sealed"))
        others = {
            "spoken_for": (Contact, Contact.for_person_id, ids, Contact.started_at),
            "cases": (Case, Case.person_id, ids, Case.opened_at),
            "promises": (Promise, Promise.person_id, ids, Promise.made_at),
            "decisions": (IdentityChange, IdentityChange.person, keys, IdentityChange.at),
            "read_by": (Access, Access.person, keys, Access.at),
            "events": (RecordedEvent, RecordedEvent.call, calls, RecordedEvent.at),
        }
        more = {name: await _rows(connection, *asked) for name, asked in others.items()}
        person = await _person(connection, next(row for row in selves if row["id"] == top), ids)
        more["decisions"] = [line for line in more["decisions"] if line["change"] != Change.NAMED.value]
        more["spoken_for"] = [{n: v for n, v in row.items() if n not in _CALLERS} for row in more["spoken_for"]]
        for promise in more["promises"]:
            if promise["call"] not in calls and promise["number"] not in person["numbers"]:
                promise["number"] = ""  # of whoever called for them
        for event in more["events"]:
            event["data"] = _opened(event["data"], sealing)
        return {
            "person": person,
            "contacts": [
                {"id": row["id"], **_shown(row), **{name: _of(row["id"], rows) for name, rows in parts.items()}}
                for row in contacts
            ],
            **{name: [_shown(row) for row in rows] for name, rows in more.items()},
        }


def page(export: Export, language: str = "fr", zone: tzinfo | None = None) -> str:
    """The export as an HTML page in French or English, to be read and printed. Every text is escaped: it came from
    outside. `zone`: of the times shown, this machine's where none is given."""

    def moment(ms: int | None) -> str:
        if ms is None:
            return ""
        here = datetime.fromtimestamp(ms / 1000, UTC).astimezone(zone)
        return here.strftime("%d/%m/%Y %H:%M" if language == "fr" else "%d %B %Y, %H:%M")

    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    known = "fr" if language == "fr" else "en"
    environment.filters["moment"] = moment
    environment.filters["name"] = lambda word: "" if word is None else NAMES[known].get(str(word), word)
    words = WORDS[known]
    return environment.get_template("person.html").render(export=export, words=words, language=language)


async def _person(connection: AsyncConnection, row: Mapping[str, Any], ids: Sequence[int]) -> dict[str, Any]:
    met = select(Phone.number).join(PersonPhone, PersonPhone.phone_id == Phone.id).where(PersonPhone.person_id.in_(ids))
    numbers = sorted(await connection.scalars(met.union(select(Phone.number).where(Phone.person_id.in_(ids)))))
    told = {name: row[name] for name in ("key", "name", "since", "languages", "preferences")}
    return {**told, "numbers": numbers}


def _opened(data: Mapping[str, Any], sealing: Sealing) -> Mapping[str, Any]:
    """A note's event says whether its text is sealed."""
    text = data.get("text")
    if data.get("sealed") is not True or not isinstance(text, str):
        return data
    return {**data, "text": sealing.open(text, sealed=True), "sealed": False}


async def _rows(connection: AsyncConnection, model: Any, column: Any, values: Sequence[Any], order: Any) -> list[Any]:
    found: list[dict[str, Any]] = []
    for some in pieces(values):
        found += await read(connection, select(model.__table__).where(column.in_(some)).order_by(order, model.id))
    return found


def _of(call: str, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [_shown(row) for row in rows if row["call"] == call]


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in _OURS}
