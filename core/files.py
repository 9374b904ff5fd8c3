"""Faults in the files that admins edit: each says where, what, and which rule."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A point in a file; lines and columns count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """Something wrong in a file, printed as `FILE:LINE:COL: message [rule]`."""

    place: Place
    message: str
    rule: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message} [{self.rule}]"


@dataclass(slots=True)
class Faults:
    """Collects every fault of a load, so that all are shown at once."""

    found: list[Fault] = field(default_factory=list)

    def add(self, place: Place, message: str, rule: str) -> None:
        self.found.append(Fault(place, message, rule))


def shown(path: Path) -> str:
    """A path as people read it: relative to where they stand, if it is below."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
