"""The shelf in one process, for tests and for whatever needs no other."""

import asyncio
from collections.abc import Collection, Mapping
from time import monotonic

from core.events import Event
from versions.record import Move, Node, Version
from versions.shelf import MOST_MOVES, NODE_LIVES_MS, NotMoved, Told, unreferenced, why_not


class MemoryShelf:
    def __init__(self) -> None:
        self._pieces: dict[str, bytes] = {}
        self._versions: dict[str, Version] = {}
        self._moves: list[Move] = []
        self._live = ""
        self._told: list[Told] = []
        self._news = asyncio.Event()
        self._nodes: dict[str, tuple[float, Node]] = {}
        self.events: list[Event] = []
        """What the commits told."""

    async def missing(self, digests: Collection[str]) -> set[str]:
        return set(digests) - set(self._pieces)

    async def put(self, contents: Mapping[str, bytes]) -> None:
        self._pieces |= contents

    async def piece(self, digest: str) -> bytes | None:
        return self._pieces.get(digest)

    async def propose(self, version: Version) -> str:
        self._versions[version.version] = version
        self._tell("proposed", version.version)
        return await self.now()

    async def version(self, name: str) -> Version | None:
        return self._versions.get(name)

    async def versions(self) -> list[str]:
        return sorted(self._versions)

    async def forget(self, names: Collection[str]) -> None:
        gone = [self._versions.pop(name) for name in set(names) - {self._live} if name in self._versions]
        for digest in unreferenced(list(self._versions.values()), gone):
            self._pieces.pop(digest, None)

    async def live(self) -> str:
        return self._live

    async def go_live(self, move: Move, event: Event) -> None:
        if self._moves and self._moves[0].id == move.id:
            return
        if why := why_not(move, self._live, move.version in self._versions):
            raise NotMoved(why)
        self._live = move.version
        self._moves = [move, *self._moves][:MOST_MOVES]
        self.events.append(event)
        self._tell("live", move.version)

    async def moves(self) -> list[Move]:
        return list(self._moves)

    async def now(self) -> str:
        return str(len(self._told))

    async def told(self, after: str, wait_ms: int) -> list[tuple[str, Told]]:
        if int(after) >= len(self._told) and wait_ms > 0:
            self._news.clear()
            try:
                async with asyncio.timeout(wait_ms / 1000):
                    await self._news.wait()
            except TimeoutError:
                return []
        return [(str(at + 1), told) for at, told in enumerate(self._told) if at >= int(after)]

    async def report(self, node: Node) -> None:
        self._nodes[node.name] = (monotonic(), node)

    async def nodes(self) -> list[Node]:
        since = monotonic() - NODE_LIVES_MS / 1000
        return [node for _, (at, node) in sorted(self._nodes.items()) if at >= since]

    async def leave(self, node: str) -> None:
        self._nodes.pop(node, None)

    async def close(self) -> None:
        pass

    def _tell(self, what: str, version: str) -> None:
        self._told.append(Told(what, version))
        self._news.set()
