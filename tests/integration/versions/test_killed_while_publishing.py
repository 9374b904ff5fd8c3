"""Whoever publishes is killed (SIGKILL) before and after each thing that it asks of the store: callers are served with
the old version or with the new one, each whole, and the next one who publishes succeeds."""

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from redis.asyncio import Redis

from core.ids import random_id
from queues.store.redis import RedisStore
from tests.valkey import Valkey
from versions.publish import LEASE, Published, Publisher
from versions.record import Move, Piece, Version, piece_of, version_of
from versions.shelf_redis import RedisShelf

pytestmark = pytest.mark.native

TEXTS = [b"un" * 500, b"deux" * 500, b"trois" * 500]
CONTENTS = {piece_of(text).digest: text for text in TEXTS}
MOST_POINTS = 60


def a_version(*texts: bytes) -> Version:
    files = {f"{number}.yaml": piece_of(text) for number, text in enumerate(texts)}
    return Version(version_of(files), files)


FIRST, SECOND = a_version(TEXTS[0], TEXTS[1]), a_version(TEXTS[0], TEXTS[2])


class Mortal:
    """A shelf or store whose user dies at the n-th point: before each thing asked, and after it."""

    def __init__(self, inner: Any, count: list[int], dies_at: int) -> None:
        self._inner, self._count, self._dies_at = inner, count, dies_at

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        async def ask(*arguments: Any, **named: Any) -> Any:
            self._point()
            answer = await getattr(self._inner, name)(*arguments, **named)
            self._point()
            return answer

        return ask

    def _point(self) -> None:
        self._count[0] += 1
        if self._count[0] == self._dies_at:
            os.kill(os.getpid(), signal.SIGKILL)


async def publish(url: str, prefix: str, version: Version, dies_at: int = 0) -> Published:
    shelf, store, count = RedisShelf(url, prefix), RedisStore(url, prefix), [0]
    try:
        before = await shelf.live()
        publisher = Publisher(
            Mortal(shelf, count, dies_at), Mortal(store, count, dies_at), random_id, lambda *_: None  # type: ignore[arg-type]
        )  # fmt: skip
        move = Move(random_id(), version.version, 0, "ada", before=before)
        return await publisher.publish(version, content, move)
    finally:
        await shelf.close()
        await store.close()


def content(piece: Piece) -> bytes:
    return CONTENTS[piece.digest]


async def live_and_whole(url: str, prefix: str) -> str:
    """The live version, of which everything is there."""
    shelf, store = RedisShelf(url, prefix), RedisStore(url, prefix)
    try:
        live = await shelf.live()
        version = await shelf.version(live)
        assert version is not None
        assert {piece: await shelf.piece(piece.digest) for piece in version.files.values()} == {
            piece: content(piece) for piece in version.files.values()
        }
        moves, told = await shelf.moves(), [event.data["version"] for _, event in await store.follow("0", 0)]
        assert [move.version for move in reversed(moves)] == told, "each move is told once"
        return live
    finally:
        await shelf.close()
        await store.close()


def child(url: str, prefix: str, dies_at: int) -> None:
    asyncio.run(publish(url, prefix, SECOND, dies_at))


def test_killed_at_any_point_the_old_version_or_the_new_one_is_live_and_whole(valkey: Valkey) -> None:
    fork = multiprocessing.get_context("fork")
    seen: list[str] = []
    for dies_at in range(1, MOST_POINTS):
        prefix = valkey.prefix()
        asyncio.run(publish(valkey.url, prefix, FIRST))
        killed = fork.Process(target=child, args=(valkey.url, prefix, dies_at))
        killed.start()
        killed.join(30)
        if killed.exitcode == 0:  # it was done before that point
            break
        assert killed.exitcode == -signal.SIGKILL
        live = asyncio.run(live_and_whole(valkey.url, prefix))
        seen.append(live)
        if live == FIRST.version:
            asyncio.run(again(valkey.url, prefix))
    else:
        pytest.fail("it never came to its end")
    assert seen == sorted(seen, key=lambda version: version != FIRST.version), "first the old one, from then on the new"
    assert {FIRST.version, SECOND.version} == set(seen)


async def again(url: str, prefix: str) -> None:
    """The next one publishes what the killed one could not, when its lease has ended."""
    async with Redis.from_url(url) as redis:
        await redis.delete(f"{prefix}lease:{LEASE}")  # it would end by itself some seconds later
    published = await publish(url, prefix, SECOND)
    assert published.move.version == await live_and_whole(url, prefix) == SECOND.version
