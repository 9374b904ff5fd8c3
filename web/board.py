"""What everybody may see of the house now: how many wait, who could answer. Nothing about callers, no agent's name."""

from collections.abc import Mapping, Sequence
from typing import Any

from queues.model import IN_LINE, Agent, AgentState, Device, Entry, EntryState, Kind, Snapshot, Status

DOING: Mapping[AgentState, str] = {
    AgentState.IDLE: "ready",
    AgentState.OFFERED: "ringing",
    AgentState.RINGING: "ringing",
    AgentState.TALKING: "talking",
    AgentState.HOLD: "talking",
    AgentState.WRAP_UP: "wrap_up",
    AgentState.NOT_RESPONDING: "not_responding",
}
"""What an agent does, in the words of the page (web/texts.py)."""


def board(
    snapshot: Snapshot, titles: Mapping[str, Mapping[str, str]], numbers: Sequence[str], now: int
) -> dict[str, Any]:
    """JSON data: `at` (ms since 1970), `numbers`, `queues` [{`name`, `title`, `waiting`, `longest_wait_ms`, `talking`}]
    and `agents` [{`extension`, `doing`}], those who could answer first. `titles`: queue to language to title; a queue
    that is not among them is shown too while somebody is in it."""
    names = [*titles, *sorted({entry.queue for entry in snapshot.entries} - set(titles))]
    agents = sorted(snapshot.agents, key=lambda agent: (doing(agent) in ("away", "no_phone"), agent.extension))
    return {
        "at": now,
        "numbers": list(numbers),
        "queues": [_queue(name, titles.get(name) or {}, snapshot.entries, now) for name in names],
        "agents": [{"extension": agent.extension, "doing": doing(agent)} for agent in agents],
    }


def doing(agent: Agent) -> str:
    """A call in course comes first; then what the agent chose; then the phone."""
    if agent.state in (AgentState.OFFERED, AgentState.RINGING, AgentState.TALKING, AgentState.HOLD, AgentState.WRAP_UP):
        return DOING[agent.state]
    if agent.status is Status.OFFLINE:
        return "away"
    if agent.status is Status.PAUSED:
        return "paused"
    if agent.device is Device.UNREACHABLE:
        return "no_phone"
    if agent.device is Device.BUSY and agent.state is AgentState.IDLE:
        return "busy"
    return DOING[agent.state]


def _queue(name: str, title: Mapping[str, str], entries: Sequence[Entry], now: int) -> dict[str, Any]:
    here = [entry for entry in entries if entry.queue == name and entry.kind is Kind.CALL]
    waiting = [entry for entry in here if entry.state in IN_LINE]
    return {
        "name": name,
        "title": dict(title),
        "waiting": len(waiting),
        "longest_wait_ms": max((max(0, now - entry.since) for entry in waiting), default=0),
        "talking": sum(entry.state is EntryState.CONNECTED for entry in here),
    }
