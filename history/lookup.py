"""Who is calling, asked while the call waits for its first sentence: an answer within the time limit, or none.

A call never waits longer, however slow or dead the database: what is under way then is called off in the background,
and while too many of those are left, the database is not even asked.
"""

import asyncio
import logging
from typing import TypedDict

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from core.clock import Clock, wall_clock
from history.models import Contact
from history.numbers import read_number
from history.readers import Answer, Reader, make_reader

log = logging.getLogger(__name__)

LIMIT_MS = 50
MOST_CONTACTS = 1_000
"""Counting stops there: one number may have called a million times."""
MOST_STRAYS = 10
LOG_EVERY_MS = 60_000


class Caller(TypedDict):
    """What flows may ask as `caller.…`. A caller who is not known has no contacts."""

    contacts: int
    """Earlier contacts known at that number, at most MOST_CONTACTS."""
    last_at: int | None
    """When the last of them began, ms since 1970 UTC."""
    last_queue: str | None
    last_agent: str | None
    last_outcome: str | None


def unknown() -> Caller:
    return Caller(contacts=0, last_at=None, last_queue=None, last_agent=None, last_outcome=None)


_contact = Contact.__table__.c
_here = _contact.number == bindparam("number")
_counted = select(_contact.id).where(_here).limit(MOST_CONTACTS).subquery()
_LAST_AND_HOW_MANY = (
    select(
        select(func.count()).select_from(_counted).scalar_subquery(),
        _contact.started_at,
        _contact.queue,
        _contact.agent,
        _contact.outcome,
    )
    .where(_here)
    .order_by(_contact.started_at.desc())
    .limit(1)
)


class Lookup:
    """Asks the history about callers. `country` tells how national numbers are read (`FR`)."""

    def __init__(
        self,
        engine: AsyncEngine,
        country: str = "FR",
        limit_ms: int = LIMIT_MS,
        *,
        clock: Clock = wall_clock,
        reader: Reader | None = None,
    ) -> None:
        self._country, self._limit, self._clock = country, limit_ms / 1000, clock
        self._reader = reader or make_reader(engine)
        self._logged_at = -LOG_EVERY_MS

    async def caller(self, number: str) -> Caller:
        """What is known of whoever calls from that number, as the network gave it. Never raises, never takes longer
        than the limit: then the caller is unknown."""
        text = read_number(number, self._country).text
        if not text:
            return unknown()
        if self._reader.strays >= MOST_STRAYS:
            return self._none("the database does not answer")
        asked = self._reader.ask(_LAST_AND_HOW_MANY, {"number": text})
        try:
            await asyncio.wait((asked,), timeout=self._limit)
        finally:
            if in_time := asked.done():
                failed = asked.cancelled() or asked.exception()
            else:
                self._reader.call_off(asked)
        if not in_time:
            return self._none(f"no answer within {self._limit * 1000:.0f} ms")
        return self._none(str(failed)) if failed else _caller(asked.result())

    async def close(self) -> None:
        await self._reader.close()

    def _none(self, why: str) -> Caller:
        """At most one line a minute: a slow database and many calls must not fill the disk as well."""
        if (now := self._clock()) - self._logged_at >= LOG_EVERY_MS:
            self._logged_at = now
            log.warning("history: callers are not looked up, calls go on without: %s", why)
        return unknown()


def _caller(row: Answer) -> Caller:
    if row is None:
        return unknown()
    return Caller(contacts=row[0], last_at=row[1], last_queue=row[2], last_agent=row[3], last_outcome=row[4])
