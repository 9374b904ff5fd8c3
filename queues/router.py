"""Who is offered to whom: pure decisions on a picture of the line that events keep up to date.

Which call first (FIELD): seconds waited since the first queueing + 60 x priority; then the older contact, then the id.
As all wait equally fast, that order never changes: it is the order of `since - 60,000 x priority`. Which agent: the
preferred ones first, for a limited time, then as the queue's strategy says (queues/strategies/). Whom a call may be
offered to grows with time (queues/widening.py). Time comes with the events and with `decide`; nothing here asks for
it."""

from collections.abc import Callable, Mapping
from heapq import heappop, heappush
from random import Random
from typing import Any

from core.events import Event
from core.ids import NewId
from queues.audience import Group
from queues.away import NEVER, Away
from queues.chores import OFFER_GRACE_MS, Chore, Chores
from queues.facts import ASKED, STANDING
from queues.index import Index
from queues.match import Match
from queues.model import (
    ONE_AT_A_TIME,
    Agent,
    AgentState,
    Device,
    Entry,
    EntryState,
    Kind,
    Proposal,
    Refusal,
    Snapshot,
    Status,
)
from queues.rung import take_back
from queues.store.port import REMOVED
from queues.widening import PREFERRING, Course

AGENT_TO_BLAME = frozenset({Refusal.AGENT_GONE, Refusal.AGENT_NOT_READY})


