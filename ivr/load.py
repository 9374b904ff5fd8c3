"""Flow files to flows."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ivr.model import Flow


def dialled_key(number: str) -> str:
    """The same for `+33…`, `0033…` and `33…`."""
    return number[1:] if number.startswith("+") else number.removeprefix("00")


@dataclass(frozen=True, slots=True)
class Flows:
    """All flows of a town."""

    by_name: Mapping[str, Flow] = field(default_factory=dict)
    by_number: Mapping[str, Flow] = field(default_factory=dict)
    """By `dialled_key` of each number."""

    def for_number(self, dialled: str) -> Flow:
        """The flow that a dialled number starts. A number that no flow names starts the first flow that has numbers: a
        caller who found the way here is better heard than turned away."""
        flow = self.by_number.get(dialled_key(dialled))
        return flow or next(iter(self.by_number.values()), None) or next(iter(self.by_name.values()))
