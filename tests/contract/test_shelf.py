"""Versions of the town on the shelf, in memory and on a real Valkey: the same promises."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from queues.store.redis import RedisStore
from versions.record import Move, Node, Version, event_of, piece_of, version_of
from versions.shelf import NotMoved, Shelf, Told, is_after
from versions.shelf_memory import MemoryShelf
from versions.shelf_redis import RedisShelf


@pytest.fixture
async def redis_shelf(request: pytest.FixtureRequest) -> AsyncIterator[RedisShelf]:
    server = request.getfixturevalue("valkey")
    prefix = server.prefix()
    shelf = RedisShelf(server.url, prefix)
    shelf.beside = RedisStore(server.url, prefix)  # type: ignore[attr-defined]  # to read the events that are told
    yield shelf
    await shelf.beside.close()  # type: ignore[attr-defined]
    await shelf.close()


@pytest.fixture
def memory_shelf() -> MemoryShelf:
    return MemoryShelf()


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.native)])
def shelf(request: pytest.FixtureRequest) -> Shelf:
    shelf: Shelf = request.getfixturevalue(f"{request.param}_shelf")
    return shelf


def a_version(**files: bytes) -> Version:
    pieces = {f"{name}.yaml": piece_of(content) for name, content in files.items()}
    return Version(version_of(pieces), pieces, "/srv/town")


FIRST, SECOND = a_version(accueil=b"un", voirie=b"deux"), a_version(accueil=b"un", voirie=b"trois\xff")
CONTENTS = {piece_of(each).digest: each for each in (b"un", b"deux", b"trois\xff")}


def a_move(version: Version, before: str = "", id: str = "m1") -> Move:
    return Move(id, version.version, 1_000, "ada", "a note: é", before=before)


async def published(shelf: Shelf, version: Version, before: str = "", id: str = "m1") -> None:
    await shelf.put(CONTENTS)
    await shelf.propose(version)
    move = a_move(version, before, id)
    await shelf.go_live(move, event_of(move))


async def events(shelf: Shelf) -> list[str]:
    if isinstance(shelf, MemoryShelf):
        return [event.kind for event in shelf.events]
    return [event.kind for _, event in await shelf.beside.follow("0", 0)]  # type: ignore[attr-defined]


def test_the_same_files_are_the_same_version() -> None:
    assert a_version(voirie=b"deux", accueil=b"un").version == FIRST.version
    assert FIRST.version != SECOND.version
    assert len(FIRST.version) == 12


async def test_contents_are_kept_as_they_are(shelf: Shelf) -> None:
    assert await shelf.missing(set(CONTENTS)) == set(CONTENTS)
    await shelf.put(CONTENTS)
    assert await shelf.missing(set(CONTENTS)) == set()
    assert {digest: await shelf.piece(digest) for digest in CONTENTS} == CONTENTS
    assert await shelf.piece("nothing") is None
    assert await shelf.missing([]) == set()


async def test_nothing_is_live_before_the_first_version(shelf: Shelf) -> None:
    assert await shelf.live() == ""
    assert await shelf.moves() == []
    assert await shelf.versions() == []
    assert await shelf.version("0" * 12) is None


async def test_a_version_that_goes_live_is_told_as_an_event(shelf: Shelf) -> None:
    await published(shelf, FIRST)
    assert await shelf.live() == FIRST.version
    assert await shelf.version(FIRST.version) == FIRST
    assert await shelf.moves() == [a_move(FIRST)]
    assert await events(shelf) == ["town.published"]


async def test_the_pointer_moves_only_from_where_one_thought_it_was(shelf: Shelf) -> None:
    await published(shelf, FIRST)
    await shelf.propose(SECOND)
    move = a_move(SECOND, before="", id="m2")
    with pytest.raises(NotMoved, match=f"{FIRST.version} is live, not none: somebody else has published"):
        await shelf.go_live(move, event_of(move))
    assert await shelf.live() == FIRST.version
    assert len(await events(shelf)) == 1


async def test_a_version_that_is_not_on_the_shelf_cannot_go_live(shelf: Shelf) -> None:
    with pytest.raises(NotMoved, match="not kept any more"):
        await shelf.go_live(a_move(FIRST), event_of(a_move(FIRST)))
    assert await shelf.live() == ""


async def test_a_move_that_is_committed_twice_is_made_once(shelf: Shelf) -> None:
    await published(shelf, FIRST)
    await shelf.go_live(a_move(FIRST), event_of(a_move(FIRST)))
    assert len(await shelf.moves()) == len(await events(shelf)) == 1


async def test_of_two_who_publish_at_once_one_is_refused(shelf: Shelf) -> None:
    await published(shelf, FIRST)
    await shelf.propose(SECOND)
    moves = [a_move(SECOND, FIRST.version, f"m{n}") for n in (2, 3)]
    done = await asyncio.gather(*(shelf.go_live(move, event_of(move)) for move in moves), return_exceptions=True)
    assert sorted(type(each) for each in done if each) == [NotMoved]
    assert len(await shelf.moves()) == 2


async def test_nodes_are_told_of_what_comes_after_their_cursor(shelf: Shelf) -> None:
    await published(shelf, FIRST)
    now = await shelf.now()
    assert await shelf.told(now, 0) == []
    assert await shelf.told(now, 20) == []
    waiting = asyncio.create_task(shelf.told(now, 5_000))
    at = await shelf.propose(SECOND)
    ((cursor, told),) = await waiting
    assert told == Told("proposed", SECOND.version)
    assert is_after(cursor, at) and is_after(at, cursor) and not is_after(now, at)
    move = a_move(SECOND, FIRST.version, "m2")
    await shelf.go_live(move, event_of(move))
    assert [each for _, each in await shelf.told(cursor, 0)] == [Told("live", SECOND.version)]


async def test_what_only_forgotten_versions_had_goes_and_the_live_one_stays(shelf: Shelf) -> None:
    await published(shelf, FIRST)
    await published(shelf, SECOND, FIRST.version, "m2")
    await shelf.forget([FIRST.version, SECOND.version, "0" * 12])
    assert await shelf.versions() == [SECOND.version]
    assert await shelf.missing(set(CONTENTS)) == {piece_of(b"deux").digest}


async def test_nodes_say_how_they_stand_until_they_leave(shelf: Shelf) -> None:
    node = Node("guichet-1", "engine", live="v1", trying="v2", done=3, of=9, heard="5-0", calls={"v1": 2})
    await shelf.report(node)
    await shelf.report(replace(node, name="guichet-0", kind="web"))
    assert await shelf.nodes() == [replace(node, name="guichet-0", kind="web"), node]
    await shelf.leave("guichet-0")
    assert await shelf.nodes() == [node]
