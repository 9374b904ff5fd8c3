"""What is to be committed because its time came: wrap-ups that end, offers of which nothing is heard, deadlines."""

from collections.abc import Callable
from dataclasses import dataclass
from heapq import heappop, heappush

from queues.model import Agent, AgentState, Entry, EntryState

OFFER_GRACE_MS = 30_000
"""How long after its ringing time an offer is taken back when no engine says how it went."""
OVERDUE_PRIORITY = 1_440
"""Work whose deadline has come counts as if it had waited a day longer. No flow gives as much."""
DEADLINE = "*"
"""In the place of an offer, whose id it cannot be."""


@dataclass(frozen=True, slots=True)
class WrapUpOver:
    """The agent's wrap-up is to be ended."""

    agent: str


@dataclass(frozen=True, slots=True)
class OfferExpired:
    """No engine said how the offer went: it is to be withdrawn."""

    entry: str
    offer: str


@dataclass(frozen=True, slots=True)
class Overdue:
    """The deadline of deferred work has come: it is to have that priority."""

    entry: str
    priority: int


Chore = WrapUpOver | OfferExpired | Overdue
"""What is to be committed because its time came."""


class Chores:
    """`entry` and `agent` give those of that id as they stand, or None."""

    def __init__(self, entry: Callable[[str], Entry | None], agent: Callable[[str], Agent | None]) -> None:
        self._entry, self._agent = entry, agent
        self._heap: list[tuple[int, str, str]] = []
        """When, and an agent whose wrap-up ends, or an entry and its offer that expires, or DEADLINE."""

    def await_wrap_up(self, agent: Agent) -> None:
        """One that lasts until coded has no end of its own."""
        if agent.state is AgentState.WRAP_UP and agent.wrap_up_until:
            heappush(self._heap, (agent.wrap_up_until, agent.id, ""))

    def await_expiry(self, entry: Entry) -> None:
        if entry.state is EntryState.OFFERED:
            heappush(self._heap, (entry.offered_at + entry.ring_ms + OFFER_GRACE_MS, entry.id, entry.offer))

    def await_deadline(self, entry: Entry) -> None:
        """Deferred work, unless its deadline has come before."""
        if entry.due and entry.priority < OVERDUE_PRIORITY:
            heappush(self._heap, (entry.due, entry.id, DEADLINE))

    def due(self, now: int) -> list[Chore]:
        """Those whose time is over; each is given once."""
        due: list[Chore] = []
        while self._heap and self._heap[0][0] <= now:
            chore = heappop(self._heap)
            if self._is_meant(chore):
                due.append(self._chore(chore[1], chore[2]))
        return due

    def _chore(self, name: str, offer: str) -> Chore:
        if offer == DEADLINE and (entry := self._entry(name)):
            return Overdue(name, entry.priority + OVERDUE_PRIORITY)
        return OfferExpired(name, offer) if offer else WrapUpOver(name)

    def next(self) -> int | None:
        """When the next one is due."""
        heap = self._heap
        while heap and not self._is_meant(heap[0]):
            heappop(heap)
        return heap[0][0] if heap else None

    def _is_meant(self, chore: tuple[int, str, str]) -> bool:
        """It was not done or overtaken meanwhile."""
        when, name, offer = chore
        if offer:
            entry = self._entry(name)
            if offer == DEADLINE:
                return (
                    entry is not None and entry.priority < OVERDUE_PRIORITY and entry.state is not EntryState.CONNECTED
                )
            return entry is not None and entry.offer == offer and entry.state is EntryState.OFFERED
        agent = self._agent(name)
        return agent is not None and agent.state is AgentState.WRAP_UP and agent.wrap_up_until == when
