"""What a store does. Each method is one atomic commit: it checks the state, changes it and appends the events, or does
nothing and says why. Times come from the caller, in milliseconds.

Every commit appends its events to one stream, in the order of the commits: whoever follows the stream from a snapshot's
cursor knows the state exactly.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from core.errors import GuichetError
from core.events import Event, Unread
from queues.model import (
    Agent,
    Device,
    Entry,
    Node,
    Notice,
    OfferMessage,
    Proposal,
    Refusal,
    Setback,
    Snapshot,
    Status,
    Terms,
)  # fmt: skip
from queues.overflow.deeds import Deed

RONA_EXCLUDED_MS = 60_000
"""How long an agent who did not answer is left out for the same call, where the queue says nothing (FIELD: 60 s)."""
CHOSEN_WITHIN_MS = 60_000
"""How long after a store's beginning the history is asked what agents had chosen. Later they have seen that they are
offline: they log in, or have gone home."""
RONA_LIMIT = 2
"""How many unanswered offers in a row make an agent not responding."""
DISPATCHER = "dispatcher"
"""The lease whose fence offers carry."""
REMOVED = "removed"
"""The reason of an agent's last agent.status, offline, when the account was removed."""


class StoreAway(GuichetError):
    """The store does not answer; nothing is known of the commit that was asked for."""


class QueueClosed(GuichetError):
    """The queue admits nobody new; nothing was changed."""


class Greeting(NamedTuple):
    """What a store says to a node that announces itself. `begun`: since when it knows anything (ms); another time than
    before means that it was wiped. `fresh`: it knew nothing until now, and this node is the one to tell it of the
    agents. `told`: what the history knows of that Asterisk was told to it again, or need not be."""

    begun: int
    fresh: bool
    told: bool


class Thrown(NamedTuple):
    """A switch that was thrown: what the store keeps of it, and the event that tells of it, by its kind and data."""

    says: Mapping[str, Any]
    kind: str
    told: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Recalled:
    """What the history knows of what stands in the store alone."""

    entries: Sequence[Entry] = ()
    """Deferred work that nobody has done."""
    closed: Mapping[str, str] = field(default_factory=dict)
    """Queues that admit nobody, and who closed each."""
    switches: Mapping[str, Thrown] = field(default_factory=dict)
    holds: Mapping[str, int] = field(default_factory=dict)
    """How much deferred work each agent may hold beside a call; told by `set_holds`."""


Cursor = str
"""A point in a stream; "0" is its beginning."""
Read = list[tuple[Cursor, Event | Unread]]
"""Events of a consumer group, each with its cursor."""


