"""What happens: who calls when and about what, how it ends. Drawn in whole columns, since there may be ten millions.

Arrivals follow the day of the week and the hour. Callers wait in order of arrival for the first of the agents of their
queue who is free, and give up when their patience ends; talks and wrap-ups are log-normal. So waits and abandonment
come about by themselves, and no agent talks to two callers at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from heapq import heapify, heapreplace

import numpy as np
import numpy.typing as npt

from simulator.demo.people import MATTERS

Column = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

DAY_MS, HOUR_MS = 86_400_000, 3_600_000
OPENS, CLOSES = 8, 18
"""Hours of the day; nobody calls outside of them but a few who hear that it is closed."""
BY_HOUR = (0.2, 0, 0, 0, 0, 0, 0.3, 0.8, 8, 12, 13, 11, 6, 7, 12, 11, 9, 5, 0.9, 0.5, 0.4, 0.3, 0.2, 0.2)
BY_WEEKDAY = (1.3, 1.05, 1.0, 1.0, 0.95, 0.1, 0.04)
AGAIN = 0.22
"""Share of calls by somebody who called a short while before."""
SAME_MATTER = 0.8
WITHHELD = 0.06
HUNG_UP_IN_MENU = 0.05
LEFT_BY_CHOICE = 0.03
CALLED_BACK = 0.04
MISSED = 0.06
PATIENCE_MS = 240_000
RING_MS = 4_000
MENU_MS = 20_000
LOAD = 0.97
"""Of the agents' time in the busiest hour."""
NOBODY = -1


@dataclass(slots=True)
class Lives:
    """One row a contact, in order of time; NOBODY (-1) where something did not happen. Times in ms since 1970."""

    started: Column
    person: Column
    """From 1; NOBODY: withheld."""
    matter: Column
    """Place in MATTERS."""
    entered: Column
    """When they came into the queue; NOBODY: they never asked for an agent."""
    helped: Flags
    """A recorded answer was enough."""
    closed: Flags
    """They heard that nobody is there at this hour."""
    left: Column
    """When they left the queue without an agent."""
    reason: Column
    """Place in REASONS of why."""
    agent: Column
    answered: Column
    missed: Column
    """When an offer before that rang in vain."""
    talk: Column
    hold: Column
    wrap_up: Column
    ended: Column
    settled: Flags
    noted: Flags
    cased: Flags
    misled: Flags
    """They had been led to the wrong place."""
    told_wait: Column
    """Expected wait in ms that they were told on entering."""

    def __len__(self) -> int:
        return len(self.started)

    def part(self, begin: int, end: int) -> "Lives":
        """Rows from `begin` until before `end`."""
        return Lives(**{each.name: getattr(self, each.name)[begin:end] for each in fields(self)})


REASONS = ("abandoned", "choice", "callback")
QUEUES = tuple(dict.fromkeys(matter.queue for matter in MATTERS))


