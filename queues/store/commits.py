"""The commits on entries and agents, on plain dictionaries: what the Lua scripts do, in Python and to be read first."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

from core.events import Event
from core.ids import NewId
from queues.facts import OF_ENTRY
from queues.model import (
    DEFERRED,
    Agent,
    AgentState,
    Entry,
    EntryState,
    Kind,
    OfferMessage,
    Preferred,
    Proposal,
    Refusal,
    Rung,
    RungPhone,
    Setback,
    Status,
)  # fmt: skip
from queues.requirement import copied
from queues.rung import agent_of, copied_rung, rung_for, take_back
from queues.states import ENTRY_MOVES, EXCLUDING, IN_CONVERSATION, Cause
from queues.store.agent_commits import AgentCommits
from queues.store.port import REMOVED, RONA_LIMIT, QueueClosed

OFFERED, ANSWERED, FINISHED, CONNECTED = Cause.OFFERED, Cause.ANSWERED, Cause.FINISHED, EntryState.CONNECTED
CALL = Kind.CALL
_MOVES: Mapping[Cause, Mapping[EntryState, EntryState]] = {
    cause: {before: after for (before, by), after in ENTRY_MOVES.items() if by is cause} for cause in Cause
}
"""The table by causes."""


class Commits(AgentCommits):
    """All live entries and agents. Each method checks, changes and tells, or does nothing and says why (port.Store has
    the contracts). Events that belong to an entry or an offer are named after it; `new_id` names the others."""

    def __init__(self, tell: Callable[[Event], None], new_id: NewId) -> None:
        super().__init__(tell, new_id)
        self.entries: dict[str, Entry] = {}
        self.closed: set[str] = set()
        """Queues."""

    # --- entries and offers -------------------------------------------------------------------------------------

    def enqueue(self, entry: Entry) -> bool:
        """The entry is this store's own from now on."""
        if entry.id in self.entries:
            return False
        if entry.kind is Kind.CALL and entry.queue in self.closed:
            raise QueueClosed(f"The queue {entry.queue} is closed.")
        self.entries[entry.id] = entry
        self._tell_entry(f"{entry.id}-entered", "entry.entered", entry.entered, entry)
        return True

    def restore(self, entry: Entry, at: int) -> bool:
        """The entry is this store's own from now on."""
        rung = rung_for(entry)
        if entry.id in self.entries or not all(self._is_spare(each["agent"]) for each in rung):
            return False
        self.entries[entry.id] = entry
        self._tell_entry(f"{entry.id}-restored-{at}", "entry.restored", at, entry)
        for each in rung:
            agent, offer = self.agents[each["agent"]], each["offer"]
            agent.entry, agent.offer, agent.offered_at = entry.id, offer, entry.offered_at
            self._move_agent(agent, OFFERED, at, f"{offer}-agent-offered-{at}")
            if entry.state is CONNECTED:
                agent.calls += 1
                self._move_agent(agent, ANSWERED, at, f"{offer}-agent-answered-{at}")
        return True

    def _is_spare(self, agent_id: str) -> bool:
        """Nothing is known of what they do."""
        agent = self.agents.get(agent_id)
        return agent is not None and agent.state is AgentState.IDLE and agent.reason != REMOVED

    def leave(self, entry_id: str, reason: str, at: int) -> Refusal | None:
        entry = self.entries.get(entry_id)
        if entry is None:
            return Refusal.ENTRY_GONE
        if (entry.state, Cause.LEFT) not in ENTRY_MOVES:
            return Refusal.ENTRY_NOT_WAITING
        del self.entries[entry_id]
        self._tell_entry(f"{entry_id}-left", "entry.left", at, entry, reason=reason, waited_ms=waited(entry, at))
        if entry.state is EntryState.OFFERED:
            for rung in rung_for(entry):
                self._move_agent(self.agents[rung["agent"]], Cause.LEFT, at, f"{rung['offer']}-agent-left")
        return None

    def offer(self, proposal: Proposal) -> Refusal | None:
        entry, agent, offer, at = (
            self.entries.get(proposal.entry),
            self.agents.get(proposal.agent),
            proposal.offer,
            proposal.at,
        )
        if entry is None:
            return Refusal.ENTRY_GONE
        if offer in (entry.offer, entry.withdrawn):
            return None
        if proposal.beside:
            return self._offer_together(entry, proposal)
        if (after := _MOVES[OFFERED].get(entry.state)) is None:
            return Refusal.ENTRY_NOT_WAITING
        if agent is None:
            return Refusal.AGENT_GONE
        if not agent.ready:
            return Refusal.AGENT_NOT_READY
        if entry.kind is not CALL and agent.holds >= 0 and entry.kind in DEFERRED:
            return self._hand_over(entry, agent, proposal)
        entry.state = after
        entry.agent, entry.offer, entry.offered_at = agent.id, offer, at
        agent.entry, agent.offer, agent.offered_at = entry.id, offer, at
        self._tell_entry(f"{offer}-offered", "entry.offered", at, entry, waited_ms=waited(entry, at), why=proposal.why)
        self._move_agent(agent, OFFERED, at, f"{offer}-agent-offered")
        return None

    def _hand_over(self, entry: Entry, agent: Agent, proposal: Proposal) -> Refusal | None:
        """Deferred work to an agent who holds it beside calls."""
        if not agent.may_hold:
            return Refusal.AGENT_NOT_READY
        offer, at, had_waited = proposal.offer, proposal.at, waited(entry, proposal.at)
        entry.state = ENTRY_MOVES[entry.state, Cause.HANDED]
        entry.agent, entry.offer, entry.offered_at, entry.answered_at = agent.id, offer, at, at
        agent.held.append(entry.id)
        self._tell_entry(f"{offer}-offered", "entry.offered", at, entry, waited_ms=had_waited, why=proposal.why)
        self._tell_entry(f"{offer}-answered", "entry.answered", at, entry, waited_ms=had_waited)
        self._tell_work(agent, f"{offer}-agent-held", at)
        return None

    def _tell_work(self, agent: Agent, event: str, at: int) -> None:
        self._tell_agent(event, "agent.work", at, agent, author="")

    def _offer_together(self, entry: Entry, proposal: Proposal) -> Refusal | None:
        """To all of them who are ready."""
        asked: list[Rung] = [{"offer": proposal.offer, "agent": proposal.agent}, *proposal.beside]
        in_force = {entry.withdrawn, *(each["offer"] for each in rung_for(entry))}
        if any(each["offer"] in in_force for each in asked):
            return None
        if (entry.state, Cause.OFFERED) not in ENTRY_MOVES:
            return Refusal.ENTRY_NOT_WAITING
        rung = [each for each in asked if (agent := self.agents.get(each["agent"])) and agent.ready]
        if not rung:
            return Refusal.AGENT_NOT_READY
        at = proposal.at
        entry.state, entry.offered_at = ENTRY_MOVES[entry.state, Cause.OFFERED], at
        entry.offer, entry.agent, entry.beside = (
            rung[0]["offer"],
            rung[0]["agent"],
            [copied_rung(each) for each in rung[1:]],
        )
        told: dict[str, Any] = {"waited_ms": waited(entry, at), "why": proposal.why}
        if entry.beside:
            told["beside"] = [copied_rung(each) for each in entry.beside]
        self._tell_entry(f"{entry.offer}-offered", "entry.offered", at, entry, **told)
        for each in rung:
            agent = self.agents[each["agent"]]
            agent.entry, agent.offer, agent.offered_at = entry.id, each["offer"], at
            self._move_agent(agent, Cause.OFFERED, at, f"{agent.offer}-agent-offered")
        return None

    def ringing(self, entry_id: str, offer: str, at: int) -> Refusal | None:
        entry = self.entries.get(entry_id)
        if refusal := refused(entry, offer, Cause.RINGING):
            return refusal
        assert entry is not None
        agent = self.agents[agent_of(entry, offer)]
        if agent.state is AgentState.RINGING:
            return None
        self._tell_entry(f"{offer}-ringing", "entry.ringing", at, entry, agent=agent.id, offer=offer)
        self._move_agent(agent, Cause.RINGING, at, f"{offer}-agent-ringing")
        return None

    def answer(self, entry_id: str, offer: str, at: int) -> Refusal | None:
        entry = self.entries.get(entry_id)
        if entry and entry.offer == offer and entry.state is CONNECTED:
            return None
        if refusal := refused(entry, offer, ANSWERED):
            return refusal
        assert entry is not None
        agent = self.agents[agent_of(entry, offer)]
        for other in rung_for(entry) if entry.beside else ():
            if other["offer"] != offer:
                self._withdraw(entry, other["offer"], Setback.ANSWERED_ELSEWHERE, at)
        entry.state, entry.answered_at = _MOVES[ANSWERED][entry.state], at
        agent.missed = 0
        agent.calls += 1
        self._tell_entry(f"{offer}-answered", "entry.answered", at, entry, waited_ms=waited(entry, at))
        self._move_agent(agent, ANSWERED, at, f"{offer}-agent-answered")
        return None

    def withdraw(self, entry_id: str, offer: str, setback: Setback, at: int) -> Refusal | None:
        entry = self.entries.get(entry_id)
        if entry and entry.withdrawn == offer:
            return None
        cause = Cause.RETURNED if setback is Setback.RETURNED else Cause.WITHDRAWN
        if refusal := refused(entry, offer, cause):
            return refusal
        assert entry is not None
        if cause is Cause.RETURNED and entry.kind is Kind.CALL:
            return Refusal.ENTRY_NOT_WAITING
        self._withdraw(entry, offer, setback, at)
        return None

    def _withdraw(self, entry: Entry, offer: str, setback: Setback, at: int) -> None:
        """One that is in force."""
        agent = self.agents[agent_of(entry, offer)]
        held = entry.id in agent.held
        until = at + entry.left_out_ms if setback in EXCLUDING else 0
        told = {"agent": agent.id, "offer": offer, "reason": setback.value, "excluded_until": until}
        self._tell_entry(f"{offer}-withdrawn", "entry.withdrawn", at, entry, **told)
        back = Cause.RETURNED if held or setback is Setback.RETURNED else Cause.WITHDRAWN
        entry.state = ENTRY_MOVES[entry.state, Cause.RELEASED if entry.beside else back]
        take_back(entry, offer)
        entry.withdrawn = offer
        entry.excluded = {who: end for who, end in entry.excluded.items() if end > at and who != agent.id}
        if until:
            entry.excluded[agent.id] = until
        if held:
            agent.held.remove(entry.id)
            self._tell_work(agent, f"{offer}-agent-returned", at)
            return
        if setback is Setback.NO_ANSWER:
            agent.missed += 1
        missed = setback is Setback.NO_ANSWER and agent.missed >= RONA_LIMIT
        cause = Cause.MISSED if missed else back
        self._move_agent(agent, cause, at, f"{offer}-agent-withdrawn", setback.value)

    def interrupt(self, entry_id: str, offer: str, prefer_ms: int, at: int) -> Refusal | None:
        entry = self.entries.get(entry_id)
        if entry and entry.withdrawn == offer:
            return None
        if refusal := refused(entry, offer, Cause.INTERRUPTED):
            return refusal
        assert entry is not None
        if entry.kind is not Kind.CALL:
            return Refusal.ENTRY_NOT_WAITING
        agent, talk_ms = self.agents[entry.agent], at - entry.answered_at
        agent.busy_ms += max(0, at - agent.offered_at)
        prefers = agent.status is Status.AVAILABLE and prefer_ms > 0
        entry.preferred = {"agents": [agent.id], "for_ms": at - entry.entered + prefer_ms} if prefers else Preferred()
        entry.state = ENTRY_MOVES[entry.state, Cause.INTERRUPTED]
        entry.agent, entry.offer, entry.offered_at, entry.withdrawn = "", "", 0, offer
        entry.excluded.pop(agent.id, None)
        told = {"agent": agent.id, "offer": offer, "talk_ms": talk_ms}
        self._tell_entry(f"{offer}-interrupted", "entry.interrupted", at, entry, **told)
        self._move_agent(agent, Cause.INTERRUPTED, at, f"{offer}-agent-interrupted")
        if agent.reason == REMOVED:
            del self.agents[agent.id]
        return None

    def finish(self, entry_id: str, talk_ms: int, at: int, onward: str | None = None) -> Refusal | None:
        entry = self.entries.get(entry_id)
        if entry is None:
            return Refusal.ENTRY_GONE
        if entry.state not in _MOVES[FINISHED]:
            return Refusal.ENTRY_NOT_WAITING
        if onward is not None and onward != entry.onward.get("id", ""):
            return Refusal.DIRECTED
        del self.entries[entry_id]
        self._tell_entry(f"{entry_id}-finished", "entry.finished", at, entry, talk_ms=talk_ms)
        agent = self.agents[entry.agent]
        if entry.id in agent.held:
            agent.held.remove(entry.id)
            self._tell_work(agent, f"{entry.offer}-agent-done", at)
            return None
        wrap_up_ms = wrap_up(entry, agent)
        agent.wrap_up_until = 0 if entry.until_coded else at + wrap_up_ms
        agent.wrap_up_latest = 0 if entry.until_coded else at + max(wrap_up_ms, entry.wrap_up_most_ms)
        self._move_agent(agent, FINISHED, at, f"{entry.offer}-agent-finished")
        if wrap_up_ms <= 0 and not entry.until_coded:
            self._wrap_up_over(agent, at, f"{entry.offer}-agent-wrapped-up")
        if agent.reason == REMOVED:
            del self.agents[agent.id]
        return None

    # --- agents -------------------------------------------------------------------------------------------------

    def remove_agent(self, agent_id: str, at: int, author: str = "") -> None:
        agent = self.agents.get(agent_id)
        if agent is None or agent.reason == REMOVED:
            return
        self._give_all_back(agent, at)
        if agent.state in (AgentState.OFFERED, AgentState.RINGING):
            self.withdraw(agent.entry, agent.offer, Setback.AGENT_LEFT, at)
        if agent.state not in IN_CONVERSATION:
            del self.agents[agent_id]
        agent.status, agent.reason = Status.OFFLINE, REMOVED
        self._tell_agent(self._new_id(), "agent.status", at, agent, author=author)

    def set_status(self, agent_id: str, status: Status, reason: str, author: str, at: int) -> Refusal | None:
        refusal = super().set_status(agent_id, status, reason, author, at)
        if refusal is None and status is Status.OFFLINE:
            self._give_all_back(self.agents[agent_id], at)
        return refusal

    def _give_all_back(self, agent: Agent, at: int) -> None:
        """What they hold beside calls is in line again."""
        for name in list(agent.held):
            entry = self.entries[name]
            self._withdraw(entry, entry.offer, Setback.AGENT_LEFT, at)

    def hold(self, entry_id: str, held: bool, at: int) -> Refusal | None:
        entry = self.entries.get(entry_id)
        if entry is None:
            return Refusal.ENTRY_GONE
        if entry.state is not EntryState.CONNECTED or entry.id in self.agents[entry.agent].held:
            return Refusal.ENTRY_NOT_WAITING
        agent = self.agents[entry.agent]
        if (agent.state is AgentState.HOLD) is not held:
            self._move_agent(agent, Cause.HELD if held else Cause.TOOK_BACK, at, self._new_id())
        return None

    # --- what every commit is made of ---------------------------------------------------------------------------

    def _tell_entry(self, event: str, kind: str, at: int, entry: Entry, **more: Any) -> None:
        said = OF_ENTRY[kind](entry)
        if more:
            said.update(more)
        self._tell(Event(event, kind, at, entry.call, said))


