"""Who is calling, asked while the call waits for its first sentence: an answer within the time limit, or none."""

from typing import TypedDict

from sqlalchemy import BigInteger, String, bindparam, text
from sqlalchemy.ext.asyncio import AsyncEngine

from core.clock import Clock, wall_clock
from history.asking import Asker, NoAnswer, as_json
from history.days import Zone, machines, midnight
from history.numbers import read_number
from history.readers import Answer, Reader, make_reader

LIMIT_MS = 50
MOST_CONTACTS = 1_000
"""Counting stops there: one number may have called a million times."""


class Caller(TypedDict):
    """What flows may ask as `caller.…`: enough to decide by, nothing that would tell who it is. A number alone is
    whoever picked up that phone, so no name, no topic and no case stands here. A caller who is not known has no
    contacts."""

    contacts: int
    """Earlier contacts known at that number, at most MOST_CONTACTS."""
    contacts_today: int
    last_at: int | None
    """When the last of them began, ms since 1970 UTC."""
    last_queue: str | None
    last_agent: str | None
    last_outcome: str | None
    preferred_language: str | None
    """The first one that the person asked for."""
    slow_speech: bool
    """They asked to be spoken to slowly."""
    relay_service: bool
    """They call through a relay service: what they say comes late."""
    open_cases: int


def unknown() -> Caller:
    return Caller(
        contacts=0,
        contacts_today=0,
        last_at=None,
        last_queue=None,
        last_agent=None,
        last_outcome=None,
        preferred_language=None,
        slow_speech=False,
        relay_service=False,
        open_cases=0,
    )


_WHO = text(f"""
    SELECT
        (SELECT count(*) FROM (SELECT 1 FROM contact WHERE number = :number LIMIT {MOST_CONTACTS}) AS known),
        (SELECT count(*) FROM (
            SELECT 1 FROM contact WHERE number = :number AND started_at >= :midnight LIMIT {MOST_CONTACTS}
        ) AS today),
        latest.started_at, latest.queue, latest.agent, latest.outcome, owner.languages, owner.preferences,
        (SELECT count(*) FROM "case" WHERE person_id = owner.id AND closed_at IS NULL)
    FROM (SELECT 1 AS one) AS always
    LEFT JOIN (
        SELECT started_at, queue, agent, outcome FROM contact WHERE number = :number ORDER BY started_at DESC LIMIT 1
    ) AS latest ON one = 1
    LEFT JOIN (
        SELECT shown.id, shown.languages, shown.preferences
        FROM phone JOIN person ON person.id = phone.person_id
        JOIN person AS shown ON shown.id = coalesce(person.merged_into_id, person.id)
        WHERE phone.number = :number
    ) AS owner ON one = 1
""").bindparams(bindparam("number", type_=String), bindparam("midnight", type_=BigInteger))  # noqa: S608 — our own words


class Lookup:
    """Asks the history about callers. `country` tells how national numbers are read (`FR`), `zone` when a day
    begins."""

    def __init__(
        self,
        engine: AsyncEngine,
        country: str = "FR",
        limit_ms: int = LIMIT_MS,
        *,
        clock: Clock = wall_clock,
        zone: Zone = machines,
        reader: Reader | None = None,
    ) -> None:
        self._country, self._zone, self._clock = country, zone, clock
        what = "callers are not looked up, calls go on without"
        self._asker = Asker(reader or make_reader(engine), limit_ms, what, clock)

    async def caller(self, number: str) -> Caller:
        """What is known of whoever calls from that number, as the network gave it. Never raises, never takes longer
        than the limit: then the caller is unknown."""
        known = read_number(number, self._country).text
        if not known:
            return unknown()
        try:
            row = await self._asker.ask(_WHO, {"number": known, "midnight": midnight(self._clock(), self._zone())})
        except NoAnswer:
            return unknown()
        return _caller(row)

    async def close(self) -> None:
        await self._asker.close()


def _caller(row: Answer) -> Caller:
    if row is None:
        return unknown()
    contacts, today, last_at, queue, agent, outcome, languages, preferences, cases = row
    wishes = as_json(preferences) or {}
    spoken = as_json(languages) or []
    return Caller(
        contacts=contacts,
        contacts_today=today,
        last_at=last_at,
        last_queue=queue,
        last_agent=agent,
        last_outcome=outcome,
        preferred_language=spoken[0] if spoken else None,
        slow_speech=wishes.get("slow_speech") is True,
        relay_service=wishes.get("relay_service") is True,
        open_cases=cases or 0,
    )
