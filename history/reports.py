"""Questions asked after the calls."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.orm import aliased

from history.models import Case, Contact, Person
from history.numbers import read_number
from history.people import NoSuchPerson

MOST = 1_000


async def contacts_of(engine: AsyncEngine, number: str, country: str, most: int = MOST) -> list[dict[str, Any]]:
    """The contacts from a number, whoever called, written in any way (`06 12 34 56 78`), newest first, at most `most`.

    Each is a contact's columns by name, all of them JSON data; times in ms since 1970 UTC. None for a withheld
    number: whose they are is not known.
    """
    text = read_number(number, country).text
    if not text:
        return []
    table = Contact.__table__
    wanted = select(table).where(table.c.number == text).order_by(table.c.started_at.desc(), table.c.id).limit(most)
    async with engine.connect() as connection:
        return [dict(row) for row in (await connection.execute(wanted)).mappings()]


async def contacts_of_person(engine: AsyncEngine, key: str, most: int = MOST) -> tuple[str, list[dict[str, Any]]]:
    """The same of one person, whatever number they showed, and none of whoever else called from there; before them the
    key of the one under whom the person is shown. Raises NoSuchPerson."""
    table, top = Contact.__table__, aliased(Person)
    shown = select(top.id, top.key).join(Person, top.id == func.coalesce(Person.merged_into_id, Person.id))
    async with engine.connect() as connection:
        found = (await connection.execute(shown.where(Person.key == key))).first()
        if found is None:
            raise NoSuchPerson(key)
        theirs = select(table).where(table.c.person_id == found.id)
        wanted = theirs.order_by(table.c.started_at.desc(), table.c.id).limit(most)
        return found.key or "", [dict(row) for row in (await connection.execute(wanted)).mappings()]


async def answered_by(engine: AsyncEngine, call: str) -> str | None:
    """The agent who spoke with that caller, where one did and it was recorded."""
    async with engine.connect() as connection:
        agent: str | None = await connection.scalar(select(Contact.agent).where(Contact.id == call))
        return agent


async def matter_of(engine: AsyncEngine, call: str) -> dict[str, str]:
    """What a contact is about: its `topic`, and the number of the `case` that it belongs to, as far as is known."""
    asked = select(Contact.topic, Case.number).outerjoin(Case, Case.id == Contact.case_id).where(Contact.id == call)
    async with engine.connect() as connection:
        found = (await connection.execute(asked)).first()
        known = {"topic": found.topic, "case": found.number} if found else {}
        return {name: str(value) for name, value in known.items() if value}


async def number_of(engine: AsyncEngine, call: str) -> tuple[str, str]:
    """The number from which a contact came, and its queue; "" where there is none, or it was withheld."""
    async with engine.connect() as connection:
        found = (await connection.execute(select(Contact.number, Contact.queue).where(Contact.id == call))).first()
        return (str(found.number or ""), str(found.queue or "")) if found else ("", "")
