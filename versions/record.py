"""What is known of a version, of a move from one to another, and of the nodes that follow. Plain data, JSON on the
shelf."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Literal, NamedTuple, Self

from core.events import Event

How = Literal["published", "rolled back", "restored"]


class Piece(NamedTuple):
    """A file's content: its SHA-256 in hexadecimal, and how many bytes it has."""

    digest: str
    size: int


def piece_of(content: bytes) -> Piece:
    return Piece(hashlib.sha256(content).hexdigest(), len(content))


def version_of(files: Mapping[str, Piece]) -> str:
    """The first 12 hexadecimal digits of the SHA-256 over names and contents: the same files, the same version."""
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name}\0{files[name].digest}\n".encode())
    return digest.hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Version:
    """What a version holds: `files` by their path inside the town. `source`: the folder that it was read from."""

    version: str
    files: Mapping[str, Piece]
    source: str = ""

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(piece.size for piece in self.files.values())

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        data = json.loads(text)
        files = {name: Piece(*piece) for name, piece in data.pop("files").items()}
        return cls(files=files, **data)


@dataclass(frozen=True, slots=True)
class Move:
    """The live pointer moved to `version`. `at` in milliseconds since 1970; `id` makes it safe to commit twice."""

    id: str
    version: str
    at: int
    author: str
    note: str = ""
    how: How = "published"
    before: str = ""
    """Which version was live until then; ''  where none was."""

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        return cls(**json.loads(text))


def event_of(move: Move) -> Event:
    """The move as a fact for the event stream."""
    data = {name: getattr(move, name) for name in ("version", "before", "author", "note", "how")}
    return Event(move.id, "town.published", move.at, "", data)


@dataclass(frozen=True, slots=True)
class Node:
    """A process that follows, as it says itself. `holds`: the version that it has ready besides the live one; `of`
    things to prepare for it, `done` so far; `failed`: why it cannot hold `trying`; `heard`: a cursor, up to where it
    has read what nodes are told."""

    name: str
    kind: str
    live: str = ""
    holds: str = ""
    trying: str = ""
    done: int = 0
    of: int = 0
    failed: str = ""
    heard: str = ""
    calls: Mapping[str, int] = field(default_factory=dict)
    """How many calls it has on each version."""

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        return cls(**json.loads(text))