def refused(entry: Entry | None, offer: str, cause: Cause) -> Refusal | None:
    """Why that cause may not move the entry under that offer, if it may not."""
    if entry is None:
        return Refusal.ENTRY_GONE
    if entry.offer != offer and not any(each["offer"] == offer for each in entry.beside):
        return Refusal.OTHER_OFFER
    return None if entry.state in _MOVES[cause] else Refusal.ENTRY_NOT_WAITING


def waited(entry: Entry, at: int) -> int:
    """How long this contact has waited since it was first queued, in milliseconds."""
    return at - entry.since if at > entry.since else 0


def wrap_up(entry: Entry, agent: Agent) -> int:
    """How long, in ms: the queue's time, or the agent's own where that is shorter."""
    return min(entry.wrap_up_ms, agent.wrap_up_ms) if agent.wrap_up_ms >= 0 else entry.wrap_up_ms


def message(entry: Entry, agents: Mapping[str, Agent]) -> OfferMessage:
    """What the node is told of the offers in force."""
    agent = agents[entry.agent]
    beside: list[RungPhone] = [
        {
            "offer": each["offer"], "agent": each["agent"], "extension": agents[each["agent"]].extension,
            "asterisk": agents[each["agent"]].asterisk,
        }
        for each in entry.beside
    ]  # fmt: skip
    return OfferMessage(
        entry.offer,
        entry.id,
        entry.call,
        agent.id,
        agent.extension,
        entry.ring_ms,
        beside,
        entry.kind,
        entry.file,
        agent.asterisk,
    )


def copied_entry(entry: Entry) -> Entry:
    return replace(
        entry,
        requirement=copied(entry.requirement),
        members=deepcopy(entry.members) if entry.members else {},
        skills=dict(entry.skills),
        preferred=deepcopy(entry.preferred) if entry.preferred else {},
        excluded=dict(entry.excluded),
        beside=[copied_rung(each) for each in entry.beside],
        also={queue: copied(steps) for queue, steps in entry.also.items()},
        followed=dict(entry.followed),
        exits=dict(entry.exits),
        pending=deepcopy(entry.pending) if entry.pending else {},
        announced=dict(entry.announced),
        parked=dict(entry.parked),
        onward=deepcopy(entry.onward) if entry.onward else {},
    )
