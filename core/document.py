"""Data of a file together with the place of each piece, so that a fault can be pointed at."""

from dataclasses import dataclass, field
from typing import Any

from core.files import Place

DataPath = tuple[str | int, ...]
"""The way to a value in a file: keys and list positions."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a key or a value begins, from 1. `text_at`: the column of its first character inside quotes, or 0 where the
    text does not stand in the file as it is (several lines, escapes)."""

    line: int
    column: int
    text_at: int = 0


@dataclass(slots=True)
class Document:
    """A file's data, and where each piece of it stands."""

    file: str
    data: Any = None
    keys: dict[DataPath, Spot] = field(default_factory=dict)
    values: dict[DataPath, Spot] = field(default_factory=dict)

    def place(self, path: DataPath = (), offset: int | None = None) -> Place:
        """Where the value at the path stands; with an offset, that character of its text. A path that is not in the
        file stands for the closest one around it."""
        while path not in self.values and path:
            path, offset = path[:-1], None
        spot = self.values.get(path, Spot(1, 1))
        if offset is not None and spot.text_at:
            return Place(self.file, spot.line, spot.text_at + offset)
        return Place(self.file, spot.line, spot.column)

    def key_place(self, path: DataPath) -> Place:
        """Where the key at the end of the path stands; the value's place where it is no key."""
        spot = self.keys.get(path)
        return Place(self.file, spot.line, spot.column) if spot else self.place(path)
