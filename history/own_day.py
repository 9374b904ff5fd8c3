"""An agent's own figures of a day, counted as the reports count them (history/measures)."""

from collections.abc import Sequence
from typing import TypedDict

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from history.measures.asked import By, Question
from history.measures.sql.agents import count_time
from history.measures.sql.entries import count_entries, count_offers
from history.measures.tally import Tally
from history.models import AgentChange

PAUSED = "paused"

_change = AgentChange.__table__.c


class OwnDay(TypedDict):
    """Durations in ms."""

    answered: int
    """Calls taken."""
    handled: int
    """Of them, calls that are over: with these, talk, holding and wrap-up count."""
    talk_ms: int
    """Holding included."""
    hold_ms: int
    wrap_up_ms: int
    not_accepted: int
    """Offers that were not accepted."""
    pauses: int
    pause_ms: int
    busy_ms: int
    """With a call: offered, ringing, talk, hold, wrap-up."""
    idle_ms: int
    """Available, with nothing to be done."""


async def own_day(engine: AsyncEngine, agent: str, since: int, now: int) -> OwnDay:
    """From `since` until `now`, both in ms since 1970 UTC; as far as it is recorded."""
    question = Question(starts=[since, now + 1], now=now, limits={By.AGENT: agent})
    tally = Tally()
    async with engine.connect() as connection:
        for count in (count_entries, count_offers, count_time):
            for part in (await count(connection, question)).values():
                tally.add(part)
        pauses = await _pauses(connection, agent, since, now)
    return OwnDay(
        answered=tally.answered,
        handled=tally.handled,
        talk_ms=tally.talk_ms,
        hold_ms=tally.hold_ms,
        wrap_up_ms=tally.wrap_up_ms,
        not_accepted=tally.not_accepted,
        pauses=len(pauses),
        pause_ms=sum(pauses),
        busy_ms=tally.busy_ms,
        idle_ms=tally.idle_ms,
    )


async def _pauses(connection: AsyncConnection, agent: str, since: int, now: int) -> Sequence[int]:
    """How long each pause of the interval took, the one that lasts included."""
    chose = select(_change.at, _change.after).where(_change.agent == agent, _change.what == "status")
    last = chose.where(_change.at < since).order_by(_change.at.desc(), _change.id.desc()).limit(1)
    before = await connection.execute(last)
    inside = chose.where(_change.at >= since, _change.at <= now).order_by(_change.at, _change.id)
    within = await connection.execute(inside)
    begun = [(since, row.after) for row in before] + [(row.at, row.after) for row in within]
    ends = [at for at, _ in begun[1:]] + [now][: len(begun)]
    spans: list[int] = []
    for place, ((at, status), end) in enumerate(zip(begun, ends, strict=True)):
        if status != PAUSED:
            continue
        if place and begun[place - 1][1] == PAUSED:  # another reason: the same pause
            spans[-1] += end - at
        else:
            spans.append(end - at)
    return spans
