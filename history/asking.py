"""One short question to the database while somebody waits: an answer within the time limit, or none.

Nobody waits longer, however slow or dead the database: what is under way then is called off in the background, and
while too many of those are left, the database is not even asked.
"""

import asyncio
import json
import logging
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Executable

from core.clock import Clock
from history.database import first_line
from history.readers import Answer, Reader

log = logging.getLogger(__name__)

MOST_STRAYS = 10
LOG_EVERY_MS = 60_000


class NoAnswer(Exception):
    """The history did not answer in time, or failed."""


class Asker:
    """`what`: what goes on without, for the log: `callers are not looked up, calls go on without`."""

    def __init__(self, reader: Reader, limit_ms: int, what: str, clock: Clock) -> None:
        self._reader, self._limit, self._what, self._clock = reader, limit_ms / 1000, what, clock
        self._logged_at = -LOG_EVERY_MS

    async def ask(self, statement: Executable, values: Mapping[str, Any]) -> Answer:
        """The first row found, or None. Raises NoAnswer, and never takes longer than the limit."""
        if self._reader.strays >= MOST_STRAYS:
            raise self._none("the database does not answer")
        asked = self._reader.ask(statement, values)
        try:
            await asyncio.wait((asked,), timeout=self._limit)
        finally:
            if in_time := asked.done():
                failed = asked.cancelled() or asked.exception()
            else:
                self._reader.call_off(asked)
        if not in_time:
            raise self._none(f"no answer within {self._limit * 1000:.0f} ms")
        if failed:
            raise self._none(first_line(failed) if isinstance(failed, BaseException) else "called off")
        return asked.result()

    async def close(self) -> None:
        await self._reader.close()

    def _none(self, why: str) -> NoAnswer:
        """At most one line a minute: a slow database and many calls must not fill the disk as well."""
        if (now := self._clock()) - self._logged_at >= LOG_EVERY_MS:
            self._logged_at = now
            log.warning("history: %s: %s", self._what, why)
        return NoAnswer(why)


def as_json(value: Any) -> Any:
    """A JSON column read by a statement of our own words: some drivers give its text, some the data."""
    return json.loads(value) if isinstance(value, str) else value
