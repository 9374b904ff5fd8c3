"""How the queues stand: pure figures of one picture of the line."""

from collections.abc import Mapping
from dataclasses import dataclass

from queues.away import is_unreachable
from queues.model import IN_LINE, Agent, Entry, EntryState, Kind, Snapshot, Terms
from queues.requirement import meets


@dataclass(frozen=True, slots=True)
class QueueNow:
    """`staffed`: agents at work who could serve it, if not at once then after a widening, and are on a break or at a
    phone that can be reached; `idle`: those of them who are ready now. An agent of several queues counts in each."""

    queue: str
    closed: bool
    waiting: int
    """Callers in line, those too for whom a phone rings, or who leave a message meanwhile."""
    offered: int
    """Of those who wait, for how many a phone rings."""
    talking: int
    longest_wait_ms: int
    """Of those who wait, since they were first queued."""
    messages: int
    """In line; nobody waits for them on a phone."""
    staffed: int
    idle: int


def queues_now(snapshot: Snapshot, terms: Mapping[str, Terms], now: int) -> list[QueueNow]:
    """Those of `terms` in their order, then others that somebody is in or that are closed."""
    others = sorted({entry.queue for entry in snapshot.entries} | set(snapshot.closed))
    names = dict.fromkeys([*terms, *others])
    return [_queue(name, snapshot, terms.get(name), now) for name in names]


def could_serve(agent: Agent, terms: Terms) -> bool:
    """Whether the agent may be asked for a call of the queue at all, sooner or later."""
    members = terms["members"]
    return (not members or agent.id in members) and any(meets(agent.skills, step) for step in terms["requirement"])


def _queue(name: str, snapshot: Snapshot, terms: Terms | None, now: int) -> QueueNow:
    everything = [entry for entry in snapshot.entries if entry.queue == name]
    here = [entry for entry in everything if entry.kind is Kind.CALL]
    waiting = [entry for entry in here if entry.state in IN_LINE]
    people = [agent for agent in snapshot.agents if terms and could_serve(agent, terms)]
    return QueueNow(
        queue=name,
        closed=name in snapshot.closed,
        waiting=len(waiting),
        offered=_in_state(here, EntryState.OFFERED),
        talking=_in_state(here, EntryState.CONNECTED),
        longest_wait_ms=max((max(0, now - entry.since) for entry in waiting), default=0),
        messages=sum(entry.kind is Kind.VOICEMAIL and entry.state in IN_LINE for entry in everything),
        staffed=sum(agent.staffed and not is_unreachable(agent) for agent in people),
        idle=sum(agent.ready for agent in people),
    )


def _in_state(entries: list[Entry], state: EntryState) -> int:
    return sum(entry.state is state for entry in entries)
