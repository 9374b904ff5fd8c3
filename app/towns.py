"""The versions of the town that calls may be on, and what each of them says."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from weakref import WeakValueDictionary

from app.town import Town, good_version, load_town
from core.clock import Clock
from core.errors import GuichetError
from core.ids import NewId
from versions import disk
from versions.follower import Progress
from versions.record import Move, Version, event_of
from versions.shelf import NotMoved, Shelf

log = logging.getLogger(__name__)

FETCHED_WITHIN_S = 3.0
"""How long a call that comes from elsewhere waits for its version."""

Prepare = Callable[[Town, Progress], Awaitable[None]]
"""Whatever must be done before calls can begin on a town."""


class KeptTowns:
    """The live version, and others for as long as a call is on them. Versions come from the shelf, and stand on this
    machine's disk: a store that is away keeps nobody from being served."""

    def __init__(self, state: Path) -> None:
        self._state = state
        live = good_version(state)
        if live is None:
            raise GuichetError(f"there is no town in {state}: start the house with `./guichet up`.")
        self._live = live
        self._known: WeakValueDictionary[str, Town] = WeakValueDictionary({live.version: live})
        self.fetch: Callable[[str], Awaitable[Town]] = _nowhere
        """Whence versions come that are not on this machine. Raises GuichetError."""
        self.brought: Callable[[Town], Awaitable[None]] = _nothing
        """What is to be done with a version that a call from elsewhere brought here."""

    def live(self) -> Town:
        return self._live

    def of(self, version: str) -> Town:
        """That version; the live one where it is not on this machine, and could not be brought."""
        town = self._known.get(version)
        if town is None:
            town = good_version(self._state, version) or self._live
            self._known[version] = town
        return town

    async def bring(self, version: str) -> Town:
        """As `of`; what is not on this machine is fetched from the shelf, for a few seconds at most."""
        if (known := self._known.get(version)) is not None:
            return known
        town = await asyncio.to_thread(good_version, self._state, version)
        try:
            async with asyncio.timeout(FETCHED_WITHIN_S):
                town = town or await self.fetch(version)
                await self.brought(town)
        except (GuichetError, TimeoutError) as error:
            log.warning("versions: a call on %s goes on with the live one, %s: %s", version, self._live.version, error)
            return self._live
        self.take(town)
        return town

    def take(self, town: Town) -> None:
        """A version that was read is to be had by `of`, for as long as somebody keeps it."""
        self._known[town.version] = town

    def switch(self, town: Town) -> None:
        self._live = town


class TownHolder:
    """What a node does with versions of the town (versions.follower.Holder). `prepare`: what must be done before calls
    can begin on one; `calls`: how many there are on each."""

    def __init__(
        self,
        state: Path,
        shelf: Shelf,
        towns: KeptTowns,
        prepare: Prepare,
        clock: Clock,
        new_id: NewId,
        calls: Callable[[], Mapping[str, int]] = dict,
    ) -> None:
        self._state, self._shelf, self._towns, self._prepare = state, shelf, towns, prepare
        self._clock, self._new_id = clock, new_id
        self.calls = calls
        self._held: dict[str, tuple[Town, str]] = {}
        self._noted: asyncio.Future[None] | None = None
        towns.fetch = self.fetch

    async def hold(self, version: Version, progress: Progress) -> None:
        town = await self._read(version)
        await self._prepare(town, progress)
        self._held = {version.version: (town, version.source)}
        self._towns.take(town)

    def switch(self, version: str) -> None:
        town, source = self._held.pop(version)
        self._towns.switch(town)
        # The disk may be slow, and no call waits for it: after a crash, the shelf says which version is live.
        self._noted = asyncio.get_running_loop().run_in_executor(None, self._note, town.version, source)

    def _note(self, version: str, source: str) -> None:
        try:
            disk.set_current(self._state, version, source)
            disk.sweep(self._state, self._clock() / 1000, self.calls())
        except OSError as error:
            log.warning("versions: that %s is live cannot be noted on the disk: %s", version, error)

    async def fetch(self, name: str) -> Town:
        """A version that a call from elsewhere is on. GuichetError where it is kept nowhere."""
        version = await self._shelf.version(name)
        if version is None:
            raise GuichetError(f"the version {name} is not kept any more")
        town = await self._read(version)
        self._towns.take(town)
        return town

    async def restore(self) -> None:
        """Publish what `up` left to be published, where nobody published anything else since; the version that this
        machine serves, where none is live."""
        live, wanted = await self._shelf.live(), disk.wanted(self._state)
        if wanted and wanted.before == live and wanted.version != live:
            await self._go_live(wanted)
        elif not live:
            here = self._towns.live().version
            await self._go_live(Move(self._new_id(), here, self._clock(), "guichet", how="restored"))
        disk.no_longer_wanted(self._state)

    async def _go_live(self, move: Move) -> None:
        town = await asyncio.to_thread(good_version, self._state, move.version)
        if town is None:
            raise GuichetError(f"the version {move.version}, which is to be published, is damaged")
        await self._put(town)
        try:
            await self._shelf.go_live(move, event_of(move))
            log.info("versions: %s %s", move.version, move.how)
        except NotMoved as error:
            log.info("versions: %s", error)  # another node was quicker

    async def _put(self, town: Town) -> None:
        content = disk.contents_of(town.files, town.folder, town.content)
        pieces = {piece.digest: piece for piece in town.content.files.values()}
        for digest in await self._shelf.missing(set(pieces)):
            await self._shelf.put({digest: await asyncio.to_thread(content, pieces[digest])})
        await self._shelf.propose(replace(town.content, source=disk.source(self._state)))

    async def _read(self, version: Version) -> Town:
        """From this machine's disk, to which it is brought where it is not there."""
        if town := await asyncio.to_thread(good_version, self._state, version.version):
            return town
        for piece in version.files.values():
            if not disk.has_piece(self._state, piece):
                content = await self._shelf.piece(piece.digest)
                if content is None:
                    raise GuichetError(f"the version {version.version} is not whole on the shelf")
                await asyncio.to_thread(disk.put_piece, self._state, piece, content)
        folder = await asyncio.to_thread(disk.keep, self._state, version, _none)
        town = await asyncio.to_thread(load_town, folder)
        if town.faults or town.version != version.version:
            why = str(town.faults[0]) if town.faults else "its files are not what they should be"
            raise GuichetError(f"the version {version.version} cannot be read here: {why}")
        return town


async def _nothing(_: Town) -> None:
    pass


async def _nowhere(version: str) -> Town:
    raise GuichetError(f"the version {version} is not on this machine")


def _none(_: object) -> bytes:
    raise GuichetError("a file of the version went while it was put together")
