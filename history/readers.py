"""Two ways to put one short question to the database during a call: begun at once, and called off at any moment."""

import asyncio
import sqlite3
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Protocol
from urllib.parse import quote

from sqlalchemy import Connection, Executable, Row, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from history.database import is_sqlite

Answer = Row[*tuple[Any, ...]] | None
CACHE_KB = 64_000
"""Of SQLite's pages, so that the upper ones of every index stay."""


class Reader(Protocol):
    @property
    def strays(self) -> int:
        """Questions that were called off and are not over yet."""

    def ask(self, statement: Executable, values: Mapping[str, Any]) -> asyncio.Future[Answer]:
        """Begin; the future gives the first row or None."""

    def call_off(self, asked: asyncio.Future[Answer]) -> None: ...

    async def close(self) -> None: ...


def make_reader(engine: AsyncEngine) -> Reader:
    """The one that suits the engine's database."""
    if is_sqlite(engine.url):
        return SqliteReader(str(engine.url.database))
    return PooledReader(question_engine(engine))


class SqliteReader:
    """A read-only connection of its own, in a thread of its own: much less CPU than the asyncio driver, which
    changes threads for every small step."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._thread = ThreadPoolExecutor(1, "history-reader")
        self._engine = create_engine("sqlite://", creator=self._open)
        self._connection: Connection | None = None
        self._raw: sqlite3.Connection | None = None
        self._begun: dict[asyncio.Future[Answer], Future[Answer]] = {}
        self._strays: set[Future[Answer]] = set()

    @property
    def strays(self) -> int:
        return len(self._strays)

    def ask(self, statement: Executable, values: Mapping[str, Any]) -> asyncio.Future[Answer]:
        work = self._thread.submit(self._read, statement, values)
        asked = asyncio.wrap_future(work)
        self._begun[asked] = work
        asked.add_done_callback(self._begun.pop)
        return asked

    def call_off(self, asked: asyncio.Future[Answer]) -> None:
        work = self._begun.get(asked)
        asked.cancel()
        if work and not work.cancel() and not work.done():
            self._strays.add(work)
            work.add_done_callback(self._strays.discard)
            if self._raw:
                self._raw.interrupt()  # a question that began this very moment may be cut too: that caller is unknown

    async def close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._shut)
        self._thread.shutdown(wait=False)

    # --- in the thread --------------------------------------------------------------------------------------------

    def _open(self) -> sqlite3.Connection:
        self._raw = sqlite3.connect(
            f"file:{quote(self._file)}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
        )
        self._raw.execute(f"PRAGMA cache_size = -{CACHE_KB}")
        return self._raw

    def _read(self, statement: Executable, values: Mapping[str, Any]) -> Answer:
        if self._connection is None:
            self._connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        return self._connection.execute(statement, values).first()

    def _shut(self) -> None:
        if self._connection:
            self._connection.close()
        self._engine.dispose()


class PooledReader:
    """A connection of the pool for each question. The engine is this reader's alone (question_engine)."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._strays: set[asyncio.Future[Answer]] = set()

    @property
    def strays(self) -> int:
        return len(self._strays)

    def ask(self, statement: Executable, values: Mapping[str, Any]) -> asyncio.Future[Answer]:
        return asyncio.ensure_future(self._read(statement, values))

    def call_off(self, asked: asyncio.Future[Answer]) -> None:
        """Giving a connection back may take long when the network is gone: it goes on by itself."""
        self._strays.add(asked)
        asked.add_done_callback(self._over)
        asked.cancel()

    async def close(self) -> None:
        await self._engine.dispose()

    async def _read(self, statement: Executable, values: Mapping[str, Any]) -> Answer:
        try:
            return await self._read_once(statement, values)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            return await self._read_once(statement, values)

    async def _read_once(self, statement: Executable, values: Mapping[str, Any]) -> Answer:
        async with self._engine.connect() as connection:
            return (await connection.execute(statement, values)).first()

    def _over(self, asked: asyncio.Future[Answer]) -> None:
        self._strays.discard(asked)
        if not asked.cancelled():
            asked.exception()  # nobody waits for it any more


def question_engine(engine: AsyncEngine) -> AsyncEngine:
    """The same PostgreSQL for short questions, each of which is one round trip: nobody asks first whether the
    connection still lives (where it does not, the question is put once more), and the plan is made once for whoever
    calls, since planning takes longer than answering."""
    alike = create_async_engine(
        engine.url,
        hide_parameters=True,
        isolation_level="AUTOCOMMIT",  # for the engine: said for each question, it would cost further round trips
        pool_recycle=1800,
        connect_args={"timeout": 5, "command_timeout": 30},
    )
    event.listen(alike.sync_engine, "connect", _plan_once)
    return alike


def _plan_once(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    cursor.execute("SET plan_cache_mode = force_generic_plan")
    cursor.close()
