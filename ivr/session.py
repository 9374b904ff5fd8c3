"""A call's state in its flow: plain data that survives being stored at every wait."""

from dataclasses import dataclass, field
from typing import Any, Self

from ivr.acts import Value as Value  # also had from here

MOST_PATH = 200
"""Steps of a call that are remembered, the last ones."""
MOST_CHOICES = 50


@dataclass(slots=True)
class Session:
    """Everything a flow knows of one call. `to_data` gives JSON data, to be stored before the
    session goes on; `from_data` makes the same session again."""

    call: str
    flow: str
    """The flow that the call began with; `frames` say which one it is in."""
    version: str
    language: str
    step: str = ""
    caller: dict[str, Value] = field(default_factory=dict)
    """`caller.number`, `caller.name`, `caller.contacts` (earlier contacts known), …"""
    variables: dict[str, Value] = field(default_factory=dict)
    attempts: dict[str, int] = field(default_factory=dict)
    """How often the waiting step heard nothing (`nothing`), nothing valid (`invalid`), …"""
    notes: dict[str, Value] = field(default_factory=dict)
    """What the waiting step keeps for itself until it is left."""
    frames: list[dict[str, Any]] = field(default_factory=list)
    """The sub-flows that the call is in, the innermost last: `flow` is its name, `step` the step that called it and
    `variables` what that one's flow knew."""
    pace: int = 1
    """Silence is allowed so many times longer than steps say: more than 1 once the caller asked for more time."""
    path: list[str] = field(default_factory=list)
    """Steps entered, in order, those of sub-flows as FLOW/STEP; the last MOST_PATH are kept."""
    choices: list[dict[str, str]] = field(default_factory=list)
    """What was keyed in: step, digits, choice ('' where it led nowhere); the last MOST_CHOICES are kept."""
    now: str = ""
    """The local time at which opening hours were last asked for, `2026-11-23T16:30`: what is spoken of a moment
    ("demain") is said from there."""
    ended: bool = False

    @property
    def inside(self) -> str:
        """The flow that the call is in now."""
        return str(self.frames[-1]["flow"]) if self.frames else self.flow

    @property
    def place(self) -> str:
        """The step that the call is in, as it stands in `path`."""
        return f"{self.inside}/{self.step}" if self.frames else self.step

    def to_data(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Self:
        return cls(**data)
