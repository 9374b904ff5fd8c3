"""Agents' time: with a call, or available for one."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import CompoundSelect, ScalarSelect, Select, alias, case, func, literal, select, text, union, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from history.measures.asked import By, Question
from history.measures.sql.common import Number, Tallies, sum_if
from history.measures.tally import Tally
from history.models import AgentAccount, AgentChange
from history.models.records import BETWEEN_CALLS

IDLE, AVAILABLE = "idle", "available"
BUSY = ("offered", "ringing", "talking", "hold", "wrap_up")

_change = AgentChange.__table__.c


async def count_time(connection: AsyncConnection, question: Question) -> Tallies:
    """Of all agents, or by agent; agents belong to no queue, so split or limited otherwise there is nothing to count.

    A state's time needs no sorting: it is the sum of the moments of leaving it less that of the moments of entering it,
    with the interval's ends put in. What was idle while the agent was not available is then taken off again: such spans
    are few, and little happens in them.
    """
    if question.by not in (None, By.AGENT) or any(name is not By.AGENT for name in question.limits):
        return {}
    until = min(question.until, question.now)
    states = await _states(connection, question)
    sums = {row[0]: [int(each) for each in row[1:]] for row in await connection.execute(_sums(question))}
    strangers = sorted(sums.keys() - states.keys())
    if strangers:
        states |= await _states(connection, question, strangers)
    by_agent: dict[str, Tally] = {}
    for agent in states.keys() | sums.keys():
        state = states.get(agent, IDLE)
        idle, idle_moves, busy, busy_moves = sums.get(agent, (0, 0, 0, 0))
        by_agent[agent] = Tally(
            idle_ms=_spent(question.since, until, idle, idle_moves, inside=state == IDLE),
            busy_ms=_spent(question.since, until, busy, busy_moves, inside=state in BUSY),
        )
    spans: dict[tuple[str, int], list[Any]] = {}
    for some in ((), strangers) if strangers else ((),):
        for row in await connection.execute(_away(question, some)):
            spans.setdefault((row.agent, row.at), []).append(row)
    for (agent, at), rows in spans.items():
        if agent in by_agent:
            by_agent[agent].idle_ms -= _idle_in(at, min(rows[0].end or until, until), rows)
    if question.by is By.AGENT:
        return {agent: tally for agent, tally in by_agent.items() if tally.busy_ms or tally.idle_ms}
    together = Tally()
    for tally in by_agent.values():
        together.add(tally)
    return {None: together}


async def _states(connection: AsyncConnection, question: Question, some: Sequence[str] = ()) -> dict[str, str]:
    """The state in which each agent came into the interval."""
    agents = _agents(question, some).subquery("agents")
    found = select(agents.c.agent, _last(agents.c.agent, "state", literal(question.since)))
    return {agent: state or IDLE for agent, state in await connection.execute(found)}


def _spent(since: int, until: int, sum_of_moves: int, moves: int, *, inside: bool) -> int:
    """`sum_of_moves`: moments of leaving less moments of entering; `moves`: how many more left than entered."""
    still_inside = (1 if inside else 0) - moves > 0
    return sum_of_moves + (until if still_inside else 0) - (since if inside else 0)


def _idle_in(at: int, end: int, rows: list[Any]) -> int:
    """Idle time within one span, whose changes of state come with it; those of the same moment in any order."""
    state = rows[0].state or IDLE
    moves = [row for row in rows if row.moved_at is not None]
    left = [row.moved_at for row in moves if row.before == IDLE]
    entered = [row.moved_at for row in moves if row.after == IDLE]
    return _spent(at, end, sum(left) - sum(entered), len(left) - len(entered), inside=state == IDLE)


def _agents(question: Question, some: Sequence[str] = ()) -> CompoundSelect[Any] | Select[Any]:
    """Who may have had time in the interval: all who chose a status in it, and all who have an account. Or `some`, who
    were seen at work in it all the same."""
    moved = select(_change.agent).where(_change.at >= question.since, _change.at < question.until)
    if some:
        return moved.where(_change.agent.in_(some)).distinct()
    accounts = select(AgentAccount.id)
    if By.AGENT in question.limits:
        name = question.limits[By.AGENT]
        moved, accounts = moved.where(_change.agent == name), accounts.where(AgentAccount.id == name)
    return union(moved.where(_change.what == "status"), accounts)


def _last(agent: Number, what: str, before: Number) -> ScalarSelect[Any]:
    """The agent's latest state or status before a moment."""
    other = alias(AgentChange.__table__)
    return (
        select(other.c.after)
        .where(other.c.agent == agent, other.c.what == what, other.c.at < before)
        .order_by(other.c.at.desc(), other.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )


def _sums(question: Question) -> Select[Any]:
    left_idle, entered_idle = _change.before == IDLE, _change.after == IDLE
    left_busy, entered_busy = _change.before.in_(BUSY), _change.after.in_(BUSY)
    agent = (_change.agent + "").label("agent")  # SQLite would go by the index that has agents in order, and read rows
    statement = select(
        agent,
        sum_if(left_idle, _change.at) - sum_if(entered_idle, _change.at),
        func.sum(case((left_idle, 1), else_=0) - case((entered_idle, 1), else_=0)),
        sum_if(left_busy, _change.at) - sum_if(entered_busy, _change.at),
        func.sum(case((left_busy, 1), else_=0) - case((entered_busy, 1), else_=0)),
    ).where(_change.at >= question.since, _change.at < question.until, text(f"({BETWEEN_CALLS})"))
    if By.AGENT in question.limits:
        statement = statement.where(_change.agent == question.limits[By.AGENT])
    return statement.group_by(agent)


def _away(question: Question, some: Sequence[str]) -> Select[Any]:
    """Each span in which an agent was not available, with the state at its beginning, and the changes of state in it
    (one row each; one without, where there is none)."""
    agents = _agents(question, some).subquery("agents")
    status = func.coalesce(_last(agents.c.agent, "status", literal(question.since)), "offline")
    begun = select(agents.c.agent, literal(question.since).label("at"), literal("").label("id"), status.label("status"))
    changed = select(_change.agent, _change.at, _change.id, _change.after).where(
        _change.what == "status", _change.at >= question.since, _change.at < question.until
    )
    if some:
        changed = changed.where(_change.agent.in_(some))
    all_of = union_all(begun, changed).subquery("statuses").c
    end = func.lead(all_of.at).over(partition_by=all_of.agent, order_by=(all_of.at, all_of.id)).label("end")
    spans = select(all_of.agent, all_of.at, all_of.status, end).subquery("spans")
    moved = alias(AgentChange.__table__, "moved")
    last = func.coalesce(spans.c.end, question.until)
    within = (moved.c.agent == spans.c.agent) & (moved.c.at >= spans.c.at) & (moved.c.at < last)
    state = _last(spans.c.agent, "state", spans.c.at).label("state")
    return (
        select(spans.c.agent, spans.c.at, spans.c.end, state, moved.c.at.label("moved_at"), moved.c.before,
               moved.c.after)
        .select_from(spans.outerjoin(moved, within & (moved.c.what == "state")))
        .where(spans.c.status != AVAILABLE)
    )  # fmt: skip
