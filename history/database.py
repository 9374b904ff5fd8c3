"""Connections to the history, on SQLite (one writer at a time, WAL) or PostgreSQL, and its migrations."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard

from sqlalchemy import Connection, Engine, Executable, event, func, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DisconnectionError,
    IntegrityError,
    NotSupportedError,
    ProgrammingError,
    SQLAlchemyError,
    StatementError,
)
from sqlalchemy.exc import DBAPIError as DriverError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from core.errors import GuichetError
from history.many import dump
from history.search.parts import index_parts

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
DRIVERS = ("sqlite+aiosqlite", "postgresql+asyncpg")

_WRITERS_LOCK = 0x67756963
"""Any number, the same for all of us: whoever writes contacts on PostgreSQL holds this advisory lock."""
_MIGRATIONS_LOCK = 0x67756964
LOCK_EVERY_S = 0.1
BUSY_TIMEOUT = "busy_timeout = 5000"
TUNING = (
    BUSY_TIMEOUT,
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "secure_delete = ON",
    "cache_size = -16000",
    "wal_autocheckpoint = 8000",
)
"""For each connection to SQLite. 16 MB of pages hold what a large batch of the recorder changes (SQLite's own 2 MB
would be written out in the middle of it); pages that many batches change are copied from the WAL into the file once in
32 MB, not at each commit. What is deleted is overwritten, as Debian's SQLite does unasked: it may be about somebody."""


def make_engine(url: str, longest_s: int | None = 30) -> AsyncEngine:
    """An engine for `sqlite+aiosqlite:///FILE` or `postgresql+asyncpg://…`. Nothing is connected yet. On PostgreSQL no
    statement runs longer than `longest_s`; None: however long. Errors do not carry the values, which are people's.

    The connection that was used last is used next: in turn, each would come to hold the pages that SQLite keeps for
    one, and none would find them as the last writer left them.

    Raises GuichetError for any other kind of address.
    """
    parsed = _parse(url)
    if is_sqlite(parsed):
        engine = create_async_engine(
            parsed,
            json_serializer=dump,
            hide_parameters=True,
            pool_use_lifo=True,
            connect_args={"timeout": 5},
        )
        tune_sqlite(engine.sync_engine)
        return engine
    engine = create_async_engine(
        parsed,
        json_serializer=dump,
        hide_parameters=True,
        pool_use_lifo=True,
        pool_pre_ping=True,
        pool_recycle=1800,
        connect_args={"timeout": 5, "command_timeout": longest_s},
    )
    _say_who_is_away(engine.sync_engine)
    return engine


