"""A node takes versions from the shelf to its disk, serves them, and gets back what a call from elsewhere is on."""

import asyncio
from pathlib import Path

import pytest

from app.town import Town, keep_good, load_town
from app.towns import KeptTowns, TownHolder
from core.clock import HandClock
from core.errors import GuichetError
from core.ids import counted_ids
from versions import disk
from versions.follower import Follower, Progress
from versions.publish import Publisher
from versions.record import Move
from versions.shelf_memory import MemoryShelf

FLOW = """\
flow: accueil
languages: [fr]
numbers: ["3939"]
start: bonjour
steps:
  bonjour: {hangup: WORDS}
"""


def edited(folder: Path, words: str) -> Town:
    (folder / "prompts").mkdir(parents=True, exist_ok=True)
    (folder / "accueil.yaml").write_text(FLOW.replace("WORDS", words))
    (folder / "prompts" / "a.wav").write_bytes(b"RIFF" + words.encode() * 1_000)
    return load_town(folder)


class Machine:
    """One of several, on a shelf that they share."""

    def __init__(self, state: Path, shelf: MemoryShelf, first: Town) -> None:
        self.state = state
        keep_good(first, state)
        self.towns = KeptTowns(state)
        self.prepared: list[str] = []
        self.on: dict[str, int] = {}
        self.holder = TownHolder(
            state, shelf, self.towns, self._prepare, HandClock(), counted_ids(state.name), lambda: self.on
        )
        self.follower = Follower(shelf, self.holder, state.name, "engine")

    async def _prepare(self, town: Town, progress: Progress) -> None:
        self.prepared.append(town.version)


@pytest.fixture
def shelf() -> MemoryShelf:
    return MemoryShelf()


async def publish(shelf: MemoryShelf, town: Town) -> None:
    class Leases:
        async def take_lease(self, *_: object) -> int:
            return 1

        async def release_lease(self, *_: object) -> None:
            pass

    ids = counted_ids("move")
    move = Move(f"{town.version}-move", town.version, 0, "ada", before=await shelf.live())
    publisher = Publisher(shelf, Leases(), ids, lambda *_: None)
    await publisher.publish(town.content, disk.contents_of(town.files, town.folder, town.content), move)


async def test_a_machine_takes_what_another_one_published_sound_files_too(tmp_path: Path, shelf: MemoryShelf) -> None:
    first = edited(tmp_path / "town", "Bonjour")
    machine = Machine(tmp_path / "a", shelf, first)
    await machine.follower.begin()
    second = edited(tmp_path / "town", "Bonsoir")
    following = asyncio.create_task(machine.follower.run())
    await publish(shelf, second)
    assert machine.towns.live().version == second.version == machine.prepared[-1]
    folder = disk.folder_of(machine.state, second.version)
    assert folder is not None
    assert (folder / "prompts" / "a.wav").read_bytes() == b"RIFF" + b"Bonsoir" * 1_000
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)


async def test_a_call_from_another_machine_is_on_its_version_here_too(tmp_path: Path, shelf: MemoryShelf) -> None:
    first, second = edited(tmp_path / "t1", "Bonjour"), edited(tmp_path / "t2", "Bonsoir")
    here = Machine(tmp_path / "here", shelf, first)
    await here.follower.begin()
    await publish_alone(shelf, second, first.version)
    there = Machine(tmp_path / "there", shelf, second)  # never had the first one
    await there.follower.begin()
    assert there.towns.live().version == second.version
    town = await there.towns.bring(first.version)
    assert town.version == first.version
    assert there.towns.of(first.version) is town, "for as long as the call keeps it"
    assert (await there.towns.bring("0" * 12)).version == second.version, "what is kept nowhere is the live one"


async def publish_alone(shelf: MemoryShelf, town: Town, before: str) -> None:
    for node in await shelf.nodes():
        await shelf.leave(node.name)
    assert await shelf.live() == before
    await publish(shelf, town)


async def test_what_up_left_to_be_published_is_published_by_the_engine(tmp_path: Path, shelf: MemoryShelf) -> None:
    first = edited(tmp_path / "town", "Bonjour")
    machine = Machine(tmp_path / "a", shelf, first)
    disk.want(machine.state, Move("m1", first.version, 7, "ada", "the first version"))
    await machine.follower.begin()
    (move,) = await shelf.moves()
    assert (move.version, move.note, move.how) == (first.version, "the first version", "published")
    assert disk.wanted(machine.state) is None


async def test_another_machine_that_joins_serves_what_is_live_and_publishes_nothing(
    tmp_path: Path, shelf: MemoryShelf
) -> None:
    first, other = edited(tmp_path / "t1", "Bonjour"), edited(tmp_path / "t2", "Bonsoir")
    await Machine(tmp_path / "a", shelf, first).follower.begin()
    joining = Machine(tmp_path / "b", shelf, other)
    disk.want(joining.state, Move("m2", other.version, 7, "ada", "the first version"))
    await joining.follower.begin()
    assert await shelf.live() == joining.towns.live().version == first.version
    assert len(await shelf.moves()) == 1


async def test_a_version_that_is_damaged_on_the_shelf_is_not_served(tmp_path: Path, shelf: MemoryShelf) -> None:
    first, second = edited(tmp_path / "t1", "Bonjour"), edited(tmp_path / "t2", "Bonsoir")
    machine = Machine(tmp_path / "a", shelf, first)
    await machine.follower.begin()
    await shelf.put({piece.digest: b"damaged" for piece in second.content.files.values()})
    await shelf.propose(second.content)
    with pytest.raises(GuichetError, match="is damaged"):
        await machine.holder.hold(second.content, lambda *_: None)
    assert machine.towns.live().version == first.version
