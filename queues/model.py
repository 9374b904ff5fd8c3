"""Entries, agents, offers: plain data. Times are milliseconds since 1970 UTC."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NotRequired, TypedDict

Skills = Mapping[str, int]
"""Skill to level, levels from 1. Having no skill X is false for every comparison on X."""


def satisfies(skills: Skills, required: Skills) -> bool:
    """True when each required skill is there at its level or above."""
    return all(skills.get(skill, 0) >= level for skill, level in required.items())


class Kind(StrEnum):
    """What kind of work an entry is. All kinds stand in the same lines, and rank by the same score."""

    CALL = "call"
    """A caller waits on the line."""
    VOICEMAIL = "voicemail"
    """A message to be listened to: nobody waits on a line."""
    CALLBACK = "callback"
    """Somebody to be called back."""
    CONSULT = "consult"
    """An agent asks somebody while their caller waits."""


DEFERRED = frozenset({Kind.VOICEMAIL})
"""Work that nobody waits for on a line, and that may be held beside a call."""
ONE_AT_A_TIME = -1
"""Of an agent who does deferred work as a call is done: nothing else meanwhile."""


class EntryState(StrEnum):
    WAITING = "waiting"
    OFFERED = "offered"
    """One agent is being tried; the place in line is kept."""
    ASIDE = "aside"
    """The caller does something else, such as leaving a message; the place in line is kept, and nobody is tried."""
    CONNECTED = "connected"
    """Caller and agent talk."""
    ENDED = "ended"


IN_LINE = (EntryState.WAITING, EntryState.OFFERED, EntryState.ASIDE)
"""Who has not left and does not talk yet: W of the measures."""


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
    HOLD = "hold"
    """The caller hears music while the agent asks somebody."""
    WRAP_UP = "wrap_up"
    NOT_RESPONDING = "not_responding"


class Device(StrEnum):
    """What the agent's phone does, as the telephone network says."""

    FREE = "free"
    BUSY = "busy"
    UNREACHABLE = "unreachable"


_AVAILABLE, _IDLE, _FREE = Status.AVAILABLE, AgentState.IDLE, Device.FREE
"""Asked for at every event."""


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
    QUEUE_CLOSED = "queue_closed"
    DIRECTED = "directed"
    """Meanwhile the agent said that the caller is to go elsewhere."""


class Setback(StrEnum):
    """Why an offer came to nothing and the caller is back in line."""

    NO_ANSWER = "no_answer"
    """RONA: it rang and nobody answered. Two in a row and the agent is not responding until they click."""
    BUSY = "busy"
    UNREACHABLE = "unreachable"
    EXPIRED = "expired"
    """The node that holds the call never took the offer up."""
    AGENT_LEFT = "agent_left"
    RETURNED = "returned"
    """Somebody had begun with it and gave it back; never a call, whose caller would be gone."""
    NOT_BACK = "not_back"
    """The agent whose phone was lost in mid-talk cannot be rung yet. They are asked again, first of all."""
    ANSWERED_ELSEWHERE = "answered_elsewhere"
    """Several phones rang, and another one was answered first."""


class Step(TypedDict, total=False):
    """One step of a requirement (queues/requirement.py says what it means)."""

    skills: dict[str, int]
    any: list[dict[str, int]]
    for_ms: int


class Preferred(TypedDict, total=False):
    """Who is asked before all others, whatever their skills, and how long the call waits for them alone; or nothing."""

    agents: list[str]
    for_ms: int


class Membership(TypedDict, total=False):
    """An agent in a queue. Those of a lower `priority` (1 where nothing is said) are asked first; after `delay_ms` of a
    call's wait in the queue the agent may be asked at all. `place` in the queue's list counts from 1."""

    priority: int
    delay_ms: int
    place: int


class Terms(TypedDict):
    """What a queue's file says of each entry: `Entry(…, **queue.terms(skills))`."""

    requirement: list[Step]
    strategy: str
    members: dict[str, Membership]
    ring_ms: int
    wrap_up_ms: int
    wrap_up_most_ms: int
    until_coded: bool
    left_out_ms: int


class Rung(TypedDict):
    """One of several offers of an entry that are in force together."""

    offer: str
    agent: str


class RungPhone(Rung):
    """The same, for the node that rings the phone, and the Asterisk where that is registered."""

    extension: str
    asterisk: NotRequired[str]


