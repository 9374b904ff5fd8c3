"""One report: all measures over an interval, in all and split as asked."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from history.measures.asked import HOUR_MS, By, Question
from history.measures.definitions import Measure, measures
from history.measures.sql.agents import count_time
from history.measures.sql.common import Counted, Key, Tallies
from history.measures.sql.contacts import (
    count_contacts,
    count_persons,
    count_promises,
    count_reorientations,
    misleading_steps,
)
from history.measures.sql.entries import count_entries, count_offers, find_waits
from history.measures.tally import Tally

T = TypeVar("T")
CONNECTIONS = 4
"""At work at a time for one report: enough for the processors of a small machine, and others come through."""
ADDING_UP: Sequence[Callable[[AsyncConnection, Question], Awaitable[Tallies]]] = (
    count_contacts, count_entries, count_offers, count_reorientations, count_promises,
)  # fmt: skip
"""What is counted in parts is the sum of the parts in all. In both lists, what takes longest first."""


async def _time(connection: AsyncConnection, question: Question) -> Counted:
    """Agents' time, which belongs to no queue, topic or hour."""
    of_each = question if question.by is By.AGENT else replace(question, by=None)
    parts = await count_time(connection, of_each)
    total = Tally()
    for tally in parts.values():
        total.add(tally)
    return Counted(total, parts if of_each.by else {})


NOT_ADDING_UP: Sequence[Callable[[AsyncConnection, Question], Awaitable[Counted]]] = (_time, count_persons, find_waits)


@dataclass(frozen=True, slots=True)
class Report:
    """`total`, and `parts` by key where the question splits; `misleading`: how often each flow step misled."""

    question: Question
    total: Tally
    parts: Mapping[Key, Tally]
    misleading: Mapping[str, int]

    def measures(self) -> Sequence[Measure]:
        return list(measures(self.question.service_level).values())

    def figures(self, tally: Tally) -> dict[str, float | None]:
        """Each measure's value."""
        return {measure.name: measure.of(tally) for measure in self.measures()}


async def make_report(engine: AsyncEngine, question: Question) -> Report:
    """Count everything, several things at a time, each by a connection of its own."""
    few = asyncio.Semaphore(CONNECTIONS)

    async def ask(count: Callable[[AsyncConnection, Question], Awaitable[T]]) -> T:
        async with few, engine.connect() as connection:
            return await count(connection, question)

    adding_up, others, misleading = await asyncio.gather(
        asyncio.gather(*(ask(count) for count in ADDING_UP)),
        asyncio.gather(*(ask(count) for count in NOT_ADDING_UP)),
        ask(misleading_steps),
    )
    total = Tally()
    parts: Tallies = {}
    for counted in adding_up:
        for tally in counted.values():
            total.add(tally)
        _merge(parts, counted)
    for both in others:
        total.add(both.total)
        _merge(parts, both.parts)
    parts = _whole_series(question, parts) if question.by else {}
    return Report(question, total, dict(sorted(parts.items(), key=_place)), misleading)


def _whole_series(question: Question, parts: Tallies) -> Tallies:
    """Hours and days are a series: those in which nothing happened are in it too, up to now."""
    if question.by is By.HOUR:
        count = -(-(min(question.until, question.now) - question.since) // HOUR_MS)
    elif question.by is By.DAY:
        count = sum(1 for start in question.starts[:-1] if start < question.now)
    else:
        return parts
    nothing: Tallies = {number: Tally() for number in range(count)}
    return nothing | parts


def _place(part: tuple[Key, Tally]) -> tuple[int, str]:
    """Hours and days by number, names by the alphabet."""
    return (part[0], "") if isinstance(part[0], int) else (0, part[0] or "")


def _merge(into: Tallies, counted: Tallies) -> None:
    for key, tally in counted.items():
        into.setdefault(key, Tally()).add(tally)
