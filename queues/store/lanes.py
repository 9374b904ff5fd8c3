"""Connections to Redis that many tasks share. redis-py connects, signs in, packs and parses; a lane batches: what is
asked while a batch is on its way goes out together as the next one (17 µs of CPU a command instead of 150), and a
caller that is cancelled never leaves the connection out of step.

A lane outlives its server: while that is away, restarting or loading, commands wait and are sent again. So every
command given to a lane must be safe to repeat."""

import asyncio
import logging
import random
from collections import deque
from dataclasses import dataclass
from typing import Any, NamedTuple

from redis.asyncio.connection import AbstractConnection, ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import BusyLoadingError, ConnectionError, NoScriptError, ResponseError, TimeoutError

from queues.store.port import StoreAway

log = logging.getLogger(__name__)

Command = tuple[str | bytes | int, ...]

ANSWER_WITHIN_S = 5.0
"""A server that says nothing for so long (beyond the time that a blocking command waits) is taken for dead."""
PATIENCE_S = 60.0
"""How long a command waits for a server that is away before its caller is told."""
FIRST_PAUSE_S = 0.02
LONGEST_PAUSE_S = 0.5
MOST_IN_BATCH = 256
AWAY = (ConnectionError, TimeoutError, OSError)
"""redis-py's BusyLoadingError (-LOADING) is a ConnectionError."""


class Reply(NamedTuple):
    """`repeated`: the command went out more than once, and an earlier one may have been carried out."""

    value: Any
    repeated: bool


@dataclass(slots=True)
class _Asked:
    command: Command
    reply: asyncio.Future[Reply]
    waits_s: float
    give_up: float
    source: str
    repeated: bool = False


class Lane:
    """One connection. `ask` from any number of tasks of one loop."""

    def __init__(self, pool: ConnectionPool, patience_s: float = PATIENCE_S) -> None:
        self._pool = pool
        self._patience_s = patience_s
        self._connection: AbstractConnection | None = None
        self._waiting: deque[_Asked] = deque()
        self._worker: asyncio.Task[None] | None = None
        self._away = False

    async def ask(self, command: Command, *, waits_s: float = 0.0, source: str = "") -> Reply:
        """The server's reply. `waits_s`: how long the command itself may block; `source`: the script's text, for an
        EVALSHA that the server may have forgotten. Raises StoreAway, and redis' ResponseError."""
        loop = asyncio.get_running_loop()
        asked = _Asked(command, loop.create_future(), waits_s, loop.time() + self._patience_s + waits_s, source)
        self._waiting.append(asked)
        if self._worker is None:
            self._worker = loop.create_task(self._work())
        return await asked.reply

    async def close(self) -> None:
        """Cut the connection; whoever still waits is cancelled."""
        if self._worker:
            self._worker.cancel()
            await asyncio.gather(self._worker, return_exceptions=True)
        while self._waiting:
            self._waiting.popleft().reply.cancel()
        await self._disconnect()

    async def _work(self) -> None:
        """Send batches until nobody waits. A batch that got no reply stays at the head of the line."""
        pause = FIRST_PAUSE_S
        try:
            while self._waiting:
                try:
                    await self._send_batch()
                    pause = FIRST_PAUSE_S
                    self._note(None)
                except AWAY as error:
                    await self._disconnect()
                    self._note(error)
                    self._give_up(error)
                    await asyncio.sleep(pause * random.uniform(0.5, 1.0))
                    pause = min(pause * 2, LONGEST_PAUSE_S)
        except Exception as error:  # a fault of ours: whoever waits is to know
            await self._disconnect()
            while self._waiting:
                _settle(self._waiting.popleft(), error)
        finally:
            self._worker = None

    async def _send_batch(self) -> None:
        connection = await self._connected()
        batch = [self._waiting[i] for i in range(min(len(self._waiting), MOST_IN_BATCH))]
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S + sum(asked.waits_s for asked in batch)):
                await connection.send_packed_command(
                    connection.pack_commands([asked.command for asked in batch]), False
                )
                for asked in batch:
                    await self._read_reply(connection, asked)
        except BusyLoadingError:
            raise
        except AWAY:
            for asked in batch:
                asked.repeated = True
            raise

    async def _read_reply(self, connection: AbstractConnection, asked: _Asked) -> None:
        """Settle the head of the line."""
        try:
            reply = Reply(await connection.read_response(), asked.repeated)
        except NoScriptError:
            asked.command = ("EVAL", asked.source, *asked.command[2:])
            self._waiting.append(asked)
        except ResponseError as error:
            _settle(asked, error)
        else:
            if not asked.reply.done():
                asked.reply.set_result(reply)
        self._waiting.popleft()

    async def _connected(self) -> AbstractConnection:
        if self._connection is None:
            self._connection = self._pool.make_connection()  # type: ignore[no-untyped-call]
        if not self._connection.is_connected:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                await self._connection.connect()
        return self._connection

    async def _disconnect(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            await connection.disconnect(nowait=True)

    def _give_up(self, error: BaseException) -> None:
        """Tell those who waited long enough, and forget those who left."""
        now = asyncio.get_running_loop().time()
        for asked in list(self._waiting):
            if asked.reply.done() or asked.give_up <= now:
                self._waiting.remove(asked)
                _settle(asked, StoreAway(f"The store does not answer ({_said(error)}): see that Redis or Valkey runs."))

    def _note(self, error: BaseException | None) -> None:
        """Log that the server went away, and that it came back, once each."""
        if error and not self._away:
            log.warning("the store is away: %s", _said(error))
        elif self._away and not error:
            log.info("the store is back")
        self._away = error is not None


def lanes_to(url: str) -> ConnectionPool:
    """Makes connections for lanes: text replies, no retries of redis-py's own."""
    return ConnectionPool.from_url(
        url,
        protocol=2,
        decode_responses=True,
        encoding_errors="replace",
        retry=Retry(NoBackoff(), 0),
        socket_timeout=None,
    )


def _said(error: BaseException) -> str:
    return str(error) or type(error).__name__


def _settle(asked: _Asked, error: Exception) -> None:
    if not asked.reply.done():
        asked.reply.set_exception(error)
