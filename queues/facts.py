"""What an event says of its entry or agent as it stands; each event may say more.

A function for each kind, written out: they are called for every event of every call. The Lua scripts get the names from
the same functions, by FACTS."""

from collections.abc import Callable, Mapping
from typing import Any

from queues.model import Agent, Entry

Facts = dict[str, Any]


def _asked(entry: Entry) -> Facts:
    """What decides whom an entry is offered to, and when."""
    return {
        "entry": entry.id, "queue": entry.queue, "since": entry.since, "priority": entry.priority,
        "ring_ms": entry.ring_ms, "requirement": entry.requirement, "strategy": entry.strategy,
        "members": entry.members, "preferred": entry.preferred, "kind": entry.kind, "due": entry.due,
    }  # fmt: skip


def _entered(entry: Entry) -> Facts:
    return {**_asked(entry), "skills": entry.skills}


def _history(entry: Entry) -> Facts:
    """What overflow rules did for the entry, and what it was told of its wait."""
    return {
        "also": entry.also, "followed": dict(entry.followed), "hops": entry.hops, "exits": entry.exits,
        "announced": entry.announced,
    }  # fmt: skip


def _restored(entry: Entry) -> Facts:
    return {
        **_entered(entry), "entered": entry.entered, "state": entry.state, "agent": entry.agent, "offer": entry.offer,
        "beside": entry.beside, "offered_at": entry.offered_at, "excluded": entry.excluded, **_history(entry),
    }  # fmt: skip


def _interrupted(entry: Entry) -> Facts:
    return {**_entered(entry), "entered": entry.entered, "excluded": entry.excluded, **_history(entry)}


def _queue_and_offer(entry: Entry) -> Facts:
    return {"entry": entry.id, "queue": entry.queue, "agent": entry.agent, "offer": entry.offer}


def _offer(entry: Entry) -> Facts:
    return {"entry": entry.id, "agent": entry.agent, "offer": entry.offer}


def _priority(entry: Entry) -> Facts:
    return {"entry": entry.id, "queue": entry.queue, "priority": entry.priority}


def _queue(entry: Entry) -> Facts:
    return {"entry": entry.id, "queue": entry.queue}


def _also(entry: Entry) -> Facts:
    return {"entry": entry.id, "queue": entry.queue, "also": entry.also, "members": entry.members}


def _finished(entry: Entry) -> Facts:
    return {"entry": entry.id, "queue": entry.queue, "agent": entry.agent}


def _standing(agent: Agent) -> Facts:
    """What decides between agents who could take the same call."""
    return {
        "agent": agent.id, "idle_since": agent.idle_since, "wrap_up_until": agent.wrap_up_until,
        "logged_in_at": agent.logged_in_at, "calls": agent.calls, "busy_ms": agent.busy_ms,
        "offered_at": agent.offered_at,
    }  # fmt: skip


def _status(agent: Agent) -> Facts:
    return {**_standing(agent), "status": agent.status, "reason": agent.reason}


def _device(agent: Agent) -> Facts:
    return {"agent": agent.id, "device": agent.device, "asterisk": agent.asterisk}


def _profile(agent: Agent) -> Facts:
    return {
        **_standing(agent), "extension": agent.extension, "name": agent.name, "skills": agent.skills,
        "status": agent.status, "state": agent.state, "device": agent.device, "holds": agent.holds,
        "held": len(agent.held),
    }  # fmt: skip


def _work(agent: Agent) -> Facts:
    return {"agent": agent.id, "holds": agent.holds, "held": len(agent.held)}


OF_ENTRY: Mapping[str, Callable[[Entry], Facts]] = {
    "entry.entered": _entered,
    "entry.restored": _restored,
    "entry.offered": _queue_and_offer,
    "entry.ringing": _offer,
    "entry.answered": _queue_and_offer,
    "entry.withdrawn": _offer,
    "entry.interrupted": _interrupted,
    "entry.left": _queue,
    "entry.moved": _asked,
    "entry.prioritised": _priority,
    "entry.sent_away": _queue,
    "entry.overflowed": _queue,
    "entry.widened": _also,
    "entry.announced": _queue,
    "entry.aside": _queue,
    "entry.back": _queue,
    "entry.finished": _finished,
    "entry.directed": _finished,
    "entry.handed_over": _finished,
}
OF_AGENT: Mapping[str, Callable[[Agent], Facts]] = {
    "agent.status": _status,
    "agent.state": _standing,
    "agent.device": _device,
    "agent.profile": _profile,
    "agent.work": _work,
}
"""By the kind of event. The first name is the id's; each other one is that of the field that it comes from."""

FACTS: Mapping[str, tuple[str, ...]] = {
    **{kind: (*facts(Entry("", "", "", 0, 0)),)[1:] for kind, facts in OF_ENTRY.items()},
    **{kind: (*facts(Agent("", "")),)[1:] for kind, facts in OF_AGENT.items()},
}
"""The names, besides the id."""
STANDING = FACTS["agent.state"]
ASKED = FACTS["entry.moved"]
