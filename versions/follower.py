"""A node follows the live version: it gets proposed ones ready, switches when told, and says how it stands.

What a node does with a version is the holder's: an engine reads flows and renders prompts, the web reads answers."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Protocol

from core.errors import GuichetError
from queues.store.port import StoreAway
from versions.record import Node, Version
from versions.shelf import Shelf

log = logging.getLogger(__name__)

BEAT_MS = 1_000
"""How often a node says that it is there, and looks whether it missed something."""
PAUSE_S = 0.5
"""Before something that failed is tried again."""

Progress = Callable[[int, int], None]
"""Told how many things are done, of how many."""


class Holder(Protocol):
    """What a node can do with versions."""

    async def hold(self, version: Version, progress: Progress) -> None:
        """Get it ready, so that a switch takes no time. Raises GuichetError."""

    def switch(self, version: str) -> None:
        """New calls begin on it; it is held."""

    def calls(self) -> Mapping[str, int]:
        """How many calls there are on each version."""

    async def restore(self) -> None:
        """Asked at the start, and when no version is live, since the store is new or was wiped: put there what has to
        be."""


class Follower:
    """`begin`, then `run`. `live` is the version that the node serves."""

    def __init__(self, shelf: Shelf, holder: Holder, name: str, kind: str) -> None:
        self._shelf, self._holder, self._name, self._kind = shelf, holder, name, kind
        self.live = ""
        self._held = ""
        self._wanted = ""
        """The version that was proposed last, until it is being held."""
        self._trying, self._failed = "", ""
        self._done, self._of = 0, 0
        self._holding: asyncio.Task[None] | None = None
        self._cursor = self._heard = "0"
        """Up to where was read, and up to where it was acted upon."""

    async def begin(self) -> None:
        """Agree with the shelf on the live version, and serve it."""
        self._cursor = self._heard = await self._shelf.now()
        await self._holder.restore()
        await self._follow_live()
        if not self.live:
            raise GuichetError(f"The live version of the town cannot be served: {self._failed or 'there is none'}.")

    async def run(self) -> None:
        """For ever. Whatever goes wrong, the version that is served stays."""
        try:
            while True:
                try:
                    await self._turn()
                except StoreAway as error:
                    log.warning("versions: the store is away, %s stays: %s", self.live, error)
                    await asyncio.sleep(PAUSE_S)
        finally:
            await self._stop_holding()

    async def leave(self) -> None:
        """Be no node any more; said once, at the end."""
        try:
            await self._shelf.leave(self._name)
        except StoreAway:
            log.info("versions: the store is away; it forgets the node %s by itself", self._name)

    async def _turn(self) -> None:
        await self._report()
        told = await self._shelf.told(self._cursor, BEAT_MS)
        for self._cursor, each in told:
            if each.what == "proposed":
                self._wanted, self._failed = each.version, ""
        self._heard = self._cursor
        if not await self._shelf.live():
            await self._holder.restore()
        await self._follow_live()
        await self._hold_wanted()

    async def _follow_live(self) -> None:
        version = await self._shelf.live()
        if not version or version == self.live:
            return
        if version != self._held:
            if self._holding and self._trying != version:
                self._wanted = self._wanted or self._trying  # somebody may wait for it: after this one
                await self._stop_holding()
            if self._holding is None:
                self._holding = asyncio.create_task(self._hold(version), name="hold")
            while not (await asyncio.wait({self._holding}, timeout=BEAT_MS / 1000))[0]:
                await self._report()
            self._holding = None
        if version != self._held:
            if self.live:
                await asyncio.sleep(PAUSE_S)
            return
        self._holder.switch(version)
        self.live, self._held = version, ""
        await self._report()
        log.info("versions: %s is live", version)

    async def _hold_wanted(self) -> None:
        if self._wanted not in ("", self.live, self._held):
            await self._stop_holding()
            self._holding = asyncio.create_task(self._hold(self._wanted), name="hold")
        self._wanted = ""

    async def _hold(self, name: str) -> None:
        self._trying, self._failed, self._done, self._of = name, "", 0, 0
        try:
            version = await self._shelf.version(name)
            if version is None:
                raise GuichetError(f"the version {name} is not on the shelf")
            await self._holder.hold(version, self._progress)
        except (GuichetError, OSError) as error:
            self._failed = str(error)
            log.error("versions: %s cannot be held, %s stays: %s", name, self.live or "none", error)
        except Exception as error:
            self._failed = f"a fault of its own: {error}"
            log.exception("versions: %s cannot be held, %s stays", name, self.live or "none")
        else:
            self._held = name
        await self._tell()

    def _progress(self, done: int, of: int) -> None:
        self._done, self._of = done, of

    async def _stop_holding(self) -> None:
        if self._holding:
            self._holding.cancel()
            await asyncio.gather(self._holding, return_exceptions=True)
            self._holding = None

    async def _report(self) -> None:
        await self._shelf.report(
            Node(
                self._name, self._kind, self.live, self._held, self._trying, self._done, self._of, self._failed,
                self._heard, self._holder.calls(),
            )
        )  # fmt: skip

    async def _tell(self) -> None:
        try:
            await self._report()
        except StoreAway:
            log.info("versions: the store is away; how %s stands is said later", self._name)
