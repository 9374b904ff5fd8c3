"""What is kept of a day's events, for the measures: when each call came and how it went, and what agents did when."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from core.events import Event

Span = tuple[int, int]
"""From and until, in milliseconds."""
Stay = tuple[int, int, int, int]
"""A call in one queue, in milliseconds: when it first came into any, when into this one, since when it counts as
waiting (the first queueing, unless a move put it at the end of the line), and until when it waited here."""
FIRST, CAME, SINCE, UNTIL = range(4)

Rows = npt.NDArray[np.int64]
"""One row a span, or a stay."""


def rows(spans: Sequence[Span] | Sequence[Stay], width: int = 2) -> Rows:
    """As numpy would make them of the list, in a third of the time."""
    return np.fromiter(chain.from_iterable(spans), np.int64, width * len(spans)).reshape(-1, width)


BUSY, IDLE, AWAY = "busy", "idle", "away"
"""With a call (ringing, talk, wrap-up); ready for one; neither."""
MODES: Mapping[str, str] = {
    "idle": IDLE, "offered": BUSY, "ringing": BUSY, "talking": BUSY, "hold": BUSY, "wrap_up": BUSY,
    "not_responding": AWAY,
}  # fmt: skip


@dataclass(slots=True)
class QueueDay:
    """One queue's calls. Each stay stands where it ended."""

    entered: list[int] = field(default_factory=list)
    """When, moved here or not."""
    answered: list[Stay] = field(default_factory=list)
    abandoned: list[Stay] = field(default_factory=list)
    waiting: list[Stay] = field(default_factory=list)
    """Of those who were never answered and never gave up: until the end."""
    missed: list[int] = field(default_factory=list)
    """When offers rang and nobody answered."""
    overflowed: list[Stay] = field(default_factory=list)
    """Of those who left by a choice or an overflow rule, also into another queue."""
    called_back: list[Stay] = field(default_factory=list)
    unwanted: list[Stay] = field(default_factory=list)
    """Of the overflowed, those whom a rule took away and who chose nothing."""
    moved_in: list[int] = field(default_factory=list)
    """Of the entered, those who came from another queue."""
    moved_out: list[Stay] = field(default_factory=list)
    """Of the overflowed, those who went into another queue."""
    estimates: list["Estimated"] = field(default_factory=list)
    """Of those who were answered."""

    @property
    def stays(self) -> list[Stay]:
        return [*self.answered, *self.abandoned, *self.overflowed, *self.called_back, *self.waiting]


Estimated = tuple[int, float, int, bool]
"""When a caller was told of the wait, how long it was to be and how long it was from then on, in ms, and whether that
was inside the interval."""
Told = tuple[int, float, int, int]
"""When, how long it is to be (ms), and between which minutes (the later one 0: no end)."""
MINUTE_MS = 60_000


@dataclass(slots=True)
class _Agent:
    available: bool = False
    state: str = "idle"
    mode: str = AWAY
    since: int = 0


class Watch:
    """Tell it every event of the day, then `close` it."""

    def __init__(self) -> None:
        self.queues: defaultdict[str, QueueDay] = defaultdict(QueueDay)
        self.spans: dict[str, list[Span]] = {BUSY: [], IDLE: [], AWAY: []}
        self._waiting: dict[str, tuple[str, int, int, int]] = {}
        """Entry to its queue, and to its stay there as far as it has come."""
        self._told: dict[str, list[Told]] = {}
        """Entry to what its caller was told of the wait."""
        self._by_rule: set[str] = set()
        """Entries that a rule takes away."""
        self._agents: defaultdict[str, _Agent] = defaultdict(_Agent)

    def tell(self, event: Event) -> None:
        if heard := _HEARD.get(event.kind):
            heard(self, event.at, event.data)

    def close(self, at: int) -> None:
        """Nothing more is counted from then on."""
        for queue, first, came, since in self._waiting.values():
            self.queues[queue].waiting.append((first, came, since, max(came, at)))
        for agent in self._agents.values():
            self.spans[agent.mode].append((agent.since, at))

    def _entered(self, at: int, told: Mapping[str, Any]) -> None:
        self._comes(at, at, told)

    def _comes(self, first: int, at: int, told: Mapping[str, Any]) -> None:
        self.queues[told["queue"]].entered.append(at)
        self._waiting[told["entry"]] = told["queue"], first, at, told.get("since", at)

    def _answered(self, at: int, told: Mapping[str, Any]) -> None:
        day, stay = self._stay(told["entry"], at)
        day.answered.append(stay)
        for when, expected, low, high in self._told.pop(told["entry"], ()) if self._told else ():
            inside = low * MINUTE_MS <= at - when and (not high or at - when <= high * MINUTE_MS)
            day.estimates.append((when, expected, at - when, inside))

    def _left(self, at: int, told: Mapping[str, Any]) -> None:
        day, stay = self._stay(told["entry"], at)
        stays = {"abandoned": day.abandoned, "callback": day.called_back}.get(
            told.get("reason", "abandoned"), day.overflowed
        )
        stays.append(stay)
        if told["entry"] in self._by_rule and stays is day.overflowed:
            day.unwanted.append(stay)
        self._told.pop(told["entry"], None)

    def _moved(self, at: int, told: Mapping[str, Any]) -> None:
        day, stay = self._stay(told["entry"], at)
        for stays in (day.overflowed, day.moved_out, day.unwanted):
            stays.append(stay)
        self._comes(stay[FIRST], at, told)
        self.queues[told["queue"]].moved_in.append(at)
        self._told.pop(told["entry"], None)

    def _overflowed(self, _: int, told: Mapping[str, Any]) -> None:
        if told["action"] in ("then", "transfer"):
            self._by_rule.add(told["entry"])

    def _announced(self, at: int, told: Mapping[str, Any]) -> None:
        if "expected_ms" in told:
            said = at, told["expected_ms"], told["from_min"], told["to_min"]
            self._told.setdefault(told["entry"], []).append(said)

    def _withdrawn(self, at: int, told: Mapping[str, Any]) -> None:
        self.queues[self._waiting[told["entry"]][0]].missed.append(at)

    def _stay(self, entry: str, until: int) -> tuple[QueueDay, Stay]:
        queue, first, came, since = self._waiting.pop(entry)
        return self.queues[queue], (first, came, since, until)

    def _status(self, at: int, told: Mapping[str, Any]) -> None:
        agent = self._agents[told["agent"]]
        agent.available = told["status"] == "available"
        self._turn(agent, at)

    def _state(self, at: int, told: Mapping[str, Any]) -> None:
        agent = self._agents[told["agent"]]
        before, agent.state = agent.state, told["to"]
        if MODES[before] is not MODES[agent.state]:
            self._turn(agent, at)

    def _turn(self, agent: _Agent, at: int) -> None:
        mode = MODES[agent.state]
        if mode is IDLE and not agent.available:
            mode = AWAY
        if mode is not agent.mode:
            if at > agent.since:
                self.spans[agent.mode].append((agent.since, at))
            agent.mode, agent.since = mode, at


_HEARD: Mapping[str, Callable[[Watch, int, Mapping[str, Any]], None]] = {
    "entry.entered": Watch._entered,
    "entry.answered": Watch._answered,
    "entry.left": Watch._left,
    "entry.moved": Watch._moved,
    "entry.overflowed": Watch._overflowed,
    "entry.announced": Watch._announced,
    "entry.withdrawn": Watch._withdrawn,
    "agent.status": Watch._status,
    "agent.state": Watch._state,
}
