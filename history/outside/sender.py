"""Delivers what the outbox holds: signed, in order for each contact, again and again until it is taken or dead. Each
hook has a line and connections of its own: one that hangs holds up itself alone."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import aiohttp
from sqlalchemy import Row, Select, String, delete, exists, func, literal_column, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from core.clock import Clock
from core.errors import GuichetError
from history.database import first_line, writing
from history.models.deliveries import Delivery, DeliveryState
from history.outside.signing import sign

log = logging.getLogger(__name__)

AT_ONCE = 8
"""Connections to one hook."""
LOOK_EVERY_S = 1.0
LIMIT_S = 10.0
FIRST_PAUSE_MS, LONGEST_PAUSE_MS = 1_000, 3_600_000
MOST_ATTEMPTS = 24
"""About 13 hours; then it is dead."""
DONE_KEPT_MS = 86_400_000
TIDY_EVERY_S = 3_600.0
GONE = 410
LEAST_SECRET = 16

_column = Delivery.__table__.c


@dataclass(frozen=True, slots=True)
class Hook:
    """Where contacts are pushed to."""

    url: str
    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        if not self.url.startswith(("https://", "http://")):
            raise GuichetError(f"settings: webhooks: {self.url[:80]!r} is not an address that begins with https://.")
        if len(self.secret) < LEAST_SECRET:
            raise GuichetError(f"A webhook's secret has at least {LEAST_SECRET} characters.")


def pause_ms(attempts: int, random: Random) -> int:
    """Longer each time, and not the same for all: a receiver that comes back is not run over. Half of it is chance."""
    longest: int = min(FIRST_PAUSE_MS * 2 ** min(attempts - 1, 30), LONGEST_PAUSE_MS)
    return longest // 2 + random.randrange(longest // 2 + 1)


def due(hook: str, now: int) -> Select[*tuple[Any, ...]]:
    """What is to be sent to a hook: the first one in line of each contact."""
    earlier = Delivery.__table__.alias("earlier").c
    before = exists().where(
        earlier.hook == _column.hook, earlier.call == _column.call, earlier.id < _column.id,
        earlier.state == DeliveryState.WAITING.value,
    )  # fmt: skip
    # As the index has it: that a bound value is among its rows, no database knows.
    waiting = literal_column(f"'{DeliveryState.WAITING}'", String)
    return (
        select(_column.id, _column.hook, _column.call, _column.body, _column.attempts)
        .where(_column.state == waiting, _column.hook == hook, _column.next_at <= now, ~before)
        .order_by(_column.next_at, _column.id)
        .limit(AT_ONCE)
    )


class Sender:
    """`await Sender(…).run()` until cancelled."""

    def __init__(
        self,
        engine: AsyncEngine,
        hooks: Mapping[str, Hook],
        clock: Clock,
        random: Random,
        *,
        look_every_s: float = LOOK_EVERY_S,
        limit_s: float = LIMIT_S,
    ) -> None:
        self._engine, self._hooks, self._clock, self._random = engine, hooks, clock, random
        self._look_every_s, self._limit = look_every_s, aiohttp.ClientTimeout(total=limit_s)
        self._one_at_a_time = asyncio.Lock()
        """However many hooks there are, they leave the database to the recorder."""

    async def run(self) -> None:
        """Deliver for ever. A database that is away is waited for."""
        async with asyncio.TaskGroup() as tasks:
            for hook in self._hooks:
                tasks.create_task(self._line(hook), name=f"webhook {hook}")
            tasks.create_task(self._tidying(), name="webhooks' tidying")

    def connections(self) -> aiohttp.ClientSession:
        """Those of one hook."""
        connector = aiohttp.TCPConnector(limit=AT_ONCE)
        return aiohttp.ClientSession(connector=connector, timeout=self._limit, cookie_jar=aiohttp.DummyCookieJar())

    async def step(self, session: aiohttp.ClientSession, hook: str) -> int:
        """Send what is due to a hook, several at once; gives how many were tried."""
        async with self._one_at_a_time:
            due = await self._due(hook)
        results = await asyncio.gather(*(self._send(session, row) for row in due))
        if due:
            async with self._one_at_a_time:
                await self._settle(due, results)
        return len(due)

    async def _line(self, hook: str) -> None:
        async with self.connections() as session:
            while True:
                try:
                    sent = await self.step(session, hook)
                except (SQLAlchemyError, OSError) as error:
                    log.warning("webhook %s: the database is away: %s", hook, first_line(error))
                    sent = 0
                if not sent:
                    await asyncio.sleep(self._look_every_s)

    async def _tidying(self) -> None:
        while True:
            try:
                async with self._one_at_a_time:
                    await self._tidy()
            except (SQLAlchemyError, OSError) as error:
                log.warning("webhooks: what was delivered long ago stays for now: %s", first_line(error))
            await asyncio.sleep(TIDY_EVERY_S)

    async def _due(self, hook: str) -> Sequence[Row[*tuple[Any, ...]]]:
        async with self._engine.connect() as connection:
            return (await connection.execute(due(hook, self._clock()))).all()

    async def _send(self, session: aiohttp.ClientSession, row: Row[Any]) -> tuple[int, str]:
        """The receiver's status, 0 where there was none, and what went wrong."""
        hook, body, id_ = self._hooks[row.hook], row.body.encode(), f"{row.hook}-{row.id}"
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "guichet",
            "Guichet-Id": id_,
            "Guichet-Attempt": str(row.attempts + 1),
            "Guichet-Signature": sign(hook.secret, id_, body, self._clock()),
        }
        try:
            async with session.post(hook.url, data=body, headers=headers, allow_redirects=False) as answer:
                return answer.status, "" if 200 <= answer.status < 300 else f"it answered {answer.status}"
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            return 0, ascii(str(error) or type(error).__name__)[1:-1][:200]

    async def _settle(self, rows: Sequence[Row[Any]], results: Sequence[tuple[int, str]]) -> None:
        async with writing(self._engine) as connection:
            for row, (status, error) in zip(rows, results, strict=True):
                changed = self._outcome(row, status, error)
                await connection.execute(update(Delivery).where(_column.id == row.id).values(**changed))

    def _outcome(self, row: Row[Any], status: int, error: str) -> dict[str, Any]:
        now, attempts = self._clock(), row.attempts + 1
        changed: dict[str, Any] = {"attempts": attempts, "error": error}
        if not error:
            return {**changed, "state": DeliveryState.DONE.value, "ended_at": now}
        if status == GONE or attempts >= MOST_ATTEMPTS:
            log.error("webhooks: %s of call %s is dead after %d tries: %s", row.hook, row.call, attempts, error)
            return {**changed, "state": DeliveryState.DEAD.value, "ended_at": now}
        return {**changed, "next_at": now + pause_ms(attempts, self._random)}

    async def _tidy(self) -> None:
        """What was taken is of no use any more, but for the last of each contact, by which a repetition is known."""
        now = self._clock()
        later = Delivery.__table__.alias("later").c
        newer = exists().where(later.hook == _column.hook, later.call == _column.call, later.id > _column.id)
        old = (_column.state == DeliveryState.DONE.value) & (_column.ended_at < now - DONE_KEPT_MS)
        async with writing(self._engine) as connection:
            await connection.execute(delete(Delivery).where(old, newer))
            await connection.execute(delete(Delivery).where(old, _column.ended_at < now - 30 * DONE_KEPT_MS))


