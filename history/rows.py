"""How the recorder reads events and writes rows: by the many, each table in one statement."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Insert, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.events import Event
from history.many import among, insert_into, pieces, write_many
from history.models import Contact, RecordedEvent

_contact = Contact.__table__.c
_event = RecordedEvent.__table__.c
Row = dict[str, Any]


async def events_of(connection: AsyncConnection, column: Any, values: Collection[str]) -> dict[str, list[Event]]:
    """All recorded events by call or by subject."""
    events: dict[str, list[Event]] = {}
    for some in pieces(values):
        wanted = select(column, _event.id, _event.kind, _event.at, _event.call, _event.data).where(among(column, some))
        for value, id_, kind, at, call, data in (await connection.execute(wanted)).all():
            events.setdefault(value, []).append(Event(id_, kind, at, call, data))
    return events


async def persons_at(connection: AsyncConnection, column: Any, calls: Collection[str]) -> dict[str, int | None]:
    """Call to whom that column of its contact names, as it stands."""
    found: dict[str, int | None] = {}
    for some in pieces(calls):
        wanted = select(_contact.id, column.label("person")).where(among(_contact.id, some))
        found |= {row.id: row.person for row in await connection.execute(wanted)}
    return found


async def let_go_of(connection: AsyncConnection, model: Any, calls: Collection[str], ids: Collection[str]) -> None:
    """Rows of these calls but for those ids."""
    for some in pieces(calls):
        there = set(await connection.scalars(select(model.id).where(among(model.__table__.c.call, some))))
        if gone := sorted(there.difference(ids)):
            await connection.execute(delete(model).where(among(model.__table__.c.id, gone)))


async def add(connection: AsyncConnection, model: type[Any], rows: Sequence[Row]) -> int:
    """Rows that never change: one that is there already is passed over. Gives how many were not."""
    table = model.__tablename__
    return await write_many(
        connection, table, "add", lambda: insert_into(connection, model).on_conflict_do_nothing(), rows
    )


async def put(connection: AsyncConnection, model: type[Any], rows: Sequence[Row], same: str = "") -> None:
    """Rows that are made anew: one that is there already is replaced in these columns, if it has the `same`."""

    def replacing() -> Insert:
        statement = insert_into(connection, model)
        changed = {name: statement.excluded[name] for name in rows[0] if name != "id"}
        where = model.__table__.c[same] == statement.excluded[same] if same else None
        return statement.on_conflict_do_update(index_elements=["id"], set_=changed, where=where)

    await write_many(connection, model.__tablename__, "put", replacing, rows)
