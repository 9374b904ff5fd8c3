"""One report: all measures over an interval, in all and split as asked."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from history.measures.asked import Question
from history.measures.definitions import Measure, measures
from history.measures.sql.agents import count_time
from history.measures.sql.common import Key, Tallies
from history.measures.sql.contacts import (
    count_contacts,
    count_contained,
    count_persons,
    count_promises,
    count_reorientations,
    misleading_steps,
)
from history.measures.sql.entries import count_entries, count_offers, find_waits
from history.measures.tally import Tally

Counter = Callable[[AsyncConnection, Question], Awaitable[Tallies]]
ADDING_UP: Sequence[Counter] = (
    count_contacts, count_contained, count_entries, count_offers, count_reorientations, count_promises,
)  # fmt: skip
"""What is counted in parts is the sum of the parts in all."""
NOT_ADDING_UP: Sequence[Counter] = (find_waits, count_persons, count_time)


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
    whole = replace(question, by=None)
    adding_up, others, of_parts, misleading = await asyncio.gather(
        _counted(engine, question, ADDING_UP),
        _counted(engine, whole, NOT_ADDING_UP),
        _counted(engine, question, NOT_ADDING_UP if question.by else ()),
        _misleading(engine, question),
    )
    total = others.get(None, Tally())
    for part in adding_up.values():
        total.add(part)
    if question.by is None:
        return Report(question, total, {}, misleading)
    _merge(adding_up, of_parts)
    return Report(question, total, dict(sorted(adding_up.items(), key=_place)), misleading)


async def _misleading(engine: AsyncEngine, question: Question) -> Mapping[str, int]:
    async with engine.connect() as connection:
        return await misleading_steps(connection, question)


def _place(part: tuple[Key, Tally]) -> tuple[int, str]:
    """Hours and days by number, names by the alphabet."""
    return (part[0], "") if isinstance(part[0], int) else (0, part[0] or "")


async def _counted(engine: AsyncEngine, question: Question, counters: Sequence[Counter]) -> Tallies:
    async def one(count: Counter) -> Tallies:
        async with engine.connect() as connection:
            return await count(connection, question)

    together: Tallies = {}
    for counted in await asyncio.gather(*(one(count) for count in counters)):
        _merge(together, counted)
    return together


def _merge(into: Tallies, counted: Tallies) -> None:
    for key, tally in counted.items():
        into.setdefault(key, Tally()).add(tally)
