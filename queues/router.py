"""Who is offered to whom: pure decisions on a picture of the line that events keep up to date.

Which call first (FIELD): seconds waited since the first queueing + 60 x priority; then the older contact, then the id.
As all wait equally fast, that order never changes: it is the order of `since - 60,000 x priority`. Which agent: longest
idle, then the id. Time comes with the events and with `decide`; nothing here asks for it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Any

from core.events import Event
from core.ids import NewId
from queues.index import Index, Match, Rank
from queues.model import Agent, AgentState, Device, Entry, EntryState, Proposal, Refusal, Snapshot, Status
from queues.store.port import REMOVED

MS_PER_PRIORITY = 60_000
OFFER_GRACE_MS = 30_000
"""How long after its ringing time an offer is taken back when no engine says how it went."""
AGENT_TO_BLAME = frozenset({Refusal.AGENT_GONE, Refusal.AGENT_NOT_READY})


@dataclass(frozen=True, slots=True)
class WrapUpOver:
    """The agent's wrap-up is to be ended."""

    agent: str


@dataclass(frozen=True, slots=True)
class OfferExpired:
    """No engine said how the offer went: it is to be withdrawn."""

    entry: str
    offer: str


Chore = WrapUpOver | OfferExpired
"""What is to be committed because its time came."""


class Router:
    """Give it every event after the snapshot's cursor, in order. An entry and an agent that were proposed are held back
    until the events about the commit come; those that a refusal blames are suspects until an event explains it."""

    def __init__(self, snapshot: Snapshot, new_id: NewId) -> None:
        self._new_id = new_id
        self._index = Index()
        self._entries = {each.id: each for each in snapshot.entries if each.state in (WAITING, OFFERED)}
        self._agents = {each.id: each for each in snapshot.agents}
        self._held_entries: dict[str, bool] = {}
        """True: a suspect."""
        self._held_agents: dict[str, bool] = {}
        self._chores: list[tuple[int, str, str]] = []
        """When, and an agent whose wrap-up ends, or an entry and its offer that expires."""
        self._exclusions: list[tuple[int, str, str]] = []
        """When, an entry, and the agent who may be tried for it again."""
        for agent in self._agents.values():
            self._place_agent(agent)
            self._await_wrap_up(agent)
        for entry in self._entries.values():
            self._place_entry(entry)
            self._await_expiry(entry)
            for excluded, until in entry.excluded.items():
                heappush(self._exclusions, (until, entry.id, excluded))

    # --- decisions ----------------------------------------------------------------------------------------------

    def decide(self, now: int) -> list[Proposal]:
        """All offers to be made now. Costs no more than the calls and agents that changed since the last time."""
        self._end_exclusions(now)
        return [self._propose(match, now) for match in self._index.matches()]

    def settle(self, proposal: Proposal, refusal: Refusal | None) -> None:
        """How the commit of a proposal went. Refused, the one that is not to blame is free for others at once."""
        if refusal is None:
            return
        if refusal in AGENT_TO_BLAME:
            self._held_agents[proposal.agent] = True
            self._held_entries.pop(proposal.entry, None)
            self._place_entry(self._entries[proposal.entry])
        else:
            self._held_entries[proposal.entry] = True
            self._held_agents.pop(proposal.agent, None)
            self._place_agent(self._agents[proposal.agent])

    @property
    def in_doubt(self) -> bool:
        """There are suspects. Once the stream was read to its end this means that the picture is wrong: what explains a
        refusal was appended before the refusal was said."""
        return any(self._held_entries.values()) or any(self._held_agents.values())

    def chores(self, now: int) -> list[Chore]:
        """Wrap-ups and offers whose time is over; each is given once."""
        due: list[Chore] = []
        while self._chores and self._chores[0][0] <= now:
            chore = heappop(self._chores)
            if self._is_due(chore):
                due.append(OfferExpired(chore[1], chore[2]) if chore[2] else WrapUpOver(chore[1]))
        return due

    def next_deadline(self) -> int | None:
        """When there is something to do though nothing happens, in ms since 1970; None: never."""
        while self._chores and not self._is_due(self._chores[0]):
            heappop(self._chores)
        times = [heap[0][0] for heap in (self._chores, self._exclusions) if heap]
        return min(times, default=None)

    # --- events -------------------------------------------------------------------------------------------------

    def apply(self, event: Event) -> None:
        """Bring the picture up to date. Events about calls, and about what is not in the picture, change nothing."""
        if event.kind == "entry.entered":
            self._entered(event)
        elif event.kind == "agent.profile":
            self._profile(event.data)
        elif (on_entry := _ON_ENTRY.get(event.kind)) and (entry := self._entries.get(event.data["entry"])):
            self._held_entries.pop(entry.id, None)
            on_entry(self, entry, event)
            self._place_entry(entry)
        elif (on_agent := _ON_AGENT.get(event.kind)) and (agent := self._agents.get(event.data["agent"])):
            on_agent(self, agent, event.data)
            if event.kind == "agent.state" or self._held_agents.get(agent.id):
                self._held_agents.pop(agent.id, None)
            self._place_agent(agent)

    def _entered(self, event: Event) -> None:
        told = event.data
        entry = Entry(told["entry"], event.call, told["queue"], told["since"], event.at, dict(told["requirement"]))
        entry.priority, entry.ring_ms = told["priority"], told["ring_ms"]
        self._entries[entry.id] = entry
        self._place_entry(entry)

    def _offered(self, entry: Entry, event: Event) -> None:
        entry.state, entry.offer, entry.offered_at = OFFERED, event.data["offer"], event.at
        self._await_expiry(entry)

    def _withdrawn(self, entry: Entry, event: Event) -> None:
        entry.state, entry.offer = WAITING, ""
        agent, until = event.data["agent"], event.data["excluded_until"]
        if until:
            entry.excluded[agent] = until
            heappush(self._exclusions, (until, entry.id, agent))

    def _gone(self, entry: Entry, _: Event) -> None:
        """The caller left, or talks: nothing more is to be decided."""
        entry.state = EntryState.ENDED
        del self._entries[entry.id]

    def _profile(self, told: Mapping[str, Any]) -> None:
        agent = Agent(told["agent"], told["extension"], told["name"], dict(told["skills"]), Status(told["status"]))
        agent.state, agent.device = AgentState(told["state"]), Device(told["device"])
        agent.idle_since = told["idle_since"]
        known = self._agents.get(agent.id)
        agent.wrap_up_until = known.wrap_up_until if known else 0
        self._agents[agent.id] = agent
        self._place_agent(agent)

    def _status(self, agent: Agent, told: Mapping[str, Any]) -> None:
        agent.status, agent.idle_since = Status(told["status"]), told["idle_since"]
        if told["reason"] == REMOVED:
            del self._agents[agent.id]
            self._held_agents.pop(agent.id, None)

    def _state(self, agent: Agent, told: Mapping[str, Any]) -> None:
        agent.state, agent.idle_since = AgentState(told["to"]), told["idle_since"]
        agent.wrap_up_until = told["wrap_up_until"]
        self._await_wrap_up(agent)

    def _device(self, agent: Agent, told: Mapping[str, Any]) -> None:
        agent.device = Device(told["device"])

    # --- the index and the timers -------------------------------------------------------------------------------

    def _place_entry(self, entry: Entry) -> None:
        self._index.remove_call(entry.id)
        if entry.state is WAITING and entry.id not in self._held_entries:
            self._index.add_call(rank(entry), entry.required, dict(entry.excluded))

    def _place_agent(self, agent: Agent) -> None:
        self._index.remove_agent(agent.id)
        if agent.ready and agent.id not in self._held_agents:
            self._index.add_agent(agent.id, agent.skills, agent.idle_since)

    def _propose(self, match: Match, now: int) -> Proposal:
        entry, agent = self._entries[match.entry], self._agents[match.agent]
        self._held_entries[entry.id] = self._held_agents[agent.id] = False
        expires_at = now + entry.ring_ms + OFFER_GRACE_MS
        return Proposal(self._new_id(), entry.id, agent.id, now, expires_at, why(match, now - agent.idle_since))

    def _await_wrap_up(self, agent: Agent) -> None:
        if agent.state is AgentState.WRAP_UP:
            heappush(self._chores, (agent.wrap_up_until, agent.id, ""))

    def _await_expiry(self, entry: Entry) -> None:
        if entry.state is OFFERED:
            heappush(self._chores, (entry.offered_at + entry.ring_ms + OFFER_GRACE_MS, entry.id, entry.offer))

    def _is_due(self, chore: tuple[int, str, str]) -> bool:
        """It was not done or overtaken meanwhile."""
        when, name, offer = chore
        if offer:
            entry = self._entries.get(name)
            return entry is not None and entry.offer == offer
        agent = self._agents.get(name)
        return agent is not None and agent.state is AgentState.WRAP_UP and agent.wrap_up_until == when

    def _end_exclusions(self, now: int) -> None:
        while self._exclusions and self._exclusions[0][0] <= now:
            until, entry_id, agent = heappop(self._exclusions)
            entry = self._entries.get(entry_id)
            if entry and entry.excluded.get(agent) == until:
                del entry.excluded[agent]
                self._place_entry(entry)


