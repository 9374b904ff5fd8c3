"""`lookup: case` of a flow: what may be told of a case to whoever keyed in its number.

The number of a case is its key: who has it is told its state, its dates and its topic, and nothing of whose it is. The
caller's own number alone opens nothing, and is never enough to be told anything. Guessing is bounded: a call that keyed
in too many numbers that are nobody's is told nothing more.
"""

import logging
from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any

from sqlalchemy import String, bindparam, text
from sqlalchemy.ext.asyncio import AsyncEngine

from core.clock import Clock, wall_clock
from core.errors import GuichetError
from history.asking import Asker, NoAnswer, as_json
from history.case_numbers import read_case_number
from history.models import Confidence
from history.readers import Reader, make_reader
from history.statements import Statements
from ivr.acts import Done, Lookup, Refused, Value

log = logging.getLogger(__name__)

LIMIT_MS = 1_000
MOST_MISSES = 5
"""Wrong numbers in one call."""
REMEMBERED = 10_000
"""Calls whose wrong numbers are counted; the oldest are forgotten first."""

_CASE = text("""
    SELECT k.id, k.number, k.status, k.topic, k.opened_at, k.closed_at, k.spoken, p.key,
        (SELECT count(*) FROM contact AS c JOIN person_phone AS pp ON pp.phone_id = c.phone_id
            JOIN person AS met ON met.id = pp.person_id
            WHERE c.id = :call AND coalesce(met.merged_into_id, met.id) = k.person_id) AS here,
        (SELECT count(*) FROM "case" AS same WHERE same.number = :number) AS alike
    FROM "case" AS k LEFT JOIN person AS p ON p.id = k.person_id
    WHERE k.number = :number LIMIT 1
""").bindparams(bindparam("call", type_=String), bindparam("number", type_=String))


class CaseLookups:
    """The house's own `lookup: case`. `statements` is told whom a caller turned out to be."""

    def __init__(
        self,
        engine: AsyncEngine,
        statements: Statements,
        *,
        limit_ms: int = LIMIT_MS,
        zone: tzinfo | None = None,
        clock: Clock = wall_clock,
        reader: Reader | None = None,
    ) -> None:
        self._statements, self._zone = statements, zone
        self._asker = Asker(
            reader or make_reader(engine), limit_ms, "cases are not looked up, calls go on without", clock
        )
        self._misses: OrderedDict[str, int] = OrderedDict()

    async def look_up(self, act: Lookup, call: str) -> Done | Refused:
        """`act.given` has the case's `number`, as it was keyed in."""
        if self._misses.get(call, 0) >= MOST_MISSES:
            return Refused("missing")
        number = read_case_number(str(act.given.get("number") or ""))
        if number is None:
            return self._missed(call)
        try:
            row = await self._asker.ask(_CASE, {"number": number, "call": call})
        except NoAnswer:
            return Refused("timeout")
        if row is None or row.alike > 1:
            return self._missed(call)
        await self._identified(call, row)
        return Done(self._told(row, act.language))

    async def close(self) -> None:
        await self._asker.close()

    def _missed(self, call: str) -> Refused:
        self._misses[call] = self._misses.pop(call, 0) + 1
        while len(self._misses) > REMEMBERED:
            self._misses.popitem(last=False)
        if self._misses[call] == MOST_MISSES:
            log.warning(
                "call %s keyed in %d numbers of cases that are nobody's: no more are looked up", call, MOST_MISSES
            )
        return Refused("missing")

    async def _identified(self, call: str, row: Any) -> None:
        """The call is not held up where this cannot be told."""
        if not row.key:
            return
        confidence = Confidence.NUMBER_AND_CODE if row.here else Confidence.CODE
        try:
            await self._statements.identify(call, row.key, row.id, confidence)
        except GuichetError as error:
            log.warning("call %s: it could not be kept whose case was keyed in: %s", call, error)

    def _told(self, row: Any, language: str) -> Mapping[str, Value]:
        words = (as_json(row.spoken) or {}).get(language)
        told: dict[str, Value] = {
            "number": row.number,
            "status": row.status,
            "topic": row.topic,
            "opened_on": self._day(row.opened_at),
            "closed_on": self._day(row.closed_at),
        }
        return told | {"told": words if isinstance(words, str) else None}

    def _day(self, ms: int | None) -> str | None:
        return None if ms is None else datetime.fromtimestamp(ms / 1000, UTC).astimezone(self._zone).date().isoformat()
