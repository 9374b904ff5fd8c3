"""What is stored of a live call at each wait: enough for any engine to take it over."""

from dataclasses import dataclass, field
from typing import Any, Self

from core.clock import Clock
from core.events import Event
from core.ids import NewId
from ivr.session import Session


@dataclass(frozen=True, slots=True)
class Arrival:
    """How a call came in, cleaned."""

    number: str
    """The caller's number, `[0-9+*#]`; empty when withheld."""
    name: str
    dialled: str
    withheld: bool = False


@dataclass(slots=True)
class CallRecord:
    """A call between two waits. `entry` is the id of its place in a queue, or empty."""

    session: Session
    asterisk: str
    channel: str
    arrived: int
    entry: str = ""
    queue: str = ""
    """The queue that it is in, or was in last."""
    first_queued: int = 0
    """When this contact was first queued: its age in every later queue."""
    entered: int = 0
    """When it came into the queue that it is in, or was in last."""
    visits: int = 0
    """How many times it was put in line, or through to somebody outside."""
    node: str = ""
    """The engine that holds the call."""
    dialling: str = ""
    """The transfer that was begun, as the line itself knows it, or empty."""
    onward: dict[str, Any] = field(default_factory=dict)
    """Where an agent sends the caller whose conversation with them is over (telephony/onward.py), until they are in
    line there."""
    asked: dict[str, Any] = field(default_factory=dict)
    """Of an agent who asks somebody (telephony/between.py): channel, room, visit (for what the caller
    is in the room), done (the last thing that was seen to), former (an entry that is to be ended)."""
    moved: dict[str, Any] = field(default_factory=dict)
    """What the entry is like, where it is not the flow's own any more but one that an agent sent the caller to."""

    def to_data(self) -> dict[str, Any]:
        return {**{name: getattr(self, name) for name in self.__slots__}, "session": self.session.to_data()}

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Self:
        return cls(**{**data, "session": Session.from_data(data["session"])})


def ended(call: str, session: Session, reason: str, at: int) -> Event:
    """The end of a call: one event, whoever tells it."""
    told = {"reason": reason, "step": session.place, "path": session.path, "language": session.language}
    return Event(f"{call}-ended", "call.ended", at, call, told)


@dataclass(slots=True)
class Log:
    """Events of one call that wait to be stored along with its next save."""

    call: str
    clock: Clock
    new_id: NewId
    pending: list[Event]

    def add(self, kind: str, **data: Any) -> None:
        self.pending.append(Event(self.new_id(), kind, self.clock(), self.call, data))

    def take(self) -> list[Event]:
        taken, self.pending = self.pending, []
        return taken
