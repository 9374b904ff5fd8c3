"""Nodes that follow the shelf, and whoever publishes: all get ready, then all switch; a failure changes nothing."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import pytest

from core.clock import HandClock
from core.errors import GuichetError
from core.ids import counted_ids
from queues.store.memory import MemoryStore
from versions import publish
from versions.follower import Follower, Progress
from versions.publish import LEASE, Publisher
from versions.record import Move, Piece, Version, event_of, piece_of, version_of
from versions.shelf import MOST_PIECE
from versions.shelf_memory import MemoryShelf


def a_version(text: str) -> tuple[Version, dict[str, bytes]]:
    content = text.encode()
    files = {"accueil.yaml": piece_of(content)}
    return Version(version_of(files), files), {files["accueil.yaml"].digest: content}


FIRST, FIRST_CONTENT = a_version("un")
SECOND, SECOND_CONTENT = a_version("deux")
THIRD, THIRD_CONTENT = a_version("trois")
CONTENTS = FIRST_CONTENT | SECOND_CONTENT | THIRD_CONTENT


class Engine:
    """A node's holder that keeps what it was told to do."""

    def __init__(self, shelf: MemoryShelf) -> None:
        self.shelf = shelf
        self.did: list[str] = []
        self.fails: set[str] = set()
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()
        self.on: Mapping[str, int] = {}

    async def hold(self, version: Version, progress: Progress) -> None:
        progress(0, 2)
        await self.may_go_on.wait()
        if version.version in self.fails:
            raise GuichetError("the disk is full")
        self.did.append(f"holds {version.version}")
        progress(2, 2)

    def switch(self, version: str) -> None:
        self.did.append(f"serves {version}")

    def calls(self) -> Mapping[str, int]:
        return self.on

    async def restore(self) -> None:
        if not await self.shelf.live():
            await self.shelf.put(FIRST_CONTENT)
            await self.shelf.propose(FIRST)
            move = Move(f"restored-{len(self.did)}", FIRST.version, 0, "guichet", how="restored")
            await self.shelf.go_live(move, event_of(move))


class Town:
    """A shelf, and those who follow it."""

    def __init__(self) -> None:
        self.shelf = MemoryShelf()
        self.store = MemoryStore(HandClock(), counted_ids("event"))
        self.ids = counted_ids("move")
        self.steps: list[str] = []

    @asynccontextmanager
    async def node(self, name: str) -> AsyncIterator[tuple[Engine, Follower]]:
        engine = Engine(self.shelf)
        follower = Follower(self.shelf, engine, name, "engine")
        await follower.begin()
        running = asyncio.create_task(follower.run())
        try:
            yield engine, follower
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    def publisher(self) -> Publisher:
        return Publisher(self.shelf, self.store, self.ids, lambda step, _done, _of: self.steps.append(step))

    async def publish(self, version: Version) -> publish.Published:
        move = Move(self.ids(), version.version, 0, "ada", before=await self.shelf.live())
        return await self.publisher().publish(version, content, move)


async def until(look: Callable[[], bool]) -> None:
    """Look until it is so."""
    async with asyncio.timeout(10):
        while not look():  # noqa: ASYNC110 — it is looked at from outside
            await asyncio.sleep(0.001)


def content(piece: Piece) -> bytes:
    return CONTENTS[piece.digest]


@pytest.fixture
def town() -> Town:
    return Town()


async def test_a_version_is_held_by_all_nodes_before_any_serves_it(town: Town) -> None:
    async with town.node("a") as (first, _), town.node("b") as (second, _):
        second.may_go_on.clear()
        publishing = asyncio.create_task(town.publish(SECOND))
        await until(lambda: "Rendering prompts" in town.steps and f"holds {SECOND.version}" in first.did)
        assert await town.shelf.live() == FIRST.version
        second.may_go_on.set()
        done = await publishing
        assert set(done.nodes) == {"a", "b"} and not done.late
        for engine in (first, second):
            assert engine.did[-2:] == [f"holds {SECOND.version}", f"serves {SECOND.version}"]


async def test_a_node_that_hears_of_two_at_once_serves_the_one_and_gets_the_other_ready(town: Town) -> None:
    engine = Engine(town.shelf)
    follower = Follower(town.shelf, engine, "a", "engine")
    await follower.begin()
    await town.shelf.put(CONTENTS)
    await town.shelf.propose(SECOND)
    move = Move("second", SECOND.version, 0, "ada", before=FIRST.version)
    await town.shelf.go_live(move, event_of(move))
    await town.shelf.propose(THIRD)
    running = asyncio.create_task(follower.run())
    await until(lambda: f"holds {THIRD.version}" in engine.did)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert engine.did[-3:] == [f"holds {SECOND.version}", f"serves {SECOND.version}", f"holds {THIRD.version}"]


async def test_a_node_that_cannot_hold_it_keeps_everybody_on_the_old_version_and_says_why(town: Town) -> None:
    async with town.node("a") as (first, follower), town.node("b") as (second, _):
        second.fails.add(SECOND.version)
        with pytest.raises(GuichetError, match="engine b cannot serve it: the disk is full"):
            await town.publish(SECOND)
        assert await town.shelf.live() == FIRST.version == follower.live
        assert f"serves {SECOND.version}" not in first.did
        second.fails.clear()
        assert (await town.publish(SECOND)).move.version == SECOND.version


async def test_without_any_node_it_is_published_for_those_that_will_come(town: Town) -> None:
    assert (await town.publish(SECOND)).nodes == ()
    async with town.node("a") as (engine, follower):
        assert follower.live == SECOND.version
        assert engine.did == [f"holds {SECOND.version}", f"serves {SECOND.version}"]


async def test_a_new_store_gets_the_version_that_the_node_has(town: Town) -> None:
    async with town.node("a") as (_, follower):
        assert follower.live == await town.shelf.live() == FIRST.version
        town.shelf._live = ""  # wiped
        town.shelf._versions.clear()
        town.shelf._moves.clear()
        await until(lambda: town.shelf._live == FIRST.version)


async def test_only_one_publishes_at_a_time(town: Town) -> None:
    assert await town.store.take_lease(LEASE, "somebody", 60_000) is not None
    with pytest.raises(GuichetError, match="Somebody else is publishing now"):
        await town.publish(SECOND)
    assert await town.shelf.live() == ""


async def test_a_version_that_calls_are_on_is_not_forgotten(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publish, "KEPT", 1)
    async with town.node("a") as (engine, _):
        engine.on = {FIRST.version: 3}
        await town.publish(SECOND)
        await town.publish(THIRD)
        assert set(await town.shelf.versions()) == {FIRST.version, THIRD.version}
        engine.on = {}
        await until(lambda: not any(node.calls for _, node in town.shelf._nodes.values()))
        await town.publish(SECOND)
        assert await town.shelf.versions() == [SECOND.version]


async def test_a_file_that_is_too_large_is_said_so(town: Town) -> None:
    large = Version("0" * 12, {"prompts/long.wav": Piece("d", MOST_PIECE + 1)})
    with pytest.raises(GuichetError, match=r"prompts/long\.wav is larger than 20 MB"):
        await town.publish(large)
    assert await town.shelf.versions() == []
