"""A picture of all lines and of who could serve them, which events keep up to date: what conditions ask for.

Every event costs a few look-ups and one place in a sorted line, however many wait. Agents who serve the same queues are
one crew, so that what one of them does is counted once and not once for each queue."""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from core.events import Event
from queues.away import Away
from queues.definition import Queue
from queues.estimate import Experience, Outlook
from queues.model import DEFERRED, Agent, AgentState, Device, Entry, EntryState, Kind, Skills, Snapshot, Status, Step
from queues.overflow.conditions import OF_HOURS
from queues.requirement import meets
from queues.rung import take_back
from queues.store.port import REMOVED
from queues.waiting import MS_PER_PRIORITY

LINE = frozenset({"length", "position", "expected_wait", "callers_per_agent", "too_late"})
"""What changes when somebody joins a line or leaves it."""
STAFF = frozenset({"staffed", "idle", "callers_per_agent", "expected_wait", "too_late"})
"""What changes when an agent does something."""
EXPERIENCE = frozenset({"expected_wait", "too_late"})
SWITCH = frozenset({"surge"})
SURGE = "surge:"
"""What the name of a surge switch begins with, among those of the store; then the queue, or EVERY_QUEUE."""
EVERY_QUEUE = "*"
HISTORY = "also", "followed", "hops", "exits", "announced"
"""What an entry that was in line before brings along."""
GAVE_UP = frozenset({"abandoned", "lost"})


class Opening(NamedTuple):
    """What opening hours say: open now, and until when (milliseconds since 1970; None: nobody knows, or never)."""

    open: bool
    closes_at: int | None = None


Turn = tuple[int, int, str]
"""Whose turn it is, smallest first: as the router has it."""


@dataclass(slots=True, eq=False)
class Crew:
    """Agents who serve the same queues. `available`: at work, not on a break; in a call or wrap-up too."""

    lines: list["Line"]
    staffed: int = 0
    available: int = 0
    idle: int = 0


@dataclass(slots=True, eq=False)
class Caller:
    """An entry as far as rules are concerned."""

    entry: Entry
    line: "Line"
    turn: Turn = (0, 0, "")
    again: bool = False
    """They were answered before, and lost the agent."""
    holds_since: dict[int, int] = field(default_factory=dict)
    """Place of a rule about callers to when it began to hold for this one."""
    held: bool = False
    """A deed was decided, and it is not known yet how it went."""
    known: bool = False
    """Its moments are awaited."""
    spoken_at: int = 0
    """When something was last said to the caller, or was to be."""
    told_at: int = 0
    """When they are told of the wait the next time: what was meant for the former queue is not this."""

    @property
    def waiting(self) -> bool:
        """Rules are for those who wait on a line, not for those who are to be called back."""
        return self.entry.state is EntryState.WAITING and not self.held and self.entry.kind is Kind.CALL


@dataclass(slots=True, eq=False)
class Line:
    """One queue's."""

    queue: Queue
    steps: list[Step]
    turns: list[Turn] = field(default_factory=list)
    """Of all who have not left, sorted."""
    crews: list[Crew] = field(default_factory=list)
    experience: Experience = field(default_factory=Experience)
    open: bool | None = None
    closes_at: int | None = None
    surge: bool = False
    changed: set[str] = field(default_factory=set)
    """Quantities that may have changed since they were looked at."""

    @property
    def staffed(self) -> int:
        return sum(crew.staffed for crew in self.crews)

    @property
    def idle(self) -> int:
        return sum(crew.idle for crew in self.crews)

    @property
    def agents(self) -> float:
        """Of agents whom several queues with callers in line share, each has its part."""
        return sum(
            crew.available / max(1, sum(bool(line.turns) or line is self for line in crew.lines)) for crew in self.crews
        )

    def position(self, turn: Turn) -> int:
        """From 1."""
        return bisect_left(self.turns, turn) + 1