WAITING, OFFERED = EntryState.WAITING, EntryState.OFFERED

_ON_ENTRY: Mapping[str, Callable[[Router, Entry, Event], None]] = {
    "entry.offered": Router._offered,
    "entry.withdrawn": Router._withdrawn,
    "entry.answered": Router._gone,
    "entry.left": Router._gone,
    "entry.finished": Router._gone,
}
_ON_AGENT: Mapping[str, Callable[[Router, Agent, Mapping[str, Any]], None]] = {
    "agent.status": Router._status,
    "agent.state": Router._state,
    "agent.device": Router._device,
}


def rank(entry: Entry) -> Rank:
    """Whose turn it is: smallest first."""
    return entry.since - MS_PER_PRIORITY * entry.priority, entry.since, entry.id


def why(match: Match, idle_ms: int) -> str:
    """One sentence: who was considered, and who was not."""
    idle = f"{max(idle_ms, 0) // 1000} s"
    needing = f" with {match.required}" if match.required else ""
    left_out = (
        f"; {match.left_out} more left out for this call after an offer that came to nothing" if match.left_out else ""
    )
    if match.ready == 1:
        return f"the only ready agent{needing} (idle {idle}){left_out}"
    return f"longest idle ({idle}) of {match.ready} ready agents{needing}{left_out}"
