"""Loading many rows at once, much faster than one statement each: COPY on PostgreSQL, one long transaction on SQLite,
and the indexes made anew afterwards. For an empty history only: nothing is checked but by the database itself."""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.schema import CreateIndex, DropIndex

from core.errors import GuichetError
from history.models import Base, Contact
from history.models.search import is_own

Tell = Callable[[str], None]


class Loader:
    """`await load(table, columns, rows)`, as often as there is something."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._sqlite = connection.dialect.name == "sqlite"

    async def load(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Columns that are not named are empty. JSON columns take JSON text."""
        if not rows:
            return
        raw = (await self._connection.get_raw_connection()).driver_connection
        assert raw is not None, "it is connected"
        known = Base.metadata.tables[table].columns
        named = [known[name].name for name in columns]
        if self._sqlite:
            slots = ", ".join("?" * len(named))
            quoted = ", ".join(f'"{name}"' for name in named)
            await raw.execute("BEGIN")
            await raw.executemany(f'INSERT INTO "{table}" ({quoted}) VALUES ({slots})', rows)  # noqa: S608 — names of ours
            await raw.commit()
        else:
            await raw.copy_records_to_table(table, columns=named, records=rows)


@asynccontextmanager
async def bulk_loading(engine: AsyncEngine, tables: Iterable[str], tell: Tell) -> AsyncIterator[Loader]:
    """A loader into these tables; when it is left, their indexes are there again, and the database has looked at what
    is in them. `tell` is told what goes on. GuichetError where the history is not empty."""
    async with engine.connect() as connection:
        if (await connection.execute(Contact.__table__.select().limit(1))).first():
            raise GuichetError("This history has contacts already: made-up ones are never mixed with those of people.")
        await connection.rollback()
        indexes = [index for name in tables for index in Base.metadata.tables[name].indexes if not index.unique]
        own = await _prepare(connection, indexes)
        yield Loader(connection)
        await connection.commit()
        await _finish(connection, indexes, own, tell)


async def _prepare(connection: AsyncConnection, indexes: Sequence[Index]) -> list[str]:
    """Gives the statements that make the full text's own indexes again, which the models do not know."""
    own: list[str] = []
    if connection.dialect.name == "sqlite":
        raw = (await connection.get_raw_connection()).driver_connection
        assert raw is not None, "it is connected"
        await raw.execute("PRAGMA foreign_keys = OFF")
        await raw.execute("PRAGMA cache_size = -400000")
    else:
        await connection.execute(text("SET maintenance_work_mem = '512MB'"))
        if await connection.scalar(text("SELECT usesuper FROM pg_user WHERE usename = current_user")):
            await connection.execute(text("SET session_replication_role = replica"))  # foreign keys are not looked up
        for name, definition in await connection.execute(text("SELECT indexname, indexdef FROM pg_indexes")):
            if is_own(name):
                own.append(definition)
                await connection.execute(text(f"DROP INDEX {name}"))
        await connection.commit()
    for index in indexes:
        await connection.execute(DropIndex(index, if_exists=True))
    await connection.commit()
    return own


async def _finish(
    connection: AsyncConnection, indexes: Sequence[Index], own: Sequence[str], tell: Tell
) -> None:  # fmt: skip
    tell("making indexes")
    for definition in own:
        await connection.execute(text(definition))
        await connection.commit()
    for index in indexes:
        await connection.execute(CreateIndex(index))
        await connection.commit()
    await connection.execute(text("ANALYZE"))
    await connection.commit()
    if connection.dialect.name == "sqlite":
        raw = (await connection.get_raw_connection()).driver_connection
        assert raw is not None, "it is connected"
        await raw.execute("PRAGMA foreign_keys = ON")
        await raw.execute("PRAGMA cache_size = -2000")
    else:
        for table, column in (("person", "id"), ("phone", "id")):
            await connection.execute(text(
                f"SELECT setval(pg_get_serial_sequence('{table}', '{column}'), coalesce(max({column}), 1)) FROM {table}"  # noqa: S608
            ))  # fmt: skip
        await connection.execute(text("RESET session_replication_role"))
        await connection.commit()
