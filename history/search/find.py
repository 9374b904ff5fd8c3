"""Looking for it. Every answer is bounded, however much would fit what was typed."""

import asyncio
from collections.abc import Sequence
from typing import Any, TypedDict

from sqlalchemy import ColumnElement, Select, String, cast, column, func, literal, literal_column, select, table
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from history.models import Case, Contact, Note, Person, Phone
from history.models.search import KINDS, SearchDocument
from history.numbers import read_number
from history.search.query import Asked, read_query

MOST = 20
RECENT = 2_000
"""So many of the latest of a kind are looked through first: common words are found there at once, where the index
would gather all who have them."""
LOOKED_AT = 500
"""On PostgreSQL, whose index knows no order: of so many that fit, the latest are shown."""
EXCERPT = 160

_document = SearchDocument.__table__.c
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
    title: str
    """The person's name, the case's number and title, the beginning of the note, or the number."""
    number: str
    """A phone number of the person, or the case's number; else empty."""
    at: int | None


async def search(engine: AsyncEngine, text: str, country: str, most: int = MOST) -> list[Hit]:
    """What fits best first: numbers, then persons, cases and notes, the latest of each first; at most `most` of each
    kind. GuichetError where nothing could be looked for."""
    asked = read_query(text)
    if not asked.digits:
        found = await asyncio.gather(*(_of_kind(engine, kind, asked, most) for kind in ("person", "case", "note")))
        return [hit for hits in found for hit in hits]
    async with engine.connect() as connection:
        return [
            *await _cases_numbered(connection, asked.case_number, most),
            *await _phones(connection, asked.digits, most),
            *await _contacts_from(connection, read_number(text, country).text, most),
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
    """Persons by part of a number."""
    phone, person = Phone.__table__.c, Person.__table__.c
    wanted: Select[Any] = select(phone.number, person.id, person.name, person.since).join_from(
        Phone, Person, phone.person_id == person.id
    )
    if connection.dialect.name == "sqlite":
        fits = select(_numbers.c.rowid).where(_numbers.c.search_numbers.op("MATCH")(f'"{digits}"'))
        wanted = wanted.where(phone.id.in_(fits.order_by(_numbers.c.rowid.desc()).limit(most)))
    else:
        some = select(phone.id).where(phone.number.like(f"%{digits}%")).limit(most).subquery()
        wanted = wanted.where(phone.id.in_(select(some.c.id)))
    found = await connection.execute(wanted.order_by(phone.id.desc()).limit(most))
    return [Hit(kind="person", id=str(id_), person_id=id_, title=name or number, number=number, at=since)
            for number, id_, name, since in found]  # fmt: skip


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
    return [Hit(kind="contact", id=id_, person_id=None, title=number, number=number, at=at)
            for id_, number, at in await connection.execute(wanted)]  # fmt: skip


async def _cases_numbered(connection: AsyncConnection, number: str, most: int) -> list[Hit]:
    found = await connection.scalars(select(Case.id).where(Case.number == number).limit(most))
    return await _cases(connection, found.all())


async def _persons(connection: AsyncConnection, refs: Sequence[str]) -> list[Hit]:
    person, phone = Person.__table__.c, Phone.__table__.c
    number = (
        select(phone.number).where(phone.person_id == person.id).order_by(phone.id).limit(1).scalar_subquery()
    )  # fmt: skip
    wanted = select(person.id, func.coalesce(person.merged_into_id, person.id), person.name, person.since, number)
    found = await connection.execute(wanted.where(person.id.in_([int(ref) for ref in refs])))
    hits = [Hit(kind="person", id=str(top), person_id=top, title=name or "", number=number or "", at=since)
            for _, top, name, since, number in sorted(found, reverse=True)]  # fmt: skip
    return list({hit["id"]: hit for hit in reversed(hits)}.values())[::-1]


async def _cases(connection: AsyncConnection, refs: Sequence[str]) -> list[Hit]:
    case = Case.__table__.c
    wanted = select(case.id, case.person_id, case.number, case.title, case.opened_at).where(case.id.in_(refs))
    found = await connection.execute(wanted.order_by(case.opened_at.desc(), case.id))
    return [Hit(kind="case", id=id_, person_id=person, title=title, number=number, at=at)
            for id_, person, number, title, at in found]  # fmt: skip


async def _notes(connection: AsyncConnection, refs: Sequence[str]) -> list[Hit]:
    note, contact = Note.__table__.c, Contact.__table__.c
    wanted = select(note.id, contact.person_id, note.text, note.at).join_from(
        Note, Contact, contact.id == note.call, isouter=True
    )
    found = await connection.execute(wanted.where(note.id.in_(refs)).order_by(note.at.desc(), note.id))
    return [Hit(kind="note", id=id_, person_id=person, title=text[:EXCERPT], number="", at=at)
            for id_, person, text, at in found]  # fmt: skip


_TOLD = {"person": _persons, "case": _cases, "note": _notes}