@dataclass(slots=True, init=False)
class Entry:
    """A call that waits in a queue. Its place is decided by `since` and `priority`, whatever happens to it.

    Two are made for every call: so what fills them is written out, and is compiled too. It takes half the time."""

    id: str
    call: str
    queue: str
    since: int
    """When this contact was first queued; survives moves."""
    entered: int
    """When it came into this queue."""
    requirement: list[Step]
    """At least one step."""
    strategy: str
    """Which of several agents (queues/strategies/)."""
    members: dict[str, Membership]
    """Agents who alone may answer; nobody: skills alone decide."""
    preferred: Preferred
    priority: int
    skills: dict[str, int]
    """What the flow asks for besides the queue; it counts in every queue that the call is moved to."""
    node: str
    """The engine node that holds the call and is to be told of offers."""
    asterisk: str
    channel: str
    ring_ms: int
    wrap_up_ms: int
    """0: none."""
    wrap_up_most_ms: int
    """How far the agent may extend the wrap-up, where that is longer."""
    until_coded: bool
    """The wrap-up lasts until the agent says what the outcome was."""
    left_out_ms: int
    """How long this call is not offered again to an agent whose offer came to nothing (FIELD: RONA, 60 s)."""
    state: EntryState
    agent: str
    offer: str
    offered_at: int
    """When the offer in force was made."""
    beside: list[Rung]
    """Further offers in force, made at the same time, where a queue rings all; the first to answer has the call."""
    answered_at: int
    excluded: dict[str, int]
    """Agent to the time until which this call is not offered to them again (RONA)."""
    withdrawn: str
    """The last offer that came to nothing, so that saying it twice does no harm."""
    kind: Kind
    file: str
    """Of a message: the name of its recording, without ending."""
    due: int
    """Of deferred work: when it is to be done at the latest; 0: no such time."""
    sent_away: str
    """Why it is to leave the line without an agent, once it is not being offered."""
    also: dict[str, list[Step]]
    """Whom an overflow rule added: the queue whose people they are, and what it asks of them. They come last."""
    followed: dict[str, int]
    """Overflow rules that were followed for this call, `QUEUE/NUMBER`, and when last."""
    hops: int
    """How often overflow rules moved it to another queue."""
    exits: dict[str, str]
    """Keys that the caller may press while waiting, and what each leads to."""
    pending: dict[str, Any]
    """What the caller was set aside for, as the node that holds the call was told."""
    announced: dict[str, int]
    """What the caller was told last of the wait: at, position, to_min (0: nothing), staffed."""
    deed: str
    """The last overflow deed or announcement, so that saying it twice does no harm."""
    parked: dict[str, Any]
    """Of a caller whom an agent put aside for any colleague to take: slot, by, until (telephony/onward.py)."""
    onward: dict[str, Any]
    """What the agent who talks with the caller wants to become of them (telephony/onward.py); it has an `id`."""

    def __init__(
        self,
        id: str,
        call: str,
        queue: str,
        since: int,
        entered: int,
        requirement: list[Step] | None = None,
        strategy: str = "least-over-qualified",
        members: dict[str, Membership] | None = None,
        preferred: Preferred | None = None,
        priority: int = 0,
        skills: dict[str, int] | None = None,
        node: str = "",
        asterisk: str = "",
        channel: str = "",
        ring_ms: int = 20_000,
        wrap_up_ms: int = 30_000,
        wrap_up_most_ms: int = 0,
        until_coded: bool = False,
        left_out_ms: int = 60_000,
        state: EntryState = EntryState.WAITING,
        agent: str = "",
        offer: str = "",
        offered_at: int = 0,
        beside: list[Rung] | None = None,
        answered_at: int = 0,
        excluded: dict[str, int] | None = None,
        withdrawn: str = "",
        kind: Kind = Kind.CALL,
        file: str = "",
        due: int = 0,
        sent_away: str = "",
        also: dict[str, list[Step]] | None = None,
        followed: dict[str, int] | None = None,
        hops: int = 0,
        exits: dict[str, str] | None = None,
        pending: dict[str, Any] | None = None,
        announced: dict[str, int] | None = None,
        deed: str = "",
        parked: dict[str, Any] | None = None,
        onward: dict[str, Any] | None = None,
    ) -> None:
        self.id = id
        self.call = call
        self.queue = queue
        self.since = since
        self.entered = entered
        self.requirement = [{}] if requirement is None else requirement
        self.strategy = strategy
        self.members = {} if members is None else members
        self.preferred = {} if preferred is None else preferred
        self.priority = priority
        self.skills = {} if skills is None else skills
        self.node = node
        self.asterisk = asterisk
        self.channel = channel
        self.ring_ms = ring_ms
        self.wrap_up_ms = wrap_up_ms
        self.wrap_up_most_ms = wrap_up_most_ms
        self.until_coded = until_coded
        self.left_out_ms = left_out_ms
        self.state = state
        self.agent = agent
        self.offer = offer
        self.offered_at = offered_at
        self.beside = [] if beside is None else beside
        self.answered_at = answered_at
        self.excluded = {} if excluded is None else excluded
        self.withdrawn = withdrawn
        self.kind = kind
        self.file = file
        self.due = due
        self.sent_away = sent_away
        self.also = {} if also is None else also
        self.followed = {} if followed is None else followed
        self.hops = hops
        self.exits = {} if exits is None else exits
        self.pending = {} if pending is None else pending
        self.announced = {} if announced is None else announced
        self.deed = deed
        self.parked = {} if parked is None else parked
        self.onward = {} if onward is None else onward