class Store(Protocol):
    # --- entries ------------------------------------------------------------------------------------------------
    async def enqueue(self, entry: Entry) -> bool:
        """Put a call in line (entry.entered). False, and nothing changed, where the entry's id is known already. Raises
        QueueClosed where it is a call and the queue is closed."""

    async def adopt(self, entry: str, node: str, channel: str) -> tuple[Entry, OfferMessage | None] | None:
        """A node takes the entry over. Gives the entry as it stands, and the offer in force that the former node may
        not have taken up; None where no such live entry is."""

    async def restore(self, entry: Entry, at: int) -> bool:
        """Put an entry back that a wiped store has forgotten, as it stood: waiting, offered or connected
        (entry.restored); the agent it is with is so again (agent.state). False, and nothing changed, where the entry is
        known already, or that agent is not, or does something else."""

    async def entry(self, entry: str) -> Entry | None:
        """The live entry (waiting, offered or connected), or None."""

    async def leave(self, entry: str, reason: str, at: int) -> Refusal | None:
        """The caller leaves the line without an agent (entry.left). An agent being rung is idle again, their place
        among the idle kept. ENTRY_GONE where there is none, ENTRY_NOT_WAITING where caller and agent talk already."""

    async def move(
        self, entry: str, queue: str, terms: Terms, keep_place: bool, reason: str, author: str, at: int
    ) -> Refusal | None:
        """A waiting entry into another queue, on that queue's terms (entry.moved): it has entered there now, with the
        place that it had, or the last one. Whom it preferred is forgotten, and what the former queue's rules added and
        offered and what was told of the wait there. ENTRY_NOT_WAITING where it is being offered or talks, QUEUE_CLOSED
        where the other queue is closed. None also when this was said before with the same `at`."""

    async def prioritise(self, entry: str, priority: int, reason: str, author: str, at: int) -> Refusal | None:
        """A waiting or offered entry counts as if it had waited so many minutes more (entry.prioritised). Appends
        nothing where it does already. ENTRY_NOT_WAITING where it talks."""

    async def send_away(self, entry: str, reason: str, author: str, at: int) -> Refusal | None:
        """A waiting or offered entry is to leave the line by its flow's exit (entry.sent_away): its node is told
        through its inbox, and it is offered to nobody more. An offer in force goes on, and if it is answered the call
        stays. ENTRY_NOT_WAITING where it talks. None, and nothing appended, where it was told to leave before."""

    async def overflow(self, fence: int, deeds: Sequence[Deed]) -> list[Refusal | None]:
        """Commit what overflow rules and announcements do, each by itself and all in one round trip: entry waiting,
        fence current. A rule: entry.overflowed, then by what it does entry.moved, entry.prioritised, entry.widened,
        entry.aside; an announcement: entry.announced. What the call itself must do is told to its node. None also where
        this very deed was committed before; QUEUE_CLOSED where a call would be moved to a closed queue."""

    async def step_aside(self, entry: str, reason: str, at: int) -> Refusal | None:
        """A waiting caller does something else (entry.aside): nobody is tried until they come back, the place is kept.
        Appends nothing where they are aside already. ENTRY_NOT_WAITING where an agent is being tried."""

    async def come_back(self, entry: str, at: int) -> Refusal | None:
        """A caller who was aside waits again (entry.back). Appends nothing where they wait already."""

    # --- queues -------------------------------------------------------------------------------------------------
    async def close_queue(self, queue: str, author: str, at: int) -> None:
        """Nobody new is admitted (queue.closed); those who wait stay. Appends nothing where it is closed."""

    async def open_queue(self, queue: str, author: str, at: int) -> None:
        """As it is from the beginning (queue.opened). Appends nothing where it is open."""

    # --- offers -------------------------------------------------------------------------------------------------
    async def offer(self, fence: int, proposals: Sequence[Proposal]) -> list[Refusal | None]:
        """Commit offers, each by itself and all in one round trip: entry waiting, agent ready, fence current. Appends
        entry.offered and agent.state, and tells the entry's node through its inbox. None also where this very offer was
        committed before.

        A proposal with others `beside` is one commit: all of its agents who are ready are rung under offers of their
        own, the first of them as the entry's `agent`; those who are not are left out, as entry.offered tells. They end
        one by one, by `withdraw`, or together by `answer` or `leave`; the entry waits again after the last.

        An agent who may hold deferred work beside calls (Agent.holds) is handed it at once, without ringing: the entry
        is connected, and the agent as ready for calls as before (entry.offered, entry.answered, agent.work). Where
        there is no room: AGENT_NOT_READY. It ends by `finish`, with no wrap-up, or goes back by `withdraw` (RETURNED),
        and when the agent logs off or is removed (AGENT_LEFT)."""

    async def ringing(self, entry: str, offer: str, at: int) -> Refusal | None:
        """The agent's phone rings: agent offered → ringing (entry.ringing, agent.state)."""

    async def answer(self, entry: str, offer: str, at: int) -> Refusal | None:
        """The agent answered: entry connected, agent talking, missed = 0 (entry.answered, agent.state). None also when
        this very offer was answered before (it is said twice when an engine dies). Other offers of the entry in force
        are withdrawn first (ANSWERED_ELSEWHERE): those agents are idle again, their place among the idle kept."""

    async def withdraw(self, entry: str, offer: str, setback: Setback, at: int) -> Refusal | None:
        """The offer came to nothing: entry waiting again, place untouched. On NO_ANSWER the agent is excluded for this
        call for entry.left_out_ms and becomes not_responding after RONA_LIMIT in a row; on BUSY, UNREACHABLE and
        EXPIRED excluded likewise, but it is no RONA; otherwise the agent is idle again (entry.withdrawn, agent.state).
        RETURNED is for deferred work that an agent had begun with (ENTRY_NOT_WAITING otherwise). None also when this
        very offer was withdrawn before."""

    async def interrupt(self, entry: str, offer: str, prefer_ms: int, at: int) -> Refusal | None:
        """The agent's phone was lost in mid-talk: the caller waits again with the place they had (entry.interrupted),
        and the agent is idle, their place among the idle as it was (agent.state). An agent who is available is the only
        one asked for `prefer_ms` from now on; nobody is where it is one who had chosen a break, or is removed. None
        also when this was said before of the same offer. ENTRY_NOT_WAITING where they do not talk, or it is deferred
        work."""

    async def direct(self, entry: str, agent: str, onward: Mapping[str, Any], at: int) -> Refusal | None:
        """The agent who talks with the caller says what is to become of them (entry.directed): Entry.onward, in place
        of what was said before. Its node is told through its inbox. `onward` has `id`, `how`, `to` and `author`, which
        the event tells. Of a caller who is parked and aside, any agent may say so. ENTRY_NOT_WAITING where they do not
        talk, OTHER_OFFER where it is another agent's. None also
        where this very `id` was said before."""

    async def hand_over(self, entry: str, former: str, at: int) -> Refusal | None:
        """Whom the agent of `former` asked talks with the caller from now on: the consultation is a call like others
        (entry.handed_over). None, and nothing appended, where it is one already. ENTRY_NOT_WAITING where they do not
        talk."""

    async def finish(self, entry: str, talk_ms: int, at: int, onward: str | None = None) -> Refusal | None:
        """The conversation is over (entry.finished): the entry is ended and gone; the agent is in wrap-up until
        at + entry.wrap_up_ms (or the agent's own wrap_up_ms, where shorter), without end where it lasts until coded, or
        idle at once where it is 0. ENTRY_NOT_WAITING where it was not connected; DIRECTED where `onward`, the id of
        what whoever finishes knows of the caller's way onward ("": of none), is not the last one that was said."""

    async def hold(self, entry: str, held: bool, at: int) -> Refusal | None:
        """The agent puts the caller on hold, or takes them back (agent.state: talking ↔ hold). Appends nothing where it
        is so already. ENTRY_NOT_WAITING where they do not talk."""

    # --- agents -------------------------------------------------------------------------------------------------
    async def put_agent(self, agent: Agent, at: int, author: str = "") -> None:
        """Make the agent known, or change name, extension, skills and own wrap-up time; status, state and device of a
        known one stay (agent.profile). Appends nothing where all is as before."""

    async def remove_agent(self, agent: str, at: int, author: str = "") -> None:
        """Forget the agent (agent.status: offline, REMOVED). A mere offer is withdrawn first (AGENT_LEFT). A
        conversation goes on: until its end the agent is offline, and is the same one if made known again meanwhile."""

    async def agent(self, agent: str) -> Agent | None: ...

    async def set_status(self, agent: str, status: Status, reason: str, author: str, at: int) -> Refusal | None:
        """What the agent chose (agent.status). AVAILABLE also ends not_responding and clears missed, and idle_since =
        at where they were not available, or not responding, before. Coming from offline begins a log-in: calls, busy_ms
        and offered_at begin at 0. An offer or a conversation in course is not touched. Appends nothing where all is as
        before."""

    async def set_holds(self, agent: str, holds: int, author: str, at: int) -> Refusal | None:
        """How much deferred work the agent may hold beside a call (agent.work). What they hold beyond it stays with
        them. Appends nothing where it is as before."""

    async def set_device(self, agent: str, device: Device, at: int, asterisk: str = "") -> Refusal | None:
        """What that Asterisk says of the agent's phone. The phone is busy where any says so, else free where any can
        reach it, and it is rung where it was reached last (agent.device). Appends nothing where that is as before."""

    async def end_wrap_up(self, agent: str, at: int) -> Refusal | None:
        """Wrap-up → idle, idle_since = at (agent.state). AGENT_NOT_READY where the agent is not in wrap-up or it ends
        later than `at`, or lasts until coded. None also when this was said before with the same `at`."""

    async def cut_wrap_up(self, agent: str, author: str, at: int) -> Refusal | None:
        """Somebody ends a wrap-up of any kind (agent.state: cut). AGENT_NOT_READY where there is none. None also when
        this was said before with the same `at`."""

    async def extend_wrap_up(self, agent: str, until: int, at: int, author: str = "") -> Refusal | None:
        """The agent needs more time: wrap-up goes on until then, or as late as the queue allows (agent.state). Appends
        nothing where it is not later than before. AGENT_NOT_READY where it has no end of its own or is over."""

    async def code(self, agent: str, outcome: str, at: int, author: str = "") -> Refusal | None:
        """The agent says what the outcome was, which ends the wrap-up of any kind (agent.state: coded, with `outcome`).
        AGENT_NOT_READY where there is none. None also when this was said before with the same `at`."""

    # --- calls --------------------------------------------------------------------------------------------------
    async def save_call(self, call: str, session: Mapping[str, Any], events: Sequence[Event] = ()) -> None:
        """Keep a live call's session (JSON data) and append events, in one round trip. Events handed in may stand twice
        in the stream, with one id, where a reply was lost on the way: readers go by the id."""

    async def load_call(self, call: str) -> dict[str, Any] | None: ...

    async def drop_call(self, call: str, events: Sequence[Event] = ()) -> bool:
        """The call is over: forget its session and append events. False, and nothing appended, where there was none: so
        a call's end is told once."""

    async def live_calls(self) -> dict[str, dict[str, Any]]:
        """All live calls' sessions by call id."""

    async def emit(self, events: Sequence[Event]) -> None:
        """Append events that change no state."""

    # --- switches of opening hours ------------------------------------------------------------------------------
    async def set_switch(self, name: str, switch: Mapping[str, Any] | None, events: Sequence[Event]) -> None:
        """Keep what the emergency switch of these hours says (JSON data), or forget it (None), and append events."""

    async def switches(self) -> dict[str, dict[str, Any]]:
        """What all switches say, by the name of the hours."""

    # --- nodes --------------------------------------------------------------------------------------------------
    async def announce(self, node: str, asterisk: str, at: int) -> Greeting:
        """An engine takes that Asterisk's calls; to be said again and again (node.joined, the first time). The first
        one that a new or wiped store hears of begins it (store.begun)."""

    async def retell(self, begun: int, node: str, asterisk: str, recalled: Recalled, at: int) -> bool:
        """All that the history knows of that Asterisk, to a store that began then, in one commit and once (store.told):
        an entry that is not known waits (entry.restored), a queue that is open is closed (queue.closed), a switch that
        says nothing says so again. False, and nothing changed, where it was told before, or the store began at another
        time."""

    async def agents_told(self, begun: int, node: str, known: bool, at: int) -> bool:
        """To a store that began then: the statuses of agents are those that they had chosen before it, or nobody will
        ever know them (store.agents_told). False, and nothing changed, where this was said before, or the store began
        at another time."""

    async def nodes(self) -> list[Node]:
        """Those that announced themselves and were not forgotten, by name."""

    async def forget_node(self, node: str, reason: str, at: int) -> bool:
        """It takes no calls any more (node.left). False where it is not known."""

    # --- the dispatcher's lease ---------------------------------------------------------------------------------
    async def take_lease(self, name: str, holder: str, ttl_ms: int) -> int | None:
        """Take or renew the lease; gives the fence, or None where another holds it. It grows with each new holder, also
        when the store was wiped meanwhile: it begins with the time."""

    async def release_lease(self, name: str, holder: str) -> None: ...

    # --- streams ------------------------------------------------------------------------------------------------
    async def snapshot(self) -> Snapshot: ...

    async def follow(self, after: Cursor, wait_ms: int, most: int = 1000) -> list[tuple[Cursor, Event]]:
        """Events after the cursor, oldest first; waits up to wait_ms for the first one. An event that is not readable
        is passed over and logged."""

    async def recent(self, most: int, until: Cursor) -> list[Event]:
        """The last events up to the cursor, oldest first, as far as they were not forgotten."""

    async def inbox(self, node: str, after: Cursor, wait_ms: int) -> list[tuple[Cursor, Notice]]:
        """Offers for the calls that this node holds, and what else it is to do with them."""

    async def nudge(self, topic: str) -> None:
        """Whoever waits for news on this topic is to look."""

    async def nudged(self, topic: str, after: Cursor, wait_ms: int) -> Cursor:
        """The point of the last nudge; waits up to wait_ms for one after the cursor, and gives the cursor where none
        came."""

    async def join_group(self, group: str) -> None:
        """Make a consumer group on the event stream, from its beginning, unless it is there."""

    async def read_group(self, group: str, consumer: str, wait_ms: int, most: int) -> Read:
        """Events for this consumer: first those it was given before and never acknowledged, then new ones."""

    async def acknowledge(self, group: str, cursors: Sequence[Cursor]) -> None: ...

    async def group_lag(self, group: str) -> int:
        """How many events the group has not acknowledged yet."""

    async def trim(self, before: int) -> None:
        """Forget events appended before `before` (ms, the store's clock) that every group has acknowledged."""

    async def close(self) -> None: ...
