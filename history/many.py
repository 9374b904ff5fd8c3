"""Many rows by one statement, whose text is the same for one row and for thousands: so it is prepared once, and neither
SQLAlchemy nor the database looks at every value anew. Recording is bound by that.
"""

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    Boolean,
    ColumnElement,
    Insert,
    Integer,
    Text,
    bindparam,
    cast,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeDecorator

T = TypeVar("T")

dump = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode
"""JSON text. Raises TypeError, ValueError or RecursionError where it is no JSON data."""


def pieces(values: Collection[T], most: int = 5_000) -> Iterator[list[T]]:
    """The values in lists that every database takes in one statement."""
    all_ = list(values)
    for start in range(0, len(all_), most):
        yield all_[start : start + most]


# --- found by many values ------------------------------------------------------------------------------------------


class _ListText(TypeDecorator[list[Any]]):
    """A list as JSON text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: list[Any] | None, _: Any) -> str | None:
        return None if value is None else dump(value)


class _Among(FunctionElement[bool]):
    type = Boolean()
    inherit_cache = True

    def self_group(self, against: OperatorType | None = None) -> "_Among":  # noqa: ARG002
        """As it is: SQLAlchemy would write `… = 1` for SQLite, which then uses no index."""
        return self


def among(column: ColumnElement[Any], values: list[Any]) -> ColumnElement[bool]:
    """`column IN (values)`, by one parameter."""
    of = Text() if not isinstance(column.type, Integer) else column.type
    listed = _ListText().with_variant(postgresql.ARRAY(of), "postgresql")
    return _Among(column, bindparam(None, values, type_=listed, unique=True))


@compiles(_Among, "postgresql")
def _any_of(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, values = element.clauses
    return f"({compiler.process(column, **options)} = ANY ({compiler.process(values, **options)}))"


@compiles(_Among, "sqlite")
def _in_json(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, values = element.clauses
    given = f"SELECT value FROM json_each({compiler.process(values, **options)})"  # noqa: S608 — a bound parameter
    return f"({compiler.process(column, **options)} IN ({given}))"


# --- written -------------------------------------------------------------------------------------------------------


def insert_into(connection: AsyncConnection, table: Any) -> sqlite.Insert | postgresql.Insert:
    """INSERT that knows ON CONFLICT, in the database's own words."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


_prepared: dict[tuple[str, str, str, tuple[str, ...]], tuple[str, Callable[[Any], Any], frozenset[str]]] = {}


async def write_many(
    connection: AsyncConnection, table: str, how: str, make: Callable[[], Insert], rows: Sequence[Any]
) -> int:
    """Many rows into a table by the INSERT that `make` gives and `how` names, which is made once; all rows have the
    same columns. What is text already goes into a JSON column as it is. One statement never gets two rows with the same
    `id`: the later ones follow, in their order. Gives how many rows were written, without those passed over.

    SQLite is handed row after row, PostgreSQL a list of values for each column.
    """
    if not rows:
        return 0
    names = tuple(rows[0])
    columnwise = connection.dialect.name == "postgresql"
    key = connection.dialect.name, table, how, names
    if key not in _prepared:
        statement = make()
        if columnwise:
            statement = statement.from_select(list(names), _columns(statement, names), include_defaults=False)
        compiled = statement.compile(dialect=connection.dialect, column_keys=list(names))
        json_columns = frozenset(name for name in names if isinstance(statement.table.c[name].type, JSON))
        _prepared[key] = str(compiled), itemgetter(*(compiled.positiontup or ())), json_columns
    sql, pick, json_columns = _prepared[key]
    for row in rows if json_columns else ():
        for name in json_columns:
            if (value := row[name]) is not None and type(value) is not str:
                row[name] = dump(value)
    picked = [pick(row) for row in rows]
    if not columnwise:
        return (await connection.exec_driver_sql(sql, picked)).rowcount
    written = 0
    for some in _each_once(rows):
        chosen = picked if some is None else [picked[place] for place in some]
        written += (await connection.exec_driver_sql(sql, tuple(map(list, zip(*chosen, strict=True))))).rowcount
    return written


def _columns(statement: Insert, names: Sequence[str]) -> Any:
    """Rows out of one list for each column. Lists of texts are not cut to a column's length, as a cast would do."""
    table = statement.table.c
    lists = [bindparam(name, type_=ARRAY(_element(table[name]))) for name in names]
    given = func.unnest(*lists).table_valued(*names).render_derived(name="given")
    return select(*(_as_stored(table[name], given.c[name]) for name in names))


def _element(column: ColumnElement[Any]) -> Any:
    for kind in (BigInteger, Integer, Boolean):
        if isinstance(column.type, kind):
            return kind()
    return Text()


def _as_stored(column: ColumnElement[Any], value: ColumnElement[Any]) -> ColumnElement[Any]:
    return cast(value, JSON) if isinstance(column.type, JSON) else value


def _each_once(rows: Sequence[Any]) -> Iterator[Sequence[int] | None]:
    """Places of rows whose ids differ, then those of the next ones; None: all at once."""
    if "id" not in rows[0] or len({row["id"] for row in rows}) == len(rows):
        yield None
        return
    left: Sequence[int] = range(len(rows))
    while left:
        seen: set[Any] = set()
        now: list[int] = []
        later: list[int] = []
        for place in left:
            (later if rows[place]["id"] in seen else now).append(place)
            seen.add(rows[place]["id"])
        yield now
        left = later
