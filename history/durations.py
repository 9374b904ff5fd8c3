"""How long callers were on hold and how long agents wrapped up.

An agent's changes of state tell it. To which stay in a queue a change belongs follows from time: the last one that the
agent had answered by then. A span is the time of the change that ends it less that of the change that begins it; so the
sum over all changes, ends counted positive and beginnings negative, is the time spent, once as many ended as began.
"""

from collections.abc import Iterable

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_STAY = "SELECT {0} FROM entry WHERE agent = :agent AND answered_at <= :at ORDER BY answered_at DESC, id DESC LIMIT 1"
_SPENT = """
    SELECT CASE WHEN count(c.at) > 0 AND sum(CASE WHEN c.before = '{0}' THEN 1 ELSE -1 END) = 0
                THEN sum(CASE WHEN c.before = '{0}' THEN c.at ELSE -c.at END) END
    FROM agent_change AS c
    WHERE c.agent = entry.agent AND c.what = 'state' AND c.before <> c.after
      AND (c.before = '{0}' OR c.after = '{0}') AND c.at >= entry.answered_at
      AND c.at < coalesce((SELECT min(e.answered_at) FROM entry AS e
                           WHERE e.agent = entry.agent AND e.answered_at > entry.answered_at), 9007199254740992)
"""
_WORK_OUT = text(
    f"UPDATE entry SET hold_ms = ({_SPENT.format('hold')}), wrap_up_ms = ({_SPENT.format('wrap_up')}) "  # noqa: S608
    f"WHERE id = ({_STAY.format('id')})"
)
_SUM_UP = text(
    "UPDATE contact SET hold_ms = (SELECT sum(e.hold_ms) FROM entry AS e WHERE e.call = contact.id), "  # noqa: S608
    "wrap_up_ms = (SELECT sum(e.wrap_up_ms) FROM entry AS e WHERE e.call = contact.id) "
    f"WHERE id = ({_STAY.format('call')})"
)


async def write_durations(connection: AsyncConnection, moments: Iterable[tuple[str, int]]) -> None:
    """Work out anew, for each agent and moment, the stay that the agent had answered last by then."""
    rows = [{"agent": agent, "at": at} for agent, at in sorted(set(moments))]
    if rows:
        await connection.execute(_WORK_OUT, rows)
        await connection.execute(_SUM_UP, rows)