class Board:
    """`queues`: all of the town. The snapshot is not changed. Times are milliseconds since 1970."""

    def __init__(self, queues: Mapping[str, Queue], snapshot: Snapshot) -> None:
        self.lines = {name: Line(queue, queue.terms({})["requirement"]) for name, queue in queues.items()}
        self.callers: dict[str, Caller] = {}
        self._fresh: dict[str, None] = {}
        """Callers who joined a line, or came back to it, since it was asked for them."""
        self._changed_lines: dict[Line, None] = {}
        """Lines of which something changed since then."""
        self._touched: dict[Crew, None] = {}
        """Crews in which something changed."""
        self._surges: set[str] = set()
        self.staff_known = True
        """Else a store that forgot everything was not told yet what agents had chosen."""
        self._agents: dict[str, Agent] = {}
        self._crew_of: dict[str, Crew] = {}
        self._crews: dict[tuple[str, ...], Crew] = {}
        self._served_by: dict[frozenset[tuple[str, int]], list[str]] = {}
        self.away = Away()
        """When it has somebody who is due, `leave_out` is to be called."""
        self._talked: dict[str, str] = {}
        """Agent to the queue whose call they wrap up."""
        for agent in snapshot.agents:
            self._put_agent(replace(agent))
        for entry in snapshot.entries:
            self._join(replace(entry, followed=dict(entry.followed)))

    def outlook(self, line: Line, now: int) -> Outlook | None:
        """How long its callers wait as things are; None where too little is known."""
        if not line.experience.known(now) or (agents := line.agents) <= 0:
            return None
        return Outlook(agents, line.experience.service_ms(now), line.experience.abandonment(now))

    def head_entered(self, line: Line) -> int | None:
        """When the first in line came into the queue."""
        head = self.callers.get(line.turns[0][2]) if line.turns else None
        return head.entry.entered if head else None

    def take_changes(self) -> tuple[list[Caller], list[Line]]:
        """Callers who came or came back, and lines of which something changed, since this was asked last."""
        for crew in self._touched:
            for line in crew.lines:
                self._changed(line, STAFF)
        self._touched = {}
        fresh, changed = self._fresh, self._changed_lines
        self._fresh, self._changed_lines = {}, {}
        return [self.callers[name] for name in fresh if name in self.callers], list(changed)

    def leave_out(self, now: int) -> None:
        """Those who are away from now on do not count any more."""
        if self.away.next <= now:
            for name in self.away.due(now):
                self._count(self._agents[name], -1, away=False)
                self._count(self._agents[name], 1)

    def set_open(self, hours: str, opening: Opening | None) -> None:
        """What the town's opening hours of that name say; None: nobody knows."""
        is_open, closes_at = opening or (None, None)
        for line in self.lines.values():
            if line.queue.hours == hours and (line.open is not is_open or line.closes_at != closes_at):
                line.open, line.closes_at = is_open, closes_at
                self._changed(line, OF_HOURS)

    def set_staff_known(self, known: bool) -> None:
        """Whether those at work are all who are at work. While they are not, what asks for them is not decided."""
        if known is not self.staff_known:
            self.staff_known = known
            for line in self.lines.values():
                self._changed(line, STAFF)

    def set_surge(self, queue: str, *, on: bool) -> None:
        """The surge switch of a queue, or that of all (EVERY_QUEUE)."""
        (self._surges.add if on else self._surges.discard)(queue)
        for name, line in self.lines.items():
            surge = bool(self._surges & {name, EVERY_QUEUE})
            if surge is not line.surge:
                line.surge = surge
                self._changed(line, SWITCH)

    # --- events -------------------------------------------------------------------------------------------------

    def apply(self, event: Event) -> None:
        """Bring the picture up to date. What is not in it changes nothing."""
        kind, told = event.kind, event.data
        if on_agent := _ON_AGENT.get(kind):
            if agent := self._agents.get(told["agent"]):
                on_agent(self, agent, told, event.at)
        elif on_entry := _ON_ENTRY.get(kind):
            if caller := self.callers.get(told["entry"]):
                on_entry(self, caller, told, event.at)
        elif kind in ("entry.entered", "entry.restored", "entry.interrupted"):
            self._entered(event)
        elif kind == "entry.finished":
            self._talked[told["agent"]] = told["queue"]
        elif kind == "agent.profile":
            self._profile(told, event.at)
        elif kind == "queue.surge":
            self.set_surge(told["queue"], on=told["on"])

    def _entered(self, event: Event) -> None:
        told = event.data
        entered = told.get("entered", event.at)
        entry = Entry(told["entry"], event.call, told["queue"], told["since"], entered, told["requirement"])
        entry.state = EntryState(told.get("state", EntryState.WAITING))
        entry.members, entry.priority, entry.skills = told["members"], told["priority"], told["skills"]
        entry.kind = Kind(told["kind"])
        if entry.state is EntryState.OFFERED:
            entry.agent, entry.offer, entry.beside = told["agent"], told["offer"], list(told["beside"])
        if event.kind != "entry.entered":
            for name in HISTORY:
                if name in told:
                    setattr(entry, name, deepcopy(told[name]))
        self._join(entry, again=event.kind == "entry.interrupted")

    def _join(self, entry: Entry, *, again: bool = False, spoken_at: int = 0) -> None:
        line = self.lines.get(entry.queue)
        if line is None or entry.state is EntryState.CONNECTED or entry.kind in DEFERRED:
            return
        spoken_at = max(spoken_at, entry.announced.get("at", 0))
        self.callers[entry.id] = caller = Caller(entry, line, again=again, spoken_at=spoken_at)
        self._stand(caller)
        self._fresh[entry.id] = None

    def _stand(self, caller: Caller) -> None:
        entry = caller.entry
        caller.turn = entry.since - MS_PER_PRIORITY * entry.priority, entry.since, entry.id
        insort(caller.line.turns, caller.turn)
        self._changed(caller.line, LINE)

    def _step_out(self, caller: Caller) -> None:
        line = caller.line
        del line.turns[bisect_left(line.turns, caller.turn)]
        self._changed(line, LINE)

    def _changed(self, line: Line, quantities: frozenset[str]) -> None:
        line.changed |= quantities
        self._changed_lines[line] = None

    def _gone(self, caller: Caller, told: Mapping[str, Any], at: int) -> None:
        self._step_out(caller)
        del self.callers[caller.entry.id]
        gave_up = told.get("reason") in GAVE_UP
        if caller.again:
            return  # what they waited is known since they were answered
        caller.line.experience.waited.add(at, max(0, at - caller.entry.entered), int(gave_up))

    def _withdrawn(self, caller: Caller, told: Mapping[str, Any], at: int) -> None:
        """Where several phones rang the others may ring on."""
        take_back(caller.entry, told["offer"])
        if not caller.entry.offer:
            self._waits(caller, told, at)

    def _waits(self, caller: Caller, _: Mapping[str, Any], __: int) -> None:
        caller.entry.state, caller.held = EntryState.WAITING, False
        self._fresh[caller.entry.id] = None

    def _offered(self, caller: Caller, told: Mapping[str, Any], _: int) -> None:
        caller.entry.state, caller.held = EntryState.OFFERED, False
        entry = caller.entry
        entry.agent, entry.offer, entry.beside = told["agent"], told["offer"], list(told.get("beside", ()))

    def _aside(self, caller: Caller, _: Mapping[str, Any], __: int) -> None:
        caller.entry.state, caller.held = EntryState.ASIDE, False

    def _moved(self, caller: Caller, told: Mapping[str, Any], at: int) -> None:
        entry = caller.entry
        self._gone(caller, {}, at)
        entry.announced = {}
        entry.queue, entry.since, entry.priority, entry.entered = told["queue"], told["since"], told["priority"], at
        entry.members, entry.requirement, entry.also, entry.exits = told["members"], told["requirement"], {}, {}
        self._join(entry, spoken_at=caller.spoken_at)

    def _prioritised(self, caller: Caller, told: Mapping[str, Any], _: int) -> None:
        self._step_out(caller)
        caller.entry.priority = told["priority"]
        self._stand(caller)
        self._fresh[caller.entry.id] = None

    def _overflowed(self, caller: Caller, told: Mapping[str, Any], at: int) -> None:
        caller.held = False
        caller.entry.followed[told["rule"]] = at
        caller.entry.hops += told["action"] == "move"
        caller.entry.exits = told.get("exits", caller.entry.exits)
        self._fresh[caller.entry.id] = None

    def _widened(self, caller: Caller, told: Mapping[str, Any], _: int) -> None:
        caller.entry.also = told["also"]

    def _announced(self, caller: Caller, told: Mapping[str, Any], _: int) -> None:
        caller.held = False
        caller.entry.announced = told["announced"]

    # --- agents -------------------------------------------------------------------------------------------------

    def _profile(self, told: Mapping[str, Any], at: int) -> None:
        agent = Agent(told["agent"], told["extension"], told["name"], dict(told["skills"]), Status(told["status"]))
        agent.state, agent.device = AgentState(told["state"]), Device(told["device"])
        if agent.id in self._agents:
            self._count(self._agents[agent.id], -1)
        self._put_agent(agent, at)

    def _put_agent(self, agent: Agent, at: int = 0) -> None:
        self._agents[agent.id] = agent
        self.away.look_at(agent, at)
        names = tuple(
            name
            for name in self._serves(agent.skills)
            if not self.lines[name].queue.members or agent.id in (self.lines[name].queue.members or ())
        )
        crew = self._crews.get(names)
        if crew is None:
            crew = self._crews[names] = Crew([self.lines[name] for name in names])
            for line in crew.lines:
                line.crews.append(crew)
        self._crew_of[agent.id] = crew
        self._count(agent, 1)

    def _serves(self, skills: Skills) -> list[str]:
        """The queues that ask for somebody with these skills, in some step."""
        key = frozenset(skills.items())
        found = self._served_by.get(key)
        if found is None:
            found = self._served_by[key] = [
                name for name, line in self.lines.items() if any(meets(skills, step) for step in line.steps)
            ]
        return found

    def _count(self, agent: Agent, sign: int, *, away: bool | None = None) -> None:
        crew = self._crew_of[agent.id]
        if agent.staffed and not (agent.id in self.away if away is None else away):
            crew.staffed += sign
            if agent.status is Status.AVAILABLE:
                crew.available += sign
                crew.idle += sign * agent.ready
        self._touched[crew] = None

    def _status(self, agent: Agent, told: Mapping[str, Any], at: int) -> None:
        self._count(agent, -1)
        agent.status = Status(told["status"])
        self.away.look_at(agent, at)
        self._count(agent, 1)
        if told["reason"] == REMOVED:  # offline: it counts nowhere any more
            del self._agents[agent.id]

    def _state(self, agent: Agent, told: Mapping[str, Any], at: int) -> None:
        self._count(agent, -1)
        agent.state = AgentState(told["to"])
        self._count(agent, 1)
        if agent.state is AgentState.IDLE and (line := self.lines.get(self._talked.pop(agent.id, ""))):
            line.experience.served.add(at, max(0, at - told["offered_at"]))
            self._changed(line, EXPERIENCE)

    def _device(self, agent: Agent, told: Mapping[str, Any], at: int) -> None:
        self._count(agent, -1)
        agent.device = Device(told["device"])
        self.away.look_at(agent, at)
        self._count(agent, 1)