class Router:
    """Give it every event after the snapshot's cursor, in order. An entry and an agent that were proposed are held back
    until the events about the commit come; those that a refusal blames are suspects until an event explains it.
    `seed` is for the strategy `random`."""

    def __init__(self, snapshot: Snapshot, new_id: NewId, seed: int = 0) -> None:
        self._new_id = new_id
        self._index = Index(Random(seed))
        self._entries = {
            each.id: each
            for each in snapshot.entries
            if each.state in (WAITING, OFFERED, EntryState.ASIDE) or each.kind != CALL
        }
        self._agents = {each.id: each for each in snapshot.agents}
        self._courses: dict[str, Course] = {}
        self._held_entries: dict[str, bool] = {}
        """True: a suspect."""
        self._held_agents: dict[str, bool] = {}
        self._rounds: dict[str, list[str]] = {}
        """Entries that several agents were proposed for at once, and those."""
        self._chores = Chores(self._entries.get, self._agents.get)
        self._changes: list[tuple[int, str]] = []
        """When, and an entry for which more agents may be asked from then on."""
        self._staff_known = True
        self._narrowed: list[Group] = []
        """Groups that lost all whom their calls waited for."""
        self._away = Away()
        for agent in self._agents.values():
            self._index.staff(agent)
            self._away.look_at(agent)
            self._place_agent(agent)
            self._chores.await_wrap_up(agent)
        for entry in self._entries.values():
            for until in entry.excluded.values():
                heappush(self._changes, (until, entry.id))
            self._chores.await_expiry(entry)
            self._chores.await_deadline(entry)
        self._unplaced = dict.fromkeys(self._entries)
        """Entries to be placed at the next decision: only then the time is known."""

    def set_staff_known(self, known: bool) -> None:
        """Else a store that forgot everything was not told yet what agents had chosen: no step is skipped for want of
        them."""
        if known and not self._staff_known:
            self._unplaced.update(dict.fromkeys(self._entries))
        self._staff_known = known

    # --- decisions ----------------------------------------------------------------------------------------------

    def decide(self, now: int) -> list[Proposal]:
        """All offers to be made now. Costs no more than the calls and agents that changed since the last time."""
        if self._away.next <= now:
            for agent in self._away.due(now):
                self._staff(self._agents[agent])
        if self._narrowed:
            self._widen_narrowed()
        while self._changes and self._changes[0][0] <= now:
            self._unplaced[heappop(self._changes)[1]] = None
        if self._unplaced:
            self._place_entries(now)
        return [self._propose(match, now) for match in self._index.matches(now)]

    def settle(self, proposal: Proposal, refusal: Refusal | None) -> None:
        """How the commit of a proposal went. Refused, the one that is not to blame is free for others at once."""
        if refusal is None:
            return
        if refusal in AGENT_TO_BLAME:
            self._held_agents.update(dict.fromkeys(_asked(proposal), True))
            self._held_entries.pop(proposal.entry, None)
            self._unplaced[proposal.entry] = None
        else:
            self._held_entries[proposal.entry] = True
            for agent in _asked(proposal):
                self._held_agents.pop(agent, None)
                self._place_agent(self._agents[agent])
        self._rounds.pop(proposal.entry, None)

    @property
    def in_doubt(self) -> bool:
        """There are suspects. Once the stream was read to its end this means that the picture is wrong: what explains a
        refusal was appended before the refusal was said."""
        return any(self._held_entries.values()) or any(self._held_agents.values())

    def chores(self, now: int) -> list[Chore]:
        """Wrap-ups and offers whose time is over; each is given once."""
        return self._chores.due(now)

    def next_deadline(self) -> int | None:
        """When there is something to do though nothing happens, in ms since 1970; None: never."""
        while self._changes and self._changes[0][1] not in self._entries:
            heappop(self._changes)
        chore, change = self._chores.next(), self._changes[0][0] if self._changes else NEVER
        soonest = min(change, self._away.next, NEVER if chore is None else chore)
        return None if soonest == NEVER else soonest

    # --- events -------------------------------------------------------------------------------------------------

    def apply(self, event: Event) -> None:
        """Bring the picture up to date. Events about calls, and about what is not in the picture, change nothing."""
        kind = event.kind
        if on_agent := _ON_AGENT.get(kind):
            if agent := self._agents.get(event.data["agent"]):
                on_agent(self, agent, event)
        elif on_entry := _ON_ENTRY.get(kind):
            if entry := self._entries.get(event.data["entry"]):
                self._held_entries.pop(entry.id, None)
                self._index.remove_call(entry.id)
                on_entry(self, entry, event)
        elif kind in ("entry.entered", "entry.restored", "entry.interrupted"):
            self._entered(event)
        elif kind == "agent.profile":
            self._profile(event)

    def _entered(self, event: Event) -> None:
        told = event.data
        if told.get("state", WAITING) == EntryState.CONNECTED:
            return  # restored in mid-talk: nothing is to be decided
        entry = Entry(
            told["entry"], event.call, told["queue"], told["since"], told.get("entered", event.at), told["requirement"],
            told["strategy"], told["members"], told["preferred"], told["priority"], ring_ms=told["ring_ms"],
        )  # fmt: skip
        if told.get("kind", CALL) != CALL:
            entry.kind, entry.due = Kind(told["kind"]), told["due"]
            self._chores.await_deadline(entry)
        self._entries[entry.id] = entry
        self._unplaced[entry.id] = None
        entry.excluded, entry.also = dict(told.get("excluded", {})), told.get("also", {})
        for until in entry.excluded.values():
            heappush(self._changes, (until, entry.id))
        if told.get("state") == OFFERED:
            entry.state, entry.offer, entry.offered_at = OFFERED, told["offer"], told["offered_at"]
            entry.agent, entry.beside = told["agent"], list(told["beside"])
            self._chores.await_expiry(entry)

    def _offered(self, entry: Entry, event: Event) -> None:
        entry.state, entry.offer, entry.offered_at = OFFERED, event.data["offer"], event.at
        if beside := event.data.get("beside"):
            entry.agent, entry.beside = event.data["agent"], beside
        if entry.id in self._rounds:
            self._free_left_out(self._rounds.pop(entry.id), event.data)
        self._chores.await_expiry(entry)

    def _free_left_out(self, asked: list[str], told: Mapping[str, Any]) -> None:
        """Who were proposed, but were not ready any more when the offers were made."""
        rung = {told["agent"], *(each["agent"] for each in told.get("beside", ()))}
        for agent in asked:
            if agent not in rung and self._held_agents.pop(agent, None) is not None and agent in self._agents:
                self._place_agent(self._agents[agent])

    def _withdrawn(self, entry: Entry, event: Event) -> None:
        take_back(entry, event.data["offer"])
        if entry.offer:
            self._chores.await_expiry(entry)
        else:
            entry.state = WAITING
            self._chores.await_deadline(entry)
            self._unplaced[entry.id] = None
        agent, until = event.data["agent"], event.data["excluded_until"]
        if until:
            entry.excluded = {**entry.excluded, agent: until}
            heappush(self._changes, (until, entry.id))

    def _moved(self, entry: Entry, event: Event) -> None:
        """It begins anew to widen, as the other queue says."""
        for name in ASKED:
            if name != "kind":  # no move changes it, and the stream has but its word
                setattr(entry, name, event.data[name])
        entry.entered, entry.also = event.at, {}
        self._courses.pop(entry.id, None)
        self._unplaced[entry.id] = None

    def _widened(self, entry: Entry, event: Event) -> None:
        """More people may be asked at once; how far the steps came stays."""
        entry.also, entry.members = event.data["also"], event.data["members"]
        if course := self._courses.get(entry.id):
            course.plan = self._index.audiences.plan(entry)
        self._unplaced[entry.id] = None

    def _set_aside(self, entry: Entry, _: Event) -> None:
        entry.state = EntryState.ASIDE

    def _back(self, entry: Entry, _: Event) -> None:
        entry.state = WAITING
        self._unplaced[entry.id] = None

    def _prioritised(self, entry: Entry, event: Event) -> None:
        entry.priority = event.data["priority"]
        self._unplaced[entry.id] = None

    def _sent_away(self, entry: Entry, event: Event) -> None:
        entry.sent_away = event.data["reason"]

    def _answered(self, entry: Entry, event: Event) -> None:
        """A call is out of the line for good; other work may be given back."""
        if entry.kind == CALL:
            self._gone(entry, event)
        else:
            entry.state = EntryState.CONNECTED

    def _gone(self, entry: Entry, _: Event) -> None:
        """The caller left, or talks: nothing more is to be decided."""
        entry.state = ENDED
        del self._entries[entry.id]
        self._courses.pop(entry.id, None)

    def _profile(self, event: Event) -> None:
        told = event.data
        agent = Agent(told["agent"], told["extension"], told["name"], dict(told["skills"]), Status(told["status"]))
        agent.state, agent.device = AgentState(told["state"]), Device(told["device"])
        agent.holds, agent.held = told.get("holds", ONE_AT_A_TIME), [SOME] * told.get("held", 0)
        for name in STANDING:
            setattr(agent, name, told[name])
        self._index.remove_agent(agent.id)
        self._agents[agent.id] = agent
        self._away.look_at(agent, event.at)
        self._staff(agent)
        self._place_agent(agent)

    def _status(self, agent: Agent, event: Event) -> None:
        told = event.data
        agent.status = Status(told["status"])
        for name in STANDING:
            setattr(agent, name, told[name])
        self._away.look_at(agent, event.at)
        self._staff(agent)
        if self._held_agents.get(agent.id):
            del self._held_agents[agent.id]
        self._place_agent(agent)
        if told["reason"] == REMOVED:
            del self._agents[agent.id]
            self._held_agents.pop(agent.id, None)

    def _state(self, agent: Agent, event: Event) -> None:
        told = event.data
        before, after = agent.state, _STATES[told["to"]]
        agent.state = after
        agent.idle_since, agent.wrap_up_until = told["idle_since"], told["wrap_up_until"]
        agent.calls, agent.busy_ms, agent.offered_at = told["calls"], told["busy_ms"], told["offered_at"]
        if after is WRAP_UP:
            self._chores.await_wrap_up(agent)
        elif after is NOT_RESPONDING or before is NOT_RESPONDING:
            self._staff(agent)
        self._held_agents.pop(agent.id, None)
        if after is IDLE:
            self._place_agent(agent)
        else:
            self._index.remove_agent(agent.id)

    def _work(self, agent: Agent, event: Event) -> None:
        told = event.data
        agent.holds, agent.held = told["holds"], [SOME] * told["held"]
        self._held_agents.pop(agent.id, None)
        self._place_agent(agent)

    def _device(self, agent: Agent, event: Event) -> None:
        agent.device = Device(event.data["device"])
        was_away = agent.id in self._away
        self._away.look_at(agent, event.at)
        if was_away:
            self._staff(agent)
        if self._held_agents.get(agent.id):
            del self._held_agents[agent.id]
        self._place_agent(agent)

    # --- the index ----------------------------------------------------------------------------------------------

    def _place_agent(self, agent: Agent) -> None:
        self._index.remove_agent(agent.id)
        if agent.ready and agent.id not in self._held_agents:
            self._index.add_agent(agent)

    def _staff(self, agent: Agent) -> None:
        """Calls that only waited for this agent need not wait for them any more."""
        self._narrowed += self._index.staff(agent, away=agent.id in self._away)
        if not self._index.is_staffed(agent.id):
            self._unplaced.update(dict.fromkeys(self._index.wanting(agent.id)))

    def _widen_narrowed(self) -> None:
        for group in self._narrowed:
            self._unplaced.update(dict.fromkeys([*group.waiting.entries(), *group.picky]))
        self._narrowed = []

    def _place_entries(self, now: int) -> None:
        unplaced, self._unplaced = self._unplaced, {}
        for name in unplaced:
            self._index.remove_call(name)
            entry = self._entries.get(name)
            if entry and entry.state is WAITING and not entry.sent_away and name not in self._held_entries:
                self._place_entry(entry, now)

    def _place_entry(self, entry: Entry, now: int) -> None:
        if entry.excluded:
            entry.excluded = {agent: until for agent, until in entry.excluded.items() if until > now}
        course = self._courses.get(entry.id)
        if course is None:
            plan = self._index.audiences.plan(entry)
            course = self._courses[entry.id] = Course(plan, PREFERRING if entry.preferred else 0, entry.entered)
        may_come = course.step == PREFERRING and (not self._staff_known or self._preferred_may_come(entry))
        course.go_on(entry, now, preferred_may_come=may_come, staff_known=self._staff_known)
        if course.step == PREFERRING:
            self._index.add_call_for(entry, entry.preferred["agents"], entry.excluded)
        else:
            plan = course.plan
            group = self._index.audiences.group(plan, course.step, plan.delays_over(now - entry.entered))
            self._index.add_call(entry, group, entry.excluded)
        if (change := course.changes_at(entry, now)) is not None:
            heappush(self._changes, (change, entry.id))

    def _preferred_may_come(self, entry: Entry) -> bool:
        """One of them at least."""
        return any(self._index.is_staffed(agent) and agent not in entry.excluded for agent in entry.preferred["agents"])

    def _propose(self, match: Match, now: int) -> Proposal:
        entry, agent = match.entry.id, match.agent.id
        self._held_entries[entry] = self._held_agents[agent] = False
        proposal = Proposal(self._new_id(), entry, agent, now, now + match.entry.ring_ms + OFFER_GRACE_MS, match)
        if match.beside:
            proposal.beside = [{"offer": self._new_id(), "agent": other} for other in match.beside]
            self._rounds[entry] = [agent, *match.beside]
            self._held_agents.update(dict.fromkeys(match.beside, False))
        return proposal


