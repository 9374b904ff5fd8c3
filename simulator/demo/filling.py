"""A whole history, made up and loaded."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy.ext.asyncio import AsyncEngine

from history.bulk import Loader, bulk_loading
from simulator.demo.events import event_rows, events_of, shifts
from simulator.demo.lives import CLOSES, HOUR_MS, NOBODY, OPENS, QUEUES, Lives, draw_lives
from simulator.demo.people import MATTERS, numbers
from simulator.demo.rows import COLUMNS, Rows, account_rows, change_rows, contact_rows, parts, people_rows

PART = 50_000
SHIFT = OPENS * HOUR_MS, CLOSES * HOUR_MS
Tell = Callable[[str, int, int], None]
"""Is told what is being done, how much of it is done, and of how much."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What was made."""

    contacts: int
    people: int
    agents: int
    days: Sequence[int]
    """The beginning of each, ms since 1970."""
    by_day: Sequence[int]
    """Contacts of each."""


async def fill(
    engine: AsyncEngine, contacts: int, people: int, days: Sequence[int], seed: int, tell: Tell,
    followed: Sequence[int] | None = None, *, events: bool = False,
) -> Filled:  # fmt: skip
    """`days`: the beginning of each day, in order. What each agent did from minute to minute is told for the days
    `followed` (all, where none are given): it is several times as much as the contacts. `events`: those from which a
    recorder would have made all this are kept too, so that a report can be counted again; that takes longer."""
    tell("drawing what happens", 0, contacts)
    lives = draw_lives(contacts, people, days, seed)
    agents = int(lives.agent.max()) + 1
    async with bulk_loading(engine, COLUMNS, lambda what: tell(what, contacts, contacts)) as loader:
        for begin in range(1, people + 1, PART):
            tell("people", begin, people)
            await _load(loader, people_rows(begin, min(begin + PART, people + 1), int(lives.started[0])))
        await _load(loader, account_rows(agents, _queues_of(lives)))
        phones = np.array(["", *numbers(np.arange(1, people + 1))])
        for begin, part in parts(lives, PART):
            tell("contacts", begin, contacts)
            whose = np.where(part.person == NOBODY, 0, part.person)
            await _load(loader, contact_rows(part, begin, phones[whose].tolist()))
            if events:
                await _load(loader, event_rows(events_of(part, begin, phones[whose].tolist())))
        for day in days if followed is None else followed:
            tell("agents' days", 0, len(days))
            of_day = _on(lives, day)
            await _load(loader, change_rows(of_day, [day], SHIFT))
            if events:
                spoke = np.unique(of_day.agent[of_day.answered != NOBODY])
                await _load(loader, event_rows(shifts(spoke.tolist(), [day], SHIFT)))
    counts = np.diff(np.searchsorted(lives.started, [*days, days[-1] + 2 * 86_400_000]))
    return Filled(contacts, people, agents, days, counts.tolist())


async def _load(loader: Loader, rows: Rows) -> None:
    for table, some in rows.items():
        await loader.load(table, COLUMNS[table], some)


def _on(lives: Lives, day: int) -> Lives:
    begin, end = np.searchsorted(lives.started, [day, day + 24 * HOUR_MS])
    return lives.part(int(begin), int(end))


def _queues_of(lives: Lives) -> dict[int, str]:
    """Which queue each agent serves."""
    spoke = lives.agent != NOBODY
    agents, places = np.unique(lives.agent[spoke], return_index=True)
    matters = lives.matter[spoke][places]
    return {int(agent): MATTERS[matter].queue for agent, matter in zip(agents, matters, strict=True)} or {0: QUEUES[0]}
