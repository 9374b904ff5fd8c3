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

Spans = npt.NDArray[np.int64]
"""One row a span."""


def rows(spans: Sequence[Span]) -> Spans:
    """As numpy would make them of the list, in a third of the time."""
    return np.fromiter(chain.from_iterable(spans), np.int64, 2 * len(spans)).reshape(-1, 2)


BUSY, IDLE, AWAY = "busy", "idle", "away"
"""With a call (ringing, talk, wrap-up); ready for one; neither."""
MODES: Mapping[str, str] = {
    "idle": IDLE, "offered": BUSY, "ringing": BUSY, "talking": BUSY, "hold": BUSY, "wrap_up": BUSY,
    "not_responding": AWAY,
}  # fmt: skip


@dataclass(slots=True)
class QueueDay:
    """One queue's calls, by the time of entry. A wait runs from entry to answer, or to giving up."""

    entered: list[int] = field(default_factory=list)
    answered: list[Span] = field(default_factory=list)
    abandoned: list[Span] = field(default_factory=list)
    waiting: list[Span] = field(default_factory=list)
    """Of those who were never answered and never gave up: until the end."""
    missed: list[int] = field(default_factory=list)
    """When offers rang and nobody answered."""

    @property
    def waits(self) -> list[Span]:
        return [*self.answered, *self.abandoned, *self.waiting]


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
        self._waiting: dict[str, tuple[str, int]] = {}
        """Entry to its queue, and since when."""
        self._agents: defaultdict[str, _Agent] = defaultdict(_Agent)

    def tell(self, event: Event) -> None:
        if heard := _HEARD.get(event.kind):
            heard(self, event.at, event.data)

    def close(self, at: int) -> None:
        """Nothing more is counted from then on."""
        for queue, since in self._waiting.values():
            self.queues[queue].waiting.append((since, max(since, at)))
        for agent in self._agents.values():
            self.spans[agent.mode].append((agent.since, at))

    def _entered(self, at: int, told: Mapping[str, Any]) -> None:
        self.queues[told["queue"]].entered.append(at)
        self._waiting[told["entry"]] = told["queue"], at

    def _answered(self, at: int, told: Mapping[str, Any]) -> None:
        self._day(told["entry"]).answered.append((at - told["waited_ms"], at))

    def _left(self, at: int, told: Mapping[str, Any]) -> None:
        self._day(told["entry"]).abandoned.append((at - told["waited_ms"], at))

    def _withdrawn(self, at: int, told: Mapping[str, Any]) -> None:
        self.queues[self._waiting[told["entry"]][0]].missed.append(at)

    def _day(self, entry: str) -> QueueDay:
        return self.queues[self._waiting.pop(entry)[0]]

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
    "entry.withdrawn": Watch._withdrawn,
    "agent.status": Watch._status,
    "agent.state": Watch._state,
}
