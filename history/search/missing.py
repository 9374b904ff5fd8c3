"""Documents of persons, cases and notes that were there before the search was: made in the background, a piece at a
time, once. Whatever is recorded since has its document from the recorder."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from history.database import writing
from history.many import among, pieces
from history.marks import mark, remember
from history.models import Case, Note, Person
from history.models.search import SearchDocument
from history.search.index import SOURCES, refresh

log = logging.getLogger(__name__)

LOOKED_AT = 5_000
"""Rows of which is asked at once who has no document: no lock is held meanwhile."""
MADE_AT_ONCE = 200
"""Documents in one transaction: who records waits no longer than that takes."""
BREATH_S = 0.05
AGAIN_S = 60.0
DONE = 2**62
"""The mark of a kind that was gone through."""

_document = SearchDocument.__table__.c
_WALKS: Mapping[str, tuple[Any, Any]] = {
    "person": (Person.id, Person.id),
    "case": (Case.id, Case.opened_at),
    "note": (Note.id, Note.at),
}
"""The id of each kind, and what its rows are gone through by, which is indexed."""


async def run(engine: AsyncEngine) -> None:
    """Until all are there; where the database is away, it is tried again."""
    while True:
        try:
            if count := await make_missing(engine):
                log.info(
                    "history: %d persons, cases and notes can be searched now that were older than the search", count
                )
            return
        except Exception:
            log.exception("history: not everything can be searched yet; it is gone on with")
            await asyncio.sleep(AGAIN_S)


async def make_missing(engine: AsyncEngine, breath_s: float = BREATH_S) -> int:
    """Gives how many documents were made. Where all was gone through before, that costs three look-ups by key."""
    return sum([await _make_missing(engine, kind, breath_s) for kind in _WALKS])


async def _make_missing(engine: AsyncEngine, kind: str, breath_s: float) -> int:
    id_, order = _WALKS[kind]
    purpose, count, last = f"words of {kind}", 0, _least(id_)
    async with engine.connect() as connection:
        came_to = await mark(connection, purpose)
    while came_to < DONE:
        async with engine.connect() as connection:
            after = SOURCES[kind].with_only_columns(id_, order).where(tuple_(order, id_) > (came_to, last))
            rows = (await connection.execute(after.order_by(order, id_).limit(LOOKED_AT))).all()
            missing = await _without(connection, kind, [row[0] for row in rows])
        for some in pieces(missing, MADE_AT_ONCE):
            async with writing(engine) as connection:
                await refresh(connection, kind, some)
            await asyncio.sleep(breath_s)
        count += len(missing)
        last, came_to = (rows[-1][0], rows[-1][1]) if rows else (last, DONE)
        async with writing(engine) as connection:
            await remember(connection, purpose, came_to)
        await asyncio.sleep(breath_s)
    return count


def _least(id_: Any) -> Any:
    """Before every id."""
    return id_.type.python_type()


async def _without(connection: AsyncConnection, kind: str, ids: Sequence[Any]) -> list[Any]:
    there = select(_document.ref).where(_document.kind == kind, among(_document.ref, [str(id_) for id_ in ids]))
    known = set(await connection.scalars(there))
    return [id_ for id_ in ids if str(id_) not in known]
