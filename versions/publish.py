"""Publishing: contents to the shelf, every node gets ready, and then the pointer moves, all at once. Killed at any
point before that, the old version stays live; after it, the new one is, whole."""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass
from time import monotonic
from typing import Protocol

from core.errors import GuichetError
from core.ids import NewId
from versions.disk import KEPT, Content
from versions.record import Move, Node, Version, event_of
from versions.shelf import MOST_PIECE, MOST_VERSION, Shelf, is_after

READY_WITHIN_S = 300.0
"""Rendering a large town's prompts for the first time takes a while."""
SWITCHED_WITHIN_S = 10.0
LOOK_S = 0.01
MOST_TOGETHER = 4_000_000
"""Bytes of contents that are sent in one command."""
LEASE = "publishing"
LEASE_MS = 15_000

Step = Callable[[str, int, int], None]
"""Told what goes on, how much of it is done, of how much."""


class Leases(Protocol):
    """The store's."""

    async def take_lease(self, name: str, holder: str, ttl_ms: int) -> int | None: ...

    async def release_lease(self, name: str, holder: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Published:
    """What came of it. `switch_s`: seconds from the pointer's move until every node had switched; `late`: nodes that
    had not by then, and follow as soon as they can."""

    move: Move
    nodes: tuple[str, ...]
    switch_s: float
    late: tuple[str, ...] = ()


class Publisher:
    """One at a time: `with_lease` around whatever changes the shelf."""

    def __init__(self, shelf: Shelf, leases: Leases, new_id: NewId, step: Step) -> None:
        self._shelf, self._leases, self._step = shelf, leases, step
        self._new_id = new_id
        self._holder = new_id()

    async def publish(self, version: Version, contents: Content, move: Move, needed: Collection[str] = ()) -> Published:
        """Raises GuichetError where it cannot be published; callers are then served as before. `needed`: versions that
        calls are on."""
        await self._lease()
        try:
            nodes = await self._all_ready(version.version, await self.offer(version, contents))
            self._step("Switching", 0, len(nodes))
            published = await self._move(move, nodes)
            self._step("Switched", len(nodes), len(nodes))
            await self._forget(needed)
            return published
        finally:
            await self._leases.release_lease(LEASE, self._holder)

    async def offer(self, version: Version, contents: Content) -> str:
        """Put a version on the shelf, and tell the nodes to get it ready; gives the cursor after which they know."""
        large = [name for name, piece in version.files.items() if piece.size > MOST_PIECE]
        if large:
            raise GuichetError(f"{large[0]} is larger than {MOST_PIECE // 1_000_000} MB: make it shorter.")
        if version.size > MOST_VERSION:
            raise GuichetError(f"The town's files are larger than {MOST_VERSION // 1_000_000} MB together.")
        pieces = {piece.digest: piece for piece in version.files.values()}
        missing = sorted(await self._shelf.missing(set(pieces)))
        together: dict[str, bytes] = {}
        for done, digest in enumerate(missing):
            self._step("Keeping files", done, len(missing))
            together[digest] = await asyncio.to_thread(contents, pieces[digest])
            if sum(map(len, together.values())) > MOST_TOGETHER:
                await self._shelf.put(together)
                await self._lease()
                together = {}
        await self._shelf.put(together)
        self._step("Telling the nodes", 0, 0)
        return await self._shelf.propose(version)

    async def _lease(self) -> None:
        if await self._leases.take_lease(LEASE, self._holder, LEASE_MS) is None:
            raise GuichetError("Somebody else is publishing now: wait until that is done (15 s if it was killed).")

    async def _all_ready(self, version: str, told: str) -> list[str]:
        """The nodes that hold the version; those that died meanwhile do not count."""
        until = monotonic() + READY_WITHIN_S
        while True:
            nodes = await self._shelf.nodes()
            know = [node for node in nodes if is_after(node.heard, told)]
            if failed := next((node for node in know if node.failed and node.trying == version), None):
                raise GuichetError(f"Not published: {failed.kind} {failed.name} cannot serve it: {failed.failed}.")
            waiting = [node for node in nodes if not _ready(node, version)]
            if not waiting:
                return [node.name for node in nodes]
            if monotonic() > until:
                names = ", ".join(node.name for node in waiting)
                raise GuichetError(f"Not published: {names} did not get it ready in {READY_WITHIN_S:g} s.")
            done, of = sum(node.done for node in waiting), sum(node.of for node in waiting)
            self._step("Rendering prompts", done, of)
            await self._lease()
            await asyncio.sleep(LOOK_S)

    async def _move(self, move: Move, nodes: Collection[str]) -> Published:
        await self._shelf.go_live(move, event_of(move))
        moved = monotonic()
        while True:
            late = [node.name for node in await self._shelf.nodes() if node.name in nodes and node.live != move.version]
            took = monotonic() - moved
            if not late or took > SWITCHED_WITHIN_S:
                return Published(move, tuple(nodes), took, tuple(late))
            await asyncio.sleep(LOOK_S)

    async def _forget(self, needed: Collection[str]) -> None:
        """All but the last KEPT versions that were live, and those that calls are on."""
        lately = list(dict.fromkeys(move.version for move in await self._shelf.moves()))[:KEPT]
        calls = {version for node in await self._shelf.nodes() for version in node.calls}
        await self._shelf.forget(set(await self._shelf.versions()) - set(lately) - calls - set(needed))


def _ready(node: Node, version: str) -> bool:
    return version in (node.holds, node.live)