async def dead_letters(engine: AsyncEngine, most: int = 200) -> list[dict[str, Any]]:
    """Those that nobody took, newest first: id, hook, call, made_at, attempts, error."""
    names = ("id", "hook", "call", "made_at", "attempts", "error")
    wanted = select(*(_column[name] for name in names)).where(_column.state == DeliveryState.DEAD.value)
    async with engine.connect() as connection:
        found = await connection.execute(wanted.order_by(_column.made_at.desc(), _column.id.desc()).limit(most))
        return [dict(row) for row in found.mappings()]


async def counts(engine: AsyncEngine) -> dict[str, int]:
    """How many there are in each state."""
    async with engine.connect() as connection:
        found = await connection.execute(select(_column.state, func.count()).group_by(_column.state))
        return {**{state.value: 0 for state in DeliveryState}, **{row[0]: row[1] for row in found}}


async def try_again(engine: AsyncEngine, ids: Sequence[int], now: int) -> int:
    """Dead ones are tried anew; gives how many. No ids: all of them."""
    again = update(Delivery).where(_column.state == DeliveryState.DEAD.value)
    if ids:
        again = again.where(_column.id.in_(ids))
    fresh = {"state": DeliveryState.WAITING.value, "attempts": 0, "next_at": now, "ended_at": None}
    async with writing(engine) as connection:
        return (await connection.execute(again.values(**fresh))).rowcount