def is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def tune_sqlite(engine: Engine) -> None:
    """WAL, so that readers and the writer never wait for each other; a commit is on the disk when it returns
    (docs/adr/0034): what was recorded is acknowledged then, and the stream does not tell it again.

    Python's driver would begin transactions by its own rules; it is told not to, and BEGIN is sent here.
    """

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in TUNING:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begins(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _say_who_is_away(engine: Engine) -> None:
    """A connection that does not come about is SQLAlchemy's OperationalError, like any other failure. Its asyncpg
    dialect leaves what happens there as it is: an OSError, or an error of asyncpg's own where the server is starting,
    has no such database or knows another password."""
    from asyncpg import InterfaceError, PostgresError

    @event.listens_for(engine, "do_connect")
    def connects(dialect: Any, _: object, args: Any, named: Any) -> Any:
        try:
            return dialect.connect(*args, **named)
        except (OSError, PostgresError, InterfaceError) as error:
            raise dialect.loaded_dbapi.OperationalError(str(error) or type(error).__name__, error) from error


@asynccontextmanager
async def writing(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A transaction that may read first and write afterwards: on both databases at most one such at a time."""
    async with engine.execution_options(writes=True).begin() as connection:
        if connection.dialect.name == "postgresql":
            await connection.execute(select(func.pg_advisory_xact_lock(_WRITERS_LOCK)))
        yield connection


async def read(connection: AsyncConnection, statement: Executable) -> list[dict[str, Any]]:
    """The rows found, each as its columns by name."""
    return [dict(row) for row in (await connection.execute(statement)).mappings()]


def refuses_the_data(error: BaseException) -> TypeGuard[StatementError]:
    """True when the database works and these values will never go in; False when it is away, locked, full, …"""
    if isinstance(error, DriverError):
        state = str(getattr(error.orig, "sqlstate", None) or "")  # asyncpg's errors do not all become DataError
        return isinstance(error, DataError | IntegrityError) or state[:2] in ("22", "23")
    return isinstance(error, StatementError)


def is_away(error: BaseException) -> bool:
    """True when the same could be done later: the database is away, locked, full, too slow; False for a fault of ours
    or of the data."""
    if isinstance(error, DriverError):
        return not (refuses_the_data(error) or isinstance(error, ProgrammingError | NotSupportedError))
    return isinstance(error, ConnectionError | TimeoutError | NoConnectionFree | DisconnectionError)


async def migrate(url: str) -> list[str]:
    """Bring the database to this version's tables; makes an SQLite file (only its owner may read it).

    On PostgreSQL each migration is a transaction of its own, and what takes long (an index on a large table) is made
    while others read and write. Safe to run by two nodes at once. Gives a sentence for each thing that works less well
    than it could. Raises GuichetError where it cannot be done.
    """
    parsed = _parse(url)
    if is_sqlite(parsed) and parsed.database:
        _make_private(Path(parsed.database))
    engine = make_engine(url, longest_s=None)
    shown = parsed.render_as_string(hide_password=True)
    try:
        async with _alone(engine) as connection:
            await connection.run_sync(_upgrade)
            if is_sqlite(parsed):
                return []
            await connection.rollback()  # it holds nothing: an index made meanwhile waits for who holds a snapshot
            async with engine.connect() as own:
                advice = await index_parts(await own.execution_options(isolation_level="AUTOCOMMIT"))
            return [advice] if advice else []
    except (SQLAlchemyError, OSError) as error:
        raise GuichetError(
            f"The database {shown} cannot be used: {first_line(error)}. Check its address and rights."
        ) from error
    finally:
        await engine.dispose()


async def step_back(url: str, revision: str) -> None:
    """Undo the migrations after a revision, with what they added: for benchmarks, and for whoever must go back to an
    older version of Guichet."""
    engine = make_engine(url, longest_s=None)
    try:
        async with _alone(engine) as connection:
            await connection.run_sync(_downgrade, revision)
    finally:
        await engine.dispose()


@asynccontextmanager
async def _alone(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A connection for migrations, one at a time. On PostgreSQL the lock belongs to a connection that does nothing
    else: CREATE INDEX CONCURRENTLY waits for every statement under way, also for one that waits for a lock."""
    if engine.dialect.name == "sqlite":
        async with writing(engine) as connection:
            yield connection
        return
    async with engine.connect() as gate, engine.connect() as connection:
        await gate.execution_options(isolation_level="AUTOCOMMIT")
        while not await gate.scalar(select(func.pg_try_advisory_lock(_MIGRATIONS_LOCK))):  # noqa: ASYNC110
            await asyncio.sleep(LOCK_EVERY_S)
        try:
            yield connection
        finally:
            await connection.rollback()
            await gate.execute(select(func.pg_advisory_unlock(_MIGRATIONS_LOCK)))


def _config(connection: Connection) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _downgrade(connection: Connection, revision: str) -> None:
    from alembic import command

    command.downgrade(_config(connection), revision)


def _upgrade(connection: Connection) -> None:
    from alembic import command  # a slow import that only this needs
    from alembic.util import CommandError

    try:
        command.upgrade(_config(connection), "head")
    except CommandError as error:
        raise GuichetError(
            f"The database was made by another version of Guichet ({first_line(error)}). "
            "Update this one, or use another database."
        ) from error


def _make_private(file: Path) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
    except OSError as error:
        raise GuichetError(
            f"The database file {file} cannot be made: {error.strerror}. Check the folder's rights."
        ) from error


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise GuichetError("database_url is not an address that SQLAlchemy can read.") from None
    if parsed.drivername not in DRIVERS:
        raise GuichetError(f"database_url begins with {parsed.drivername!r}; use one of {', '.join(DRIVERS)}.")
    if is_sqlite(parsed) and parsed.database in (None, "", ":memory:"):
        raise GuichetError("database_url names no file; a history in memory would be lost.")
    return parsed


def first_line(error: BaseException) -> str:
    """What the database said, without the statement and whom it was about."""
    cause = error.orig if isinstance(error, StatementError) and error.orig else error
    return str(cause).splitlines()[0].rstrip(".") if str(cause) else type(cause).__name__
