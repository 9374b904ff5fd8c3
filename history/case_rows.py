"""What the events of cases and promises make as rows, with whose they are."""

from collections.abc import Callable, Collection, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from core.events import Event
from history import people
from history.models import Case, Contact, Promise, RecordedEvent
from history.projection.cases import project_case, project_promise
from history.projection.data import GREATEST
from history.rows import Row, events_of, persons_at, put

_event = RecordedEvent.__table__.c


async def write_cases(connection: AsyncConnection, ids: Collection[str]) -> None:
    """Each made anew from all events of it; so are promises."""
    await _write(connection, "case", Case, project_case, "opened_in", ids, named="assigned_person_id")


async def write_promises(connection: AsyncConnection, ids: Collection[str]) -> None:
    await _write(connection, "promise", Promise, project_promise, "call", ids)


async def _write(
    connection: AsyncConnection,
    kind: str,
    model: type[Any],
    project: Callable[[str, Sequence[Event]], Row],
    call: str,
    ids: Collection[str],
    named: str = "",
) -> None:
    """Rows of a person: the one who was named, else the one of the contact in `call`. Whose person was erased are
    nobody else's from then on. `named`: the column that keeps who was named, whoever they are by now."""
    told = await events_of(connection, _event.subject, [f"{kind}:{id_}" for id_ in ids])
    rows = [project(subject.partition(":")[2], events) for subject, events in told.items()]
    persons = await people.persons(connection, {row["person"]: GREATEST for row in rows if row["person"]})
    callers = await persons_at(connection, Contact.__table__.c.person_id, {row[call] for row in rows if row[call]})
    tops = await people.tops(connection, {*persons.values()})
    for row in rows:
        key = row.pop("person")
        said = persons.get(key)
        top = tops.get(said) if said else None
        row["person_id"] = top or (None if key == "" else callers.get(row[call]))
        if named:
            row[named] = said
    await put(connection, model, rows)
