"""Looking for it. Every answer is bounded, however much would fit what was typed."""

import asyncio
from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any, TypedDict

from sqlalchemy import (
    ColumnElement,
    String,
    cast,
    column,
    func,
    literal,
    literal_column,
    select,
    table,
    union_all,
)
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.orm import aliased

from history.models import Case, Contact, Note, Person, PersonPhone, Phone
from history.models.search import KINDS, SearchDocument
from history.numbers import read_number
from history.search.query import LEAST_OF_CASE, Asked, ascii_digits, read_query

MOST = 20
RECENT = 2_000
"""So many of the latest of a kind are looked through first: common words are found there at once, where the index
would gather all who have them."""
LOOKED_AT = 500
"""On PostgreSQL, whose index knows no order: of so many that fit, the latest are shown."""
EXCERPT = 160
MET_AT_ONE = 10
"""So many persons at one number are reckoned with: a household, an office."""

_document = SearchDocument.__table__.c
_top = aliased(Person)
_SHOWN_UNDER = _top.id == func.coalesce(Person.merged_into_id, Person.id)
_WORDS = {kind: table(f"search_words_{kind}", column("rowid"), column(f"search_words_{kind}")) for kind in KINDS}
_numbers = table("search_numbers", column("rowid"), column("search_numbers"))
_VECTOR: ColumnElement[Any] = func.array_to_tsvector(
    func.string_to_array(_document.words, literal_column("' '")), type_=TSVECTOR
)


class Hit(TypedDict):
    """Something found. Every text came from outside and is to be shown as text; times in ms since 1970 UTC."""

    kind: str
    """`person`, `case`, `note`, or `contact` for a number to which no person belongs."""
    id: str
    person_id: int | None
    person: str
    """Whom it tells something about: their key. Empty: nobody who is known, or somebody of an older version."""
    how: str
    """What of it fitted: `number`, `name`, `case` (its title or number), `note`."""
    title: str
    """The person's name, the case's number and title, the beginning of the note, or the number."""
    number: str
    """A phone number of the person, or the case's number; else empty."""
    at: int | None


async def search(engine: AsyncEngine, text: str, country: str, most: int = MOST) -> list[Hit]:
    """What fits best first: numbers, then persons, cases and notes, the latest of each first; at most `most` of each
    kind. GuichetError where nothing could be looked for."""
    asked = read_query(text)
    looked = [_by_number(engine, text, asked, country, most)] if asked.digits else []
    if asked.words:
        looked += [_of_kind(engine, kind, asked, most) for kind in ("person", "case", "note")]
    return _each_once(hit for hits in await asyncio.gather(*looked) for hit in hits)


async def _by_number(engine: AsyncEngine, text: str, asked: Asked, country: str, most: int) -> list[Hit]:
    async with engine.connect() as connection:
        return [
            *await _cases_numbered(connection, asked.case_number, most),
            *await _phones(connection, asked.digits, most),
            *await _contacts_from(connection, read_number(ascii_digits(text), country).text, most),
        ]


async def _of_kind(engine: AsyncEngine, kind: str, asked: Asked, most: int) -> list[Hit]:
    """By a connection of its own: the kinds are looked through side by side."""
    async with engine.connect() as connection:
        refs = await _refs(connection, kind, asked, most)
        return await _TOLD[kind](connection, refs) if refs else []


async def _refs(connection: AsyncConnection, kind: str, asked: Asked, most: int) -> list[str]:
    """The latest things of a kind with all these words in them."""
    refs = await _recent(connection, kind, asked, most)
    if len(refs) < most:
        refs += await _indexed(connection, kind, asked, most)
    return list(dict.fromkeys(refs))[:most]


async def _recent(connection: AsyncConnection, kind: str, asked: Asked, most: int) -> list[str]:
    latest = (
        select(_document.id, _document.ref, _document.words)
        .where(_document.kind == kind)
        .order_by(_document.id.desc())
        .limit(RECENT)
        .subquery()
    )
    place = func.instr if connection.dialect.name == "sqlite" else func.strpos
    begins = [place(latest.c.words, f" {word}") > 0 for word in asked.words]
    found = select(latest.c.ref).where(*begins).order_by(latest.c.id.desc()).limit(most)
    return list((await connection.scalars(found)).all())


async def _indexed(connection: AsyncConnection, kind: str, asked: Asked, most: int) -> list[str]:
    if connection.dialect.name == "sqlite":
        words = _WORDS[kind]
        found = (
            select(_document.ref)
            .select_from(words.join(SearchDocument.__table__, _document.id == words.c.rowid))
            .where(words.c[words.name].op("MATCH")(" AND ".join(f'"{word}"*' for word in asked.words)))
            .order_by(words.c.rowid.desc())
            .limit(most)
        )
    else:
        wanted = " & ".join(f"'{word}':*" for word in asked.words)
        some = (
            select(_document.id, _document.ref)
            .where(_document.kind == literal_column(f"'{kind}'"))  # written out, so that the kind's own index is found
            .where(_VECTOR.op("@@")(cast(literal(wanted, String), TSQUERY())))
            .limit(LOOKED_AT)
            .subquery()
        )
        found = select(some.c.ref).order_by(some.c.id.desc()).limit(most)
    return list((await connection.scalars(found)).all())