def draw_lives(contacts: int, people: int, days: Sequence[int], seed: int) -> Lives:
    """`days`: the beginning of each day, ms since 1970, in order, all from one time zone."""
    chance = np.random.Generator(np.random.Philox(key=seed))
    started = _starts(contacts, days, chance)
    person, matter = _who_and_why(contacts, people, len(days), chance)
    helped = chance.random(contacts) < np.array([each.self_service for each in MATTERS])[matter]
    hour = (started - np.array(days)[np.searchsorted(days, started, side="right") - 1]) // HOUR_MS
    open_now = (hour >= OPENS) & (hour < CLOSES)
    gave_up_early = chance.random(contacts) < HUNG_UP_IN_MENU
    queued = open_now & ~helped & ~gave_up_early
    helped &= open_now & ~gave_up_early
    menu = (MENU_MS * chance.lognormal(0, 0.4, contacts)).astype(np.int64)
    lives = Lives(
        started=started, person=person, matter=matter,
        entered=np.where(queued, started + menu, NOBODY), helped=helped, closed=~open_now,
        left=_nothing(contacts), reason=_nothing(contacts), agent=_nothing(contacts), answered=_nothing(contacts),
        missed=_nothing(contacts),
        talk=(1000 * np.array([each.talk_s for each in MATTERS])[matter] * chance.lognormal(0, 0.6, contacts)).astype(
            np.int64
        ),
        hold=np.where(chance.random(contacts) < 0.15, (chance.exponential(40_000, contacts)), 0).astype(np.int64),
        wrap_up=(25_000 * chance.lognormal(0, 0.5, contacts)).astype(np.int64),
        ended=started + menu, settled=chance.random(contacts) < 0.8, noted=chance.random(contacts) < 0.2,
        cased=chance.random(contacts) < 0.06, misled=chance.random(contacts) < 0.04, told_wait=_nothing(contacts),
    )  # fmt: skip
    lives.hold = np.minimum(lives.hold, lives.talk // 2)
    _serve(lives, days, chance)
    return lives


def _nothing(contacts: int) -> Column:
    return np.full(contacts, NOBODY, dtype=np.int64)


def _starts(contacts: int, days: Sequence[int], chance: np.random.Generator) -> Column:
    weekday = (np.array(days) + DAY_MS // 2) // DAY_MS + 3  # 1970 began on a Thursday; noon is the same day everywhere
    weights = np.array(BY_WEEKDAY)[weekday % 7]
    day = chance.choice(len(days), contacts, p=weights / weights.sum())
    hours = np.array(BY_HOUR) / sum(BY_HOUR)
    within = chance.choice(24, contacts, p=hours) * HOUR_MS + chance.integers(0, HOUR_MS, contacts)
    started: Column = np.sort(np.array(days, dtype=np.int64)[day] + within)
    return started


def _who_and_why(contacts: int, people: int, days: int, chance: np.random.Generator) -> tuple[Column, Column]:
    """Some call much more often than others; some call again soon, mostly about the same."""
    person = 1 + (people * chance.random(contacts) ** 1.4).astype(np.int64)
    shares = np.array([each.share for each in MATTERS])
    matter = chance.choice(len(MATTERS), contacts, p=shares / shares.sum())
    back = chance.geometric(min(1.0, days / contacts / 1.5), contacts)
    earlier = np.maximum(np.arange(contacts) - back, 0)
    again = chance.random(contacts) < AGAIN
    same = again & (chance.random(contacts) < SAME_MATTER)
    person = np.where(again, person[earlier], person)
    matter = np.where(same, matter[earlier], matter)
    return np.where(chance.random(contacts) < WITHHELD, NOBODY, person), matter


def _serve(lives: Lives, days: Sequence[int], chance: np.random.Generator) -> None:
    """Each queue with agents of its own, numbered through; first come, first served."""
    contacts = len(lives)
    patience = chance.exponential(PATIENCE_MS, contacts).astype(np.int64)
    fate = chance.random(contacts)
    missed = chance.random(contacts) < MISSED
    queue_of = np.array([QUEUES.index(each.queue) for each in MATTERS])
    first = 0
    for queue in range(len(QUEUES)):
        places = np.flatnonzero((lives.entered != NOBODY) & (queue_of[lives.matter] == queue))
        if not len(places):
            continue
        places = places[np.argsort(lives.entered[places], kind="stable")]
        agents = _agents_for(lives, places, days)
        _serve_queue(lives, places.tolist(), range(first, first + agents), patience, fate, missed)
        first += agents


def _agents_for(lives: Lives, places: npt.NDArray[np.intp], days: Sequence[int]) -> int:
    busy_hour_share = max(BY_HOUR) / sum(BY_HOUR)
    weekday = len(places) / max(1.0, len(days) * sum(BY_WEEKDAY) / 7)  # a middling working day
    load = weekday * busy_hour_share * float((lives.talk[places] + lives.wrap_up[places] + RING_MS).mean()) / HOUR_MS
    return max(2, int(np.ceil(load / LOAD)))


def _serve_queue(
    lives: Lives, places: list[int], agents: range, patience: Column, fate: npt.NDArray[np.float64], missed: Flags
) -> None:
    """Who waits longer than their patience leaves; nobody else's wait is changed by that."""
    free = [(0, agent) for agent in agents]
    heapify(free)
    entered, busy = lives.entered.tolist(), (lives.talk + lives.wrap_up).tolist()
    patient, fates, in_vain = patience.tolist(), fate.tolist(), missed.tolist()
    answers: list[tuple[int, int, int, int]] = []
    leaves: list[tuple[int, int, int]] = []
    told: list[tuple[int, int]] = []
    for place in places:
        at = entered[place]
        free_at, agent = free[0]
        ready = free_at if free_at > at else at
        wait = ready - at
        if wait > 30_000:
            told.append((place, wait))
        if wait > patient[place] or (wait > 30_000 and fates[place] < LEFT_BY_CHOICE + CALLED_BACK):
            choice = fates[place] if wait > 30_000 else 1.0
            chosen = 1 if choice < LEFT_BY_CHOICE else 2 if choice < LEFT_BY_CHOICE + CALLED_BACK else 0
            leaves.append((place, at + min(wait, patient[place]), chosen))
            continue
        rang = ready + 20_000 if in_vain[place] else -1
        answered = (rang if rang >= 0 else ready) + RING_MS
        heapreplace(free, (answered + busy[place] + 1_000, agent))
        answers.append((place, answered, agent, ready if rang >= 0 else NOBODY))
    _fill(lives, answers, leaves, told)


def _fill(
    lives: Lives, answers: list[tuple[int, int, int, int]], leaves: list[tuple[int, int, int]],
    told: list[tuple[int, int]],
) -> None:  # fmt: skip
    if answers:
        place, answered, agent, missed = np.array(answers, dtype=np.int64).T
        lives.answered[place], lives.agent[place], lives.missed[place] = answered, agent, missed
        lives.ended[place] = answered + lives.talk[place]
    if leaves:
        place, left, reason = np.array(leaves, dtype=np.int64).T
        lives.left[place], lives.reason[place], lives.ended[place] = left, reason, left
    if told:
        place, wait = np.array(told, dtype=np.int64).T
        lives.told_wait[place] = (wait * 0.9).astype(np.int64)