def _asked(proposal: Proposal) -> list[str]:
    """The agents of a proposal."""
    return [proposal.agent, *(each["agent"] for each in proposal.beside)]


CALL = Kind.CALL
SOME = "some"
"""Of what agents hold, the router only needs to know how much it is."""
WAITING, OFFERED, ENDED = EntryState.WAITING, EntryState.OFFERED, EntryState.ENDED
IDLE, WRAP_UP, NOT_RESPONDING = AgentState.IDLE, AgentState.WRAP_UP, AgentState.NOT_RESPONDING

_STATES: Mapping[str, AgentState] = {state.value: state for state in AgentState}

_ON_ENTRY: Mapping[str, Callable[[Router, Entry, Event], None]] = {
    "entry.offered": Router._offered,
    "entry.withdrawn": Router._withdrawn,
    "entry.moved": Router._moved,
    "entry.prioritised": Router._prioritised,
    "entry.widened": Router._widened,
    "entry.aside": Router._set_aside,
    "entry.back": Router._back,
    "entry.sent_away": Router._sent_away,
    "entry.answered": Router._answered,
    "entry.left": Router._gone,
    "entry.finished": Router._gone,
}
_ON_AGENT: Mapping[str, Callable[[Router, Agent, Event], None]] = {
    "agent.status": Router._status,
    "agent.state": Router._state,
    "agent.device": Router._device,
    "agent.work": Router._work,
}