async def _phones(connection: AsyncConnection, digits: str, most: int) -> list[Hit]:
    """Persons by part of a number: all who were met at such a phone, each once, by who they are after all merging."""
    phone = Phone.__table__.c
    if connection.dialect.name == "sqlite":
        fits = select(_numbers.c.rowid).where(_numbers.c.search_numbers.op("MATCH")(f'"{digits}"'))
        fits = fits.order_by(_numbers.c.rowid.desc()).limit(most)
    else:
        fits = select(select(phone.id).where(phone.number.like(f"%{digits}%")).limit(most).subquery().c.id)
    some = select(phone.id, phone.number, phone.person_id).where(phone.id.in_(fits)).cte("some")
    met = select(some.c.id, some.c.number, PersonPhone.person_id, literal(1).label("place")).join(
        PersonPhone, PersonPhone.phone_id == some.c.id
    )
    theirs = union_all(select(some, literal(0).label("place")), met).subquery()
    wanted = (
        select(theirs.c.number, _top.id, _top.key, _top.name, _top.since)
        .select_from(theirs.join(Person.__table__, Person.id == theirs.c.person_id).join(_top, _SHOWN_UNDER))
        .order_by(theirs.c.id.desc(), theirs.c.place, _top.id)
        .limit(most * MET_AT_ONE)
    )
    found = [
        Hit(kind="person", id=str(id_), person_id=id_, person=key or "", how="number",
            title=name or number, number=number, at=since)
        for number, id_, key, name, since in await connection.execute(wanted)
    ]  # fmt: skip
    return _each_once(found)[:most]


async def _contacts_from(connection: AsyncConnection, number: str, most: int) -> list[Hit]:
    """Contacts from exactly this number, where it is nobody's: a short code, an internal extension."""
    contact = Contact.__table__.c
    wanted = (
        select(contact.id, contact.number, contact.started_at)
        .where(contact.number == number, contact.phone_id.is_(None))
        .order_by(contact.started_at.desc())
        .limit(most)
    )
    if not number or number.startswith("+"):
        return []
    return [Hit(kind="contact", id=id_, person_id=None, person="", how="number", title=number, number=number, at=at)
            for id_, number, at in await connection.execute(wanted)]  # fmt: skip


async def _cases_numbered(connection: AsyncConnection, number: str, most: int) -> list[Hit]:
    """By the whole number or its beginning."""
    if len(number) < LEAST_OF_CASE:
        return []
    wanted = select(Case.id).where(Case.number >= number)  # a range, which an index of any collation finds
    if following := number.rstrip("9"):
        wanted = wanted.where(Case.number < f"{int(following) + 1:0{len(following)}}")
    found = (await connection.scalars(wanted.order_by(Case.number).limit(most))).all()
    return await _cases(connection, found) if found else []


async def _persons(connection: AsyncConnection, refs: Sequence[str]) -> list[Hit]:
    person, phone = Person.__table__.c, Phone.__table__.c
    number = (
        select(phone.number).where(phone.person_id == person.id).order_by(phone.id).limit(1).scalar_subquery()
    )  # fmt: skip
    wanted = select(person.id, _top.id, _top.key, person.name, person.since, number).join_from(
        Person, _top, _SHOWN_UNDER
    )
    found = await connection.execute(wanted.where(person.id.in_([int(ref) for ref in refs])))
    hits = [
        Hit(kind="person", id=str(top), person_id=top, person=key or "", how="name",
            title=name or "", number=number or "", at=since)
        for _, top, key, name, since, number in sorted(found, key=itemgetter(0), reverse=True)
    ]  # fmt: skip
    return _each_once(hits)


async def _cases(connection: AsyncConnection, refs: Sequence[str]) -> list[Hit]:
    case, person = Case.__table__.c, Person.__table__.c
    wanted = select(case.id, case.person_id, person.key, case.number, case.title, case.opened_at).join_from(
        Case, Person, person.id == case.person_id, isouter=True
    )
    found = await connection.execute(wanted.where(case.id.in_(refs)).order_by(case.opened_at.desc(), case.id))
    return [Hit(kind="case", id=id_, person_id=person, person=key or "", how="case", title=title, number=number, at=at)
            for id_, person, key, number, title, at in found]  # fmt: skip


async def _notes(connection: AsyncConnection, refs: Sequence[str]) -> list[Hit]:
    note, contact, person = Note.__table__.c, Contact.__table__.c, Person.__table__.c
    contacts = Note.__table__.join(Contact.__table__, contact.id == note.call, isouter=True)
    persons = contacts.join(Person.__table__, person.id == contact.person_id, isouter=True)
    wanted = select(note.id, contact.person_id, person.key, note.text, note.at).select_from(persons)
    found = await connection.execute(wanted.where(note.id.in_(refs)).order_by(note.at.desc(), note.id))
    return [
        Hit(kind="note", id=id_, person_id=person, person=key or "", how="note", title=text[:EXCERPT], number="", at=at)
        for id_, person, key, text, at in found
    ]  # fmt: skip


def _each_once(hits: Iterable[Hit]) -> list[Hit]:
    """The first of each thing."""
    found: dict[tuple[str, str], Hit] = {}
    for hit in hits:
        found.setdefault((hit["kind"], hit["id"]), hit)
    return list(found.values())


_TOLD = {"person": _persons, "case": _cases, "note": _notes}
