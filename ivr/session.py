"""A call's state in its flow: plain data that survives being stored at every wait."""

from dataclasses import dataclass, field
from typing import Any, Self

from ivr.acts import Value as Value  # also had from here

MOST_PATH = 200
"""Steps of a call that are remembered, the last ones."""


@dataclass(slots=True)
class Session:
    """Everything a flow knows of one call. `to_data` gives JSON data, to be stored before the
    session goes on; `from_data` makes the same session again."""

    call: str
    flow: str
    version: str
    language: str
    step: str = ""
    caller: dict[str, Value] = field(default_factory=dict)
    """`caller.number`, `caller.name`, `caller.contacts` (earlier contacts known), …"""
    variables: dict[str, Value] = field(default_factory=dict)
    attempts: dict[str, int] = field(default_factory=dict)
    """How often the waiting step heard nothing (`nothing`) or nothing valid (`invalid`)."""
    path: list[str] = field(default_factory=list)
    """Steps entered, in order; the last MOST_PATH are kept."""
    ended: bool = False

    def to_data(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Self:
        return cls(**data)
