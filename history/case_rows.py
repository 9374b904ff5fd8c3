"""What the events of cases and promises make as rows, with whose they are."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from history import people
from history.many import among, pieces
from history.models import Case, Contact, Promise, RecordedEvent
from history.projection.cases import project_case, project_promise
from history.projection.data import GREATEST
from history.rows import Row, events_of, put

_event = RecordedEvent.__table__.c


async def write_cases(connection: AsyncConnection, ids: Collection[str]) -> None:
    """Each made anew from all events of it; so are promises."""
    told = await events_of(connection, _event.subject, [f"case:{id_}" for id_ in ids])
    rows = [project_case(subject.partition(":")[2], events) for subject, events in told.items()]
    persons = await people.persons(connection, {row["person"]: GREATEST for row in rows if row["person"]})
    nobodys = {row["id"] for row in rows if row["person"] == ""}
    for row in rows:
        row["assigned_person_id"] = persons.get(row.pop("person"))
    await _put_with_person(connection, Case, rows, "opened_in", "assigned_person_id", nobodys)


async def write_promises(connection: AsyncConnection, ids: Collection[str]) -> None:
    told = await events_of(connection, _event.subject, [f"promise:{id_}" for id_ in ids])
    rows = [project_promise(subject.partition(":")[2], events) for subject, events in told.items()]
    persons = await people.persons(connection, {row["person"]: GREATEST for row in rows if row["person"]})
    nobodys = {row["id"] for row in rows if row["person"] == ""}
    for row in rows:
        row["said"] = persons.get(row.pop("person"))
    await _put_with_person(connection, Promise, rows, "call", "said", nobodys, drop="said")


async def _put_with_person(
    connection: AsyncConnection,
    model: type[Any],
    rows: list[Row],
    call: str,
    said: str,
    nobodys: Collection[str],
    drop: str = "",
) -> None:
    """Rows of a person: the one who was named, else the one of the contact. `nobodys`: ids of those whose person was
    erased, who are nobody else's from then on."""
    callers: dict[str, int | None] = {}
    for some in pieces({row[call] for row in rows if row[call]}):
        wanted = select(Contact.id, Contact.person_id).where(among(Contact.__table__.c.id, some))
        for id_, person in await connection.execute(wanted):
            callers[id_] = person
    tops = await people.tops(connection, {row[said] for row in rows if row[said]})
    for row in rows:
        row["person_id"] = tops.get(row[said]) or (None if row["id"] in nobodys else callers.get(row[call]))
        if drop:
            del row[drop]
    await put(connection, model, rows)
