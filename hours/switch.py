"""The emergency switch: whatever files say, a service is closed, or open, at once and on every engine."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, Protocol, Self

from core.events import Event
from core.ids import NewId

EVERYTHING = "*"
"""Instead of the name of hours: all of them. The switch of one name wins over it."""

Position = Literal["open", "closed"]


@dataclass(frozen=True, slots=True)
class Switch:
    """Thrown `at`, in force until `until` (both milliseconds since 1970; 0: until it is taken back)."""

    position: Position
    at: int
    until: int = 0
    because: str = ""
    author: str = ""

    def in_force(self, at: int) -> bool:
        return not self.until or at < self.until

    def to_data(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        return cls(**data)


class Switches(Protocol):
    """Where they are kept (queues/store/port.py)."""

    async def set_switch(self, name: str, switch: Mapping[str, Any] | None, events: Sequence[Event]) -> None: ...

    async def switches(self) -> dict[str, dict[str, Any]]: ...


def switch_for(switches: Mapping[str, Mapping[str, Any]], name: str, at: int) -> Switch | None:
    """The one that decides for these hours at that moment."""
    for each in (name, EVERYTHING):
        if each in switches and (switch := Switch.from_data(switches[each])).in_force(at):
            return switch
    return None


async def throw(switches: Switches, name: str, switch: Switch, new_id: NewId) -> None:
    """Put the switch of these hours (or EVERYTHING) in force; the one that was thrown before is gone."""
    told = {"hours": name, **switch.to_data()}
    await switches.set_switch(name, switch.to_data(), [Event(new_id(), "hours.switched", switch.at, "", told)])


async def take_back(switches: Switches, name: str, author: str, at: int, new_id: NewId) -> None:
    """The hours of the files hold again."""
    told = {"hours": name, "position": "", "at": at, "until": 0, "because": "", "author": author}
    await switches.set_switch(name, None, [Event(new_id(), "hours.switched", at, "", told)])
