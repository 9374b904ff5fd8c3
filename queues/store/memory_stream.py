"""A stream in memory that is read as Redis' streams are: after a cursor, waiting, and by groups that acknowledge."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from core.clock import Clock

T = TypeVar("T")


@dataclass(slots=True)
class _Group:
    """`given` is the number of the last item handed out; `pending` says to whom, until acknowledged."""

    given: int = 0
    pending: dict[int, str] = field(default_factory=dict)


class MemoryStream(Generic[T]):
    """Items numbered from 1; a cursor is the number as text. `most`: older ones are forgotten (0: none)."""

    def __init__(self, clock: Clock, most: int = 0) -> None:
        self._clock = clock
        self._most = most
        self._first = 1
        self._items: list[tuple[int, T]] = []
        self._groups: dict[str, _Group] = {}
        self._sleepers: set[asyncio.Future[None]] = set()

    @property
    def cursor(self) -> str:
        """The newest item's cursor."""
        return str(self._last)

    @property
    def _last(self) -> int:
        return self._first + len(self._items) - 1

    def append(self, item: T) -> None:
        self._items.append((self._clock(), item))
        if self._most and len(self._items) > self._most:
            self._forget(len(self._items) - self._most)
        for sleeper in self._sleepers:
            if not sleeper.done():
                sleeper.set_result(None)
        self._sleepers.clear()

    async def read(self, after: str, wait_ms: int, most: int) -> list[tuple[str, T]]:
        """Items after the cursor, oldest first; waits up to wait_ms for the first one."""
        if int(after) >= self._last:
            await self._growth(wait_ms)
        return [(str(number), item) for number, item in self._from(int(after) + 1, most)]

    def last(self, most: int, until: str) -> list[T]:
        """The last items up to the cursor, oldest first."""
        end = max(0, int(until) - self._first + 1)
        return [item for _, item in self._items[max(0, end - most) : end]]

    def join(self, group: str) -> None:
        self._groups.setdefault(group, _Group())

    async def read_group(self, name: str, consumer: str, wait_ms: int, most: int) -> list[tuple[str, T | None]]:
        """What the consumer has not acknowledged, or else new items. None in place of an item forgotten meanwhile."""
        group = self._groups[name]
        again = sorted(number for number, owner in group.pending.items() if owner == consumer)[:most]
        if again:
            return [(str(number), self._at(number)) for number in again]
        if group.given >= self._last:
            await self._growth(wait_ms)
        fresh = self._from(group.given + 1, most)
        for number, _ in fresh:
            group.given = number
            group.pending[number] = consumer
        return [(str(number), item) for number, item in fresh]

    def acknowledge(self, group: str, cursors: Sequence[str]) -> None:
        for cursor in cursors:
            self._groups[group].pending.pop(int(cursor), None)

    def lag(self, name: str) -> int:
        group = self._groups[name]
        return len(group.pending) + self._last - max(group.given, self._first - 1)

    def trim(self, before: int) -> None:
        """Forget what was appended before that time and every group has acknowledged."""
        needed = min(
            (min(group.pending, default=group.given + 1) for group in self._groups.values()), default=self._last + 1
        )
        gone = 0
        while gone < len(self._items) and self._first + gone < needed and self._items[gone][0] < before:
            gone += 1
        self._forget(gone)

    def _forget(self, count: int) -> None:
        del self._items[:count]
        self._first += count

    def _at(self, number: int) -> T | None:
        return self._items[number - self._first][1] if number >= self._first else None

    def _from(self, number: int, most: int) -> list[tuple[int, T]]:
        start = max(number - self._first, 0)
        return [(self._first + start + i, item) for i, (_, item) in enumerate(self._items[start : start + most])]

    async def _growth(self, wait_ms: int) -> None:
        """Return when something is appended, or after wait_ms."""
        if wait_ms <= 0:
            return
        sleeper: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.add(sleeper)
        try:
            async with asyncio.timeout(wait_ms / 1000):
                await sleeper
        except TimeoutError:
            pass
        finally:
            self._sleepers.discard(sleeper)