def message_id(call: str, file: str) -> str:
    """Of the entry of a message that was left in a call, by its recording."""
    return f"{call}-{file[-8:]}"


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
    """Of the phone, wherever it is registered: busy where any Asterisk says so."""
    devices: dict[str, str] = field(default_factory=dict)
    """What each Asterisk says of it, by name; those that cannot reach it are left out."""
    asterisk: str = ""
    """Where the phone is rung: the Asterisk that can reach it, of several the one that could last."""
    idle_since: int = 0
    """From the end of the last wrap-up, or from becoming available."""
    wrap_up_until: int = 0
    entry: str = ""
    offer: str = ""
    missed: int = 0
    """RONA in a row."""
    wrap_up_ms: int = -1
    """The agent's own, where it is shorter than the queue's; -1: the queue's."""
    wrap_up_latest: int = 0
    """How late the wrap-up in course may end."""
    logged_in_at: int = 0
    """When they last came from offline. What follows is counted from then."""
    calls: int = 0
    """Answered."""
    busy_ms: int = 0
    """From offers that were answered to the ends of their wrap-ups."""
    offered_at: int = 0
    """When they were last offered a call."""
    holds: int = ONE_AT_A_TIME
    """How many pieces of deferred work they may hold beside a call."""
    held: list[str] = field(default_factory=list)
    """Entries of deferred work that they hold so."""

    @property
    def ready(self) -> bool:
        return self.state is _IDLE and self.status is _AVAILABLE and self.device is _FREE

    @property
    def may_hold(self) -> bool:
        """There is room for deferred work; whether they are ready is another question."""
        return self.holds < 0 or len(self.held) < self.holds

    @property
    def staffed(self) -> bool:
        """Here, and could answer sooner or later: on a break too, but not while not responding. Whoever decides leaves
        out besides whose phone is lost for long (queues/away.py)."""
        return self.status is not Status.OFFLINE and self.state is not AgentState.NOT_RESPONDING


@dataclass(slots=True, init=False)
class Proposal:
    """What the router wants committed: ring this agent for this entry."""

    offer: str
    entry: str
    agent: str
    at: int
    expires_at: int
    """When the dispatcher takes the offer back if no engine says how it went."""
    grounds: Any
    """Its text is the sentence of why; made only when somebody reads it."""
    beside: list[Rung] | tuple[()]
    """Whom to ring at the same time, under offers of their own."""

    def __init__(
        self,
        offer: str,
        entry: str,
        agent: str,
        at: int,
        expires_at: int,
        grounds: Any = "",
        beside: list[Rung] | tuple[()] = (),
    ) -> None:
        self.offer = offer
        self.entry = entry
        self.agent = agent
        self.at = at
        self.expires_at = expires_at
        self.grounds = grounds
        self.beside = beside

    @property
    def why(self) -> str:
        return str(self.grounds)


@dataclass(frozen=True, slots=True)
class OfferMessage:
    """What the node that holds the call is told."""

    offer: str
    entry: str
    call: str
    agent: str
    extension: str
    ring_ms: int
    beside: list[RungPhone] = field(default_factory=list)
    kind: Kind = Kind.CALL
    file: str = ""
    """Of a message: what is to be played."""
    asterisk: str = ""
    """Where the agent's phone is registered."""


@dataclass(frozen=True, slots=True)
class Node:
    """An engine that takes calls, as it announces itself again and again."""

    name: str
    asterisk: str
    """Whose calls it takes."""
    silent_ms: int = 0
    """Since it was last heard of, by the store's clock."""


@dataclass(frozen=True, slots=True)
class AwayMessage:
    """The node that holds the call is told: it is to leave the line, for that reason."""

    entry: str
    call: str
    reason: str


@dataclass(frozen=True, slots=True)
class RuleMessage:
    """The node that holds the call is told what an overflow rule, or an announcement, wants of the call itself: `say`,
    `offer`, `then`, `sms`, `transfer` or `announce`, as queues/overflow/following.py makes it."""

    deed: str
    entry: str
    call: str
    rule: str
    what: dict[str, Any]


@dataclass(frozen=True, slots=True)
class DirectMessage:
    """The node that holds the call is told what the agent wants to become of it: Entry.onward."""

    entry: str
    call: str
    onward: dict[str, Any]


Notice = OfferMessage | AwayMessage | RuleMessage | DirectMessage
"""What a node finds in its inbox."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All live entries and agents, and the point in the event stream up to which they include everything."""

    entries: tuple[Entry, ...]
    agents: tuple[Agent, ...]
    cursor: str
    closed: frozenset[str] = frozenset()
    """Queues that admit nobody new."""
    begun: int = 0
    """Since when the store knows anything, in ms since 1970; 0 where no node has announced itself."""
    agents_told: bool = False
    """It was told what agents had chosen before it began, or that nobody knows that."""
