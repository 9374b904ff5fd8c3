"""Writes events and contacts to SQL: the only one that does. The event stream is the truth; whatever happens here, an
event is acknowledged only after it was committed, and recording it again changes nothing.

A batch goes in one transaction (recording.py says what is in it).
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from core.clock import Clock
from core.events import Event, Unread
from history.database import refuses_the_data, writing
from history.erased import spare_poison
from history.many import insert_into
from history.models import Poison
from history.poison import as_row
from history.projection import Unreadable, check, check_form
from history.recording import Rules, record

log = logging.getLogger(__name__)

GROUP = "history"
CONSUMER = "recorder"
"""Always the same name: after a crash the next recorder is given what the last one did not acknowledge."""
MOST = 5_000
"""Events in one transaction: where many wait, what a statement costs is shared by more of them."""
PACE_MS = 200
"""Unless a batch was full, the next one gathers for that long: a transaction costs as much as recording twenty
events. Well below the second within which a call's row has to be whole."""
IDLE_MS = 1_000
"""How long one read waits for an event."""
KEPT_MS = 24 * 3600 * 1000
"""Recorded events stay in the stream that long, for whoever else follows it."""
TRIM_EVERY_MS = 60_000

Read = Sequence[tuple[str, Event | Unread]]
"""What a read of the stream gives: cursors with their events."""
Good = Sequence[tuple[str, Event]]
Poisoned = list[dict[str, Any]]


class EventSource(Protocol):
    """The part of queues.store.port.Store that is used here."""

    async def join_group(self, group: str) -> None: ...
    async def read_group(
        self, group: str, consumer: str, wait_ms: int, most: int
    ) -> list[tuple[str, Event | Unread]]: ...
    async def acknowledge(self, group: str, cursors: Sequence[str]) -> None: ...
    async def group_lag(self, group: str) -> int: ...
    async def trim(self, before: int) -> None: ...


@dataclass(slots=True)
class Progress:
    """What the recorder did since it began."""

    recorded: int = 0
    poisoned: int = 0
    away_since: int | None = None
    """Since when the stream or the database has not answered, or None."""

    def away_ms(self, now: int) -> int:
        return 0 if self.away_since is None else max(0, now - self.away_since)


class Recorder:
    """`await Recorder(...).run()` until cancelled. One at a time: a second one would do no harm, and no good."""

    def __init__(
        self,
        source: EventSource,
        engine: AsyncEngine,
        clock: Clock,
        rules: Rules,
        *,
        pace_ms: int = PACE_MS,
        first_pause_ms: int = 50,
        longest_pause_ms: int = 5_000,
    ) -> None:
        self.progress = Progress()
        self._source, self._engine, self._clock, self._rules = source, engine, clock, rules
        self._pace_ms = pace_ms
        self._pauses = (first_pause_ms, longest_pause_ms)
        self._pause_ms = 0
        self._trimmed_at = 0
        self._in_hand: Read = []
        """What was read and is not acknowledged."""

    async def lag(self) -> int:
        """Events in the stream that are not in the database yet."""
        return await self._source.group_lag(GROUP)

    async def run(self) -> None:
        """Record for ever. A stream or a database that is away is waited for, longer and longer."""
        joined = False
        while True:
            try:
                if not joined:
                    await self._source.join_group(GROUP)
                    joined = True
                read = await self.step()
                self._is_back()
                if 0 < read < MOST:
                    await asyncio.sleep(self._pace_ms / 1000)
            except Exception as error:
                joined = False
                await self._wait_for_it(error)

    async def step(self, wait_ms: int = IDLE_MS) -> int:
        """Read once, record, acknowledge; gives how many events were read. What fails here is done again, though the
        stream may have been wiped meanwhile."""
        read = self._in_hand = self._in_hand or await self._source.read_group(GROUP, CONSUMER, wait_ms, MOST)
        if read:
            await self._record(read)
            await self._source.acknowledge(GROUP, [cursor for cursor, _ in read])
            self._in_hand = []
        if (now := self._clock()) - self._trimmed_at >= TRIM_EVERY_MS:
            self._trimmed_at = now
            await self._source.trim(now - KEPT_MS)
        return len(read)

    # --- one batch ----------------------------------------------------------------------------------------------

    async def _record(self, read: Read) -> None:
        """Nearly every batch is recorded at once. One that holds something bad is looked through event by event, and in
        the end recorded event by event, so that the bad alone is set aside."""
        good, bad = self._sorted_out(read, check_form)
        if not await self._written(good, bad):
            good, worse = self._sorted_out(good, check)
            bad += worse
            if not await self._written(good, bad):
                bad += await self._one_by_one(good)
                await self._write([], bad)
        for poison in bad:
            log.error(
                "history: an event was set aside, it cannot be recorded: %s (guichet recorder poison %s)",
                poison["error"],
                poison["id"][:12],
            )
        self.progress.recorded += len(read) - len(bad)
        self.progress.poisoned += len(bad)

    async def _written(self, good: Good, bad: Poisoned) -> bool:
        """False where the database or the data refuse, and nothing was written."""
        try:
            await self._write([event for _, event in good], bad)
        except (SQLAlchemyError, Unreadable) as error:
            if isinstance(error, SQLAlchemyError) and not refuses_the_data(error):
                raise
            log.warning("history: a batch of %d events was refused (%s); looking for the bad ones", len(good), error)
            return False
        return True

    def _sorted_out(self, read: Read, check_one: Callable[[Event], None]) -> tuple[Good, Poisoned]:
        """What can be recorded, and the rest as poison."""
        good: list[tuple[str, Event]] = []
        bad: Poisoned = []
        for cursor, event in read:
            if isinstance(event, Unread):
                bad.append(as_row(cursor, event, "the stream's message is not an event of a known kind", self._clock()))
                continue
            try:
                check_one(event)
            except Unreadable as error:
                bad.append(as_row(cursor, event, str(error), self._clock()))
            else:
                good.append((cursor, event))
        return good, bad

    async def _one_by_one(self, good: Good) -> Poisoned:
        """Each event in its own transaction; gives those that the database refused."""
        refused: Poisoned = []
        for cursor, event in good:
            try:
                await self._write([event], [])
            except (SQLAlchemyError, Unreadable) as error:
                if isinstance(error, SQLAlchemyError) and not refuses_the_data(error):
                    raise
                refused.append(as_row(cursor, event, str(error).splitlines()[0], self._clock()))
        return refused

    async def _write(self, events: Sequence[Event], poison: Poisoned) -> None:
        async with writing(self._engine) as connection:
            if events:
                await record(connection, events, self._rules)
            if poison:
                await spare_poison(connection, poison)
                await connection.execute(insert_into(connection, Poison).on_conflict_do_nothing(), poison)

    # --- being away and back ------------------------------------------------------------------------------------

    async def _wait_for_it(self, error: Exception) -> None:
        first, longest = self._pauses
        self._pause_ms = min(max(self._pause_ms * 2, first), longest)
        if self.progress.away_since is None:
            self.progress.away_since = self._clock()
            unforeseen = not isinstance(error, SQLAlchemyError | OSError)
            log.error("history: events wait in the stream, since recording failed: %s", error, exc_info=unforeseen)
        await asyncio.sleep(self._pause_ms / 1000)

    def _is_back(self) -> None:
        self._pause_ms = 0
        if self.progress.away_since is not None:
            log.warning("history: recording goes on after %d ms", self._clock() - self.progress.away_since)
            self.progress.away_since = None
