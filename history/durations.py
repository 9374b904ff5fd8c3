"""How long callers were on hold and how long agents wrapped up.

An agent's changes of state tell it. To which stay in a queue a change belongs follows from time: the last one that the
agent had answered by then. A span is the time of the change that ends it less that of the change that begins it; so the
sum over all changes, ends counted positive and beginnings negative, is the time spent, once as many ended as began.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from history.many import dump, pieces

Moment = tuple[str, int]
"""An agent, and when."""

_GIVEN = {
    "postgresql": "json_array_elements(CAST(:given AS json))",
    "sqlite": "json_each(:given)",
}
_PART = {"postgresql": "CAST(value ->> {0} AS {1})", "sqlite": "json_extract(value, '$[{0}]')"}
_STAYS = """
    SELECT DISTINCT (
        SELECT e.id FROM entry AS e WHERE e.agent = moment.agent AND e.answered_at <= moment.at
        ORDER BY e.answered_at DESC, e.id DESC LIMIT 1
    ) AS id
    FROM (SELECT {agent} AS agent, {at} AS at FROM {given}) AS moment
"""
"""Many moments fall into one stay: it is worked out once."""
_NEVER = 2**53
_MOVES = "CASE '{0}' WHEN c.before THEN {1} WHEN c.after THEN -{1} ELSE 0 END"
_SPENT = (
    "CASE WHEN sum(CASE WHEN '{0}' IN (c.before, c.after) THEN 1 ELSE 0 END) > 0"
    f" AND sum({_MOVES.format('{0}', '1')}) = 0 THEN sum({_MOVES.format('{0}', 'c.at')}) END"
)
_WORKED_OUT = f"""
    SELECT stay.id, stay.call, stay.hold_ms, stay.wrap_up_ms, {_SPENT.format("hold")}, {_SPENT.format("wrap_up")}
    FROM (
        SELECT e.id, e.call, e.agent, e.answered_at, e.hold_ms, e.wrap_up_ms, coalesce((
            SELECT min(n.answered_at) FROM entry AS n WHERE n.agent = e.agent AND n.answered_at > e.answered_at
        ), {_NEVER}) AS until
        FROM entry AS e WHERE e.id IN ({{given}})
    ) AS stay
    LEFT JOIN agent_change AS c ON c.agent = stay.agent AND c.at >= stay.answered_at AND c.at < stay.until
        AND c.what = 'state' AND c.before <> c.after
    GROUP BY stay.id, stay.call, stay.hold_ms, stay.wrap_up_ms
"""  # noqa: S608 — our own words
_SUMMED_UP = """
    SELECT c.id, c.hold_ms, c.wrap_up_ms, sum(e.hold_ms), sum(e.wrap_up_ms)
    FROM contact AS c JOIN entry AS e ON e.call = c.id WHERE c.id IN ({given})
    GROUP BY c.id, c.hold_ms, c.wrap_up_ms
"""
_LISTED = {
    "postgresql": "SELECT json_array_elements_text(CAST(:given AS json))",
    "sqlite": "SELECT value FROM json_each(:given)",
}
_WRITE = {
    table: text(f"UPDATE {table} SET hold_ms = :hold, wrap_up_ms = :wrap_up WHERE id = :id")  # noqa: S608
    for table in ("entry", "contact")
}


async def write_durations(connection: AsyncConnection, moments: Iterable[Moment]) -> None:
    """Work out anew, for each agent and moment, the stay that the agent had answered last by then."""
    dialect = connection.dialect.name
    part, given = _PART[dialect], _GIVEN[dialect]
    found = text(_STAYS.format(agent=part.format(0, "text"), at=part.format(1, "bigint"), given=given))
    worked_out, summed_up = (text(each.format(given=_LISTED[dialect])) for each in (_WORKED_OUT, _SUMMED_UP))
    for some in pieces(sorted(set(moments))):
        stays = [stay for stay in await connection.scalars(found, {"given": dump(some)}) if stay]
        if not stays:
            continue
        rows = (await connection.execute(worked_out, {"given": dump(stays)})).all()
        await _write(connection, "entry", [(id_, *values) for id_, _, *values in rows])
        calls = sorted({call for _, call, *_ in rows})
        sums = (await connection.execute(summed_up, {"given": dump(calls)})).all()
        await _write(connection, "contact", [tuple(row) for row in sums])


async def _write(connection: AsyncConnection, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Rows (id, hold and wrap-up as they stand, as they are): those that differ."""
    changed = [
        {"id": id_, "hold": _whole(hold), "wrap_up": _whole(wrap_up)}
        for id_, *former, hold, wrap_up in rows
        if former != [hold, wrap_up]
    ]
    if changed:
        await connection.execute(_WRITE[table], changed)


def _whole(sum_: Any) -> int | None:
    """PostgreSQL sums whole numbers into decimals."""
    return None if sum_ is None else int(sum_)
