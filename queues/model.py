"""Entries, agents, offers: plain data. Times are milliseconds since 1970 UTC."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

Skills = Mapping[str, int]
"""Skill to level, levels from 1. Having no skill X is false for every comparison on X."""


def satisfies(skills: Skills, required: Skills) -> bool:
    """True when each required skill is there at its level or above."""
    return all(skills.get(skill, 0) >= level for skill, level in required.items())


class EntryState(StrEnum):
    WAITING = "waiting"
    OFFERED = "offered"
    """One agent is being tried; the place in line is kept."""
    CONNECTED = "connected"
    """Caller and agent talk."""
    ENDED = "ended"


class Status(StrEnum):
    """What the agent chose."""

    AVAILABLE = "available"
    PAUSED = "paused"
    OFFLINE = "offline"


class AgentState(StrEnum):
    """What the agent does."""

    IDLE = "idle"
    OFFERED = "offered"
    RINGING = "ringing"
    TALKING = "talking"
    WRAP_UP = "wrap_up"
    NOT_RESPONDING = "not_responding"


class Device(StrEnum):
    """What the agent's phone does, as the telephone network says."""

    FREE = "free"
    BUSY = "busy"
    UNREACHABLE = "unreachable"


class Refusal(StrEnum):
    """Why a commit was refused. Nothing was changed."""

    STALE_FENCE = "stale_fence"
    """Another dispatcher holds the lease now."""
    ENTRY_GONE = "entry_gone"
    ENTRY_NOT_WAITING = "entry_not_waiting"
    AGENT_GONE = "agent_gone"
    AGENT_NOT_READY = "agent_not_ready"
    OTHER_OFFER = "other_offer"
    """The entry's or the agent's offer is another one than the one named."""


class Setback(StrEnum):
    """Why an offer came to nothing and the caller is back in line."""

    NO_ANSWER = "no_answer"
    """RONA: it rang and nobody answered. Two in a row and the agent is not responding until they click."""
    BUSY = "busy"
    UNREACHABLE = "unreachable"
    EXPIRED = "expired"
    """The node that holds the call never took the offer up."""
    AGENT_LEFT = "agent_left"


@dataclass(slots=True)
class Entry:
    """A call that waits in a queue. Its place is decided by `since` and `priority`, whatever happens to it."""

    id: str
    call: str
    queue: str
    since: int
    """When this contact was first queued; survives moves."""
    entered: int
    """When it came into this queue."""
    required: dict[str, int] = field(default_factory=dict)
    priority: int = 0
    node: str = ""
    """The engine node that holds the call and is to be told of offers."""
    asterisk: str = ""
    channel: str = ""
    ring_ms: int = 20_000
    wrap_up_ms: int = 30_000
    state: EntryState = EntryState.WAITING
    agent: str = ""
    offer: str = ""
    offered_at: int = 0
    """When the offer in force was made."""
    answered_at: int = 0
    excluded: dict[str, int] = field(default_factory=dict)
    """Agent to the time until which this call is not offered to them again (RONA)."""
    withdrawn: str = ""
    """The last offer that came to nothing, so that saying it twice does no harm."""


@dataclass(slots=True)
class Agent:
    """Somebody who answers. Can be offered a call when available, idle, and the phone is free."""

    id: str
    extension: str
    name: str = ""
    skills: dict[str, int] = field(default_factory=dict)
    status: Status = Status.OFFLINE
    reason: str = ""
    """Why paused."""
    state: AgentState = AgentState.IDLE
    device: Device = Device.UNREACHABLE
    idle_since: int = 0
    """From the end of the last wrap-up, or from becoming available."""
    wrap_up_until: int = 0
    entry: str = ""
    offer: str = ""
    missed: int = 0
    """RONA in a row."""

    @property
    def ready(self) -> bool:
        return self.status is Status.AVAILABLE and self.state is AgentState.IDLE and self.device is Device.FREE


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the router wants committed: ring this agent for this entry."""

    offer: str
    entry: str
    agent: str
    at: int
    expires_at: int
    """When the dispatcher takes the offer back if no engine says how it went."""
    why: str = ""


@dataclass(frozen=True, slots=True)
class OfferMessage:
    """What the node that holds the call is told."""

    offer: str
    entry: str
    call: str
    agent: str
    extension: str
    ring_ms: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All live entries and agents, and the point in the event stream up to which they include everything."""

    entries: tuple[Entry, ...]
    agents: tuple[Agent, ...]
    cursor: str