def recall(board: Board, events: Iterable[Event]) -> None:
    """Take in what was gone through before the snapshot that the board was made from: how long calls took, who gave up.
    Without it, nothing would be said of waits for a while after another dispatcher took over."""
    entered: dict[str, int] = {}
    talked: dict[str, str] = {}
    for event in events:
        told, at = event.data, event.at
        match event.kind:
            case "entry.entered" | "entry.moved":
                entered[told["entry"]] = at
            case "entry.answered" | "entry.left":
                line, came = board.lines.get(told["queue"]), entered.pop(told["entry"], None)
                if line and came is not None:
                    line.experience.waited.add(at, max(0, at - came), int(told.get("reason") in GAVE_UP))
            case "entry.finished":
                talked[told["agent"]] = told["queue"]
            case "agent.state" if told["to"] == AgentState.IDLE:
                if line := board.lines.get(talked.pop(told["agent"], "")):
                    line.experience.served.add(at, max(0, at - told["offered_at"]))


_ON_ENTRY: Mapping[str, Callable[[Board, Caller, Mapping[str, Any], int], None]] = {
    "entry.offered": Board._offered,
    "entry.withdrawn": Board._withdrawn,
    "entry.back": Board._waits,
    "entry.aside": Board._aside,
    "entry.sent_away": Board._aside,
    "entry.moved": Board._moved,
    "entry.prioritised": Board._prioritised,
    "entry.widened": Board._widened,
    "entry.overflowed": Board._overflowed,
    "entry.announced": Board._announced,
    "entry.answered": Board._gone,
    "entry.left": Board._gone,
}
_ON_AGENT: Mapping[str, Callable[[Board, Agent, Mapping[str, Any], int], None]] = {
    "agent.status": Board._status,
    "agent.state": Board._state,
    "agent.device": Board._device,
}
