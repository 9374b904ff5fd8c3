"""Where versions stand so that every machine can take them: a port, with a twin in memory. A method is one commit."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple, Protocol

from core.errors import GuichetError
from core.events import Event
from versions.record import Move, Node, Version

MOST_PIECE = 20_000_000
"""Bytes of one file: ten minutes of sound at 16 kHz."""
MOST_VERSION = 300_000_000
"""Bytes of one version, which the store keeps in memory."""
MOST_MOVES = 500
"""Moves that are remembered."""
NODE_LIVES_MS = 5_000
"""A node that has said nothing for so long is gone."""


class NotMoved(GuichetError):
    """The live pointer was not moved: the sentence says why."""


class Told(NamedTuple):
    """What nodes are told: `proposed`, a version to get ready; `live`, one to serve new calls with."""

    what: str
    version: str


class Shelf(Protocol):
    # --- what versions are made of -------------------------------------------------------------------------------
    async def missing(self, digests: Collection[str]) -> set[str]:
        """Those of the contents that are not on the shelf."""

    async def put(self, contents: Mapping[str, bytes]) -> None:
        """Keep contents by their digests."""

    async def piece(self, digest: str) -> bytes | None: ...

    # --- versions ------------------------------------------------------------------------------------------------
    async def propose(self, version: Version) -> str:
        """Keep what the version is, and tell the nodes to get it ready; gives the cursor after which they know."""

    async def version(self, name: str) -> Version | None: ...

    async def versions(self) -> list[str]:
        """All that are kept."""

    async def forget(self, names: Collection[str]) -> None:
        """Let go of these versions, but never of the live one, and of the contents that no other version has."""

    # --- the live one --------------------------------------------------------------------------------------------
    async def live(self) -> str:
        """'' where none is yet."""

    async def go_live(self, move: Move, event: Event) -> None:
        """Move the pointer, all at once with the event and what the nodes are told. Raises NotMoved, with nothing
        changed, where `move.before` is not the live one, or the version is not on the shelf. Safe to repeat."""

    async def moves(self) -> list[Move]:
        """The last one first."""

    # --- nodes ---------------------------------------------------------------------------------------------------
    async def now(self) -> str:
        """A cursor after everything that was told so far."""

    async def told(self, after: str, wait_ms: int) -> list[tuple[str, Told]]:
        """What nodes were told after the cursor, with the next cursors; waits up to so long for the first."""

    async def report(self, node: Node) -> None:
        """A node says how it stands; it is known for NODE_LIVES_MS."""

    async def nodes(self) -> list[Node]:
        """Those who reported of late, by name."""

    async def leave(self, node: str) -> None: ...

    async def close(self) -> None: ...


def is_after(cursor: str, other: str) -> bool:
    """Whether whoever has read up to `cursor` has read what stands at `other`."""
    return _parts(cursor) >= _parts(other)


def _parts(cursor: str) -> tuple[int, ...]:
    return tuple(int(part) for part in cursor.split("-") if part.isdigit())


def why_not(move: Move, live: str, known: bool) -> str:
    """Why the pointer cannot be moved, '' where it can."""
    if not known:
        return f"the version {move.version} is not kept any more"
    if live != move.before:
        who = f"the version {live} is live" if live else "no version is live"
        return f"{who}, not {move.before or 'none'}: somebody else has published meanwhile; look at it, then try again"
    return ""


def unreferenced(kept: Sequence[Version], gone: Sequence[Version]) -> set[str]:
    """Contents of the versions that go which none that stays has."""
    staying = {piece.digest for version in kept for piece in version.files.values()}
    return {piece.digest for version in gone for piece in version.files.values()} - staying
