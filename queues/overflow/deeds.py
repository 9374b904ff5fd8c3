"""What is to be committed for a waiting call: an overflow rule is followed, or the caller is told of the wait."""

from dataclasses import dataclass, field
from typing import Any

from queues.model import Membership, Step, Terms


@dataclass(slots=True)
class Move:
    """Into another queue, with what that queue says. `since`: from when on the wait counts there."""

    queue: str
    terms: Terms
    since: int


@dataclass(slots=True)
class Deed:
    """One for one entry. Refused where the entry is not waiting: then nothing is done, and nothing is lost."""

    id: str
    entry: str
    at: int
    rule: str
    """`QUEUE/NUMBER`, numbers from 1; empty: an announcement."""
    told: dict[str, Any] = field(default_factory=dict)
    """What the event says: for a rule action, when, values, why; for an announcement what the caller hears."""
    move: Move | None = None
    priority: int | None = None
    """The new one."""
    also: dict[str, list[Step]] | None = None
    """All whom overflow rules added by then."""
    members: dict[str, Membership] = field(default_factory=dict)
    """Agents who may be asked besides, where members alone are."""
    exits: dict[str, str] | None = None
    announced: dict[str, int] | None = None
    notice: dict[str, Any] = field(default_factory=dict)
    """What the node that holds the call is told; empty: nothing."""
    aside: bool = False
    """The caller is set aside for it: nobody is tried meanwhile."""
