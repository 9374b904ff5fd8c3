"""Persons without a key: those of a history that is older than keys, and who is left at a phone whose owner was erased.
Events, exports and erasures name a person by key alone; so each is given the one that belongs to their number, a few at
a time, at the start and every night."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from history.database import read, writing
from history.many import insert_into
from history.models import Case, Contact, Erasure, Person, PersonPhone, Phone, Promise
from history.people import tops
from history.pseudonyms import Pseudonyms
from history.retention import AT_ONCE, BREATH_S, seconds_to_night

log = logging.getLogger(__name__)

_person = Person.__table__.c
_phone = Phone.__table__.c
_contact = Contact.__table__.c


async def run(engine: AsyncEngine, pseudonyms: Pseudonyms) -> None:
    """At once, then every night, until cancelled."""
    while True:
        try:
            if count := await name_them(engine, pseudonyms):
                log.info("history: %d persons without a key were given one", count)
        except Exception:
            log.exception("history: not every person has a key yet; it is tried again tomorrow")
        await asyncio.sleep(seconds_to_night(datetime.now().astimezone()))


async def name_them(engine: AsyncEngine, pseudonyms: Pseudonyms, breath_s: float = BREATH_S) -> int:
    """Gives how many got a key. Again: nobody."""
    count, last = 0, 0
    while True:
        async with writing(engine) as connection:
            rows = await read(connection, _nameless(last))
            erased = await _erased(connection) if rows else {}
            for row in rows:
                count += await _name(connection, row["id"], pseudonyms, erased)
        if not rows:
            return count
        last = rows[-1]["id"]
        await asyncio.sleep(breath_s)


def _nameless(last: int) -> Any:
    """Who has a phone: somebody who was erased has none."""
    has_phone = exists().where(_phone.person_id == _person.id)
    return (
        select(_person.id)
        .where(_person.id > last, _person.key.is_(None), has_phone)
        .order_by(_person.id)
        .limit(AT_ONCE)
    )


async def _erased(connection: AsyncConnection) -> dict[str, int]:
    """Each key that was erased, and when last."""
    found: dict[str, int] = {}
    for row in await read(connection, select(Erasure.persons, Erasure.at)):
        for key in row["persons"]:
            found[key] = max(row["at"], found.get(key, 0))
    return found


async def _name(connection: AsyncConnection, id_: int, pseudonyms: Pseudonyms, erased: Mapping[str, int]) -> bool:
    number = await connection.scalar(select(_phone.number).where(_phone.person_id == id_).order_by(_phone.id).limit(1))
    first = await connection.scalar(select(func.min(_contact.started_at)).where(_contact.person_id == id_))
    key = pseudonyms.person(str(number))
    since = await connection.scalar(select(_person.since).where(_person.id == id_)) or int(first or 0)
    if since <= erased.get(key, -1):
        return False  # the next start would take them for whom was erased
    other = await connection.scalar(select(_person.id).where(_person.key == key))
    if other is None:
        await connection.execute(update(Person).where(_person.id == id_).values(key=key, since=since))
    else:
        await _become(connection, id_, other)
    return True


async def _become(connection: AsyncConnection, id_: int, other: int) -> None:
    """Both are whoever the number belongs to: one was made when it called again."""
    shown = (await tops(connection, [other]))[other]
    phones = select(_phone.id).where(_phone.person_id == id_)
    met = [{"person_id": other, "phone_id": phone} for phone in await connection.scalars(phones)]
    await connection.execute(insert_into(connection, PersonPhone).on_conflict_do_nothing(), met)
    await connection.execute(delete(PersonPhone).where(PersonPhone.person_id == id_))
    await connection.execute(update(Phone).where(_phone.person_id == id_).values(person_id=other))
    models: Sequence[Any] = (Contact, Case, Promise)
    for model in models:
        await connection.execute(update(model).where(model.person_id == id_).values(person_id=shown))
    await connection.execute(delete(Person).where(_person.id == id_))
