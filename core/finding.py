"""What a rule of a checker found, before it is told with its place."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from core.document import DataPath, Document
from core.filemodel import nearest
from core.files import Fault


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found at a path of a file. `offset`: that character of the text there; `at_key`: the key at
    the end of the path. `name`: one that is not among those that are `known`; the message goes on with the nearest."""

    path: DataPath
    message: str
    offset: int | None = None
    at_key: bool = False
    name: str = ""
    known: Collection[str] = ()

    def inside(self, path: DataPath) -> "Finding":
        """The same, of something that stands at that path of its file."""
        return replace(self, path=(*path, *self.path)) if path else self

    def fault(self, document: Document, rule: str, *, near: bool = True) -> Fault:
        """As it is told. `near`: with the nearest known name."""
        place = document.key_place(self.path) if self.at_key else document.place(self.path, self.offset)
        known = nearest(self.name, list(self.known)) if self.name and near else ""
        return Fault(place, self.message + known, rule)
