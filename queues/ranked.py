"""Lines in which the first is always known: by rank, or drawn by lot."""

from collections.abc import Collection
from heapq import heapify, heappop, heappush
from random import Random
from typing import Any, Protocol

Rank = tuple[Any, ...]
"""What a line is sorted by, smallest first; its last part is the id, so no two are equal."""

SLACK = 64
"""A heap may hold so many items that are no longer meant, and as many again as are meant."""


class Ready(Protocol):
    """Agents who could take a call. `head` is whom to ask first."""

    head: Rank | None

    def __len__(self) -> int: ...
    def __contains__(self, name: str) -> bool: ...
    def push(self, rank: Rank) -> None: ...
    def remove(self, name: str) -> None: ...
    def first_without(self, left_out: Collection[str]) -> Rank | None: ...
    def some(self, most: int) -> list[Rank]:
        """The first ones where there are no more than so many, else none."""

    def firsts(self, most: int, left_out: Collection[str]) -> list[Rank]:
        """The first so many that are not left out, of those whose first part is the same as the first one's."""


class Ranked:
    """By rank. What was removed stays in the heap until it comes to the top or there is too much of it."""

    __slots__ = ("_heap", "_live", "head")

    def __init__(self) -> None:
        self._heap: list[Rank] = []
        self._live: dict[str, Rank] = {}
        self.head: Rank | None = None

    def __len__(self) -> int:
        return len(self._live)

    def __contains__(self, name: str) -> bool:
        return name in self._live

    def push(self, rank: Rank) -> None:
        self._live[rank[-1]] = rank
        heappush(self._heap, rank)
        if self.head is None or rank < self.head:
            self.head = rank

    def remove(self, name: str) -> None:
        rank = self._live.pop(name, None)
        if rank is None:
            return
        heap, live = self._heap, self._live
        if rank is self.head:
            while heap and live.get(heap[0][-1]) is not heap[0]:
                heappop(heap)
            self.head = heap[0] if heap else None
        elif len(heap) > 2 * len(live) + SLACK:
            self._heap = list(live.values())
            heapify(self._heap)

    def first_without(self, left_out: Collection[str]) -> Rank | None:
        """The first that is not left out: looks at no more than those left out and one, and what is not meant."""
        aside: list[Rank] = []
        heap, live = self._heap, self._live
        while heap and (live.get(heap[0][-1]) is not heap[0] or heap[0][-1] in left_out):
            rank = heappop(heap)
            if live.get(rank[-1]) is rank:
                aside.append(rank)
        first = heap[0] if heap else None
        for rank in aside:
            heappush(heap, rank)
        return first

    def some(self, most: int) -> list[Rank]:
        return sorted(self._live.values()) if len(self._live) <= most else []

    def firsts(self, most: int, left_out: Collection[str]) -> list[Rank]:
        """Looks at no more than those left out, so many, and what is not meant."""
        aside: list[Rank] = []
        found: list[Rank] = []
        heap, live = self._heap, self._live
        while heap and len(found) < most:
            if found and heap[0][0] != found[0][0]:
                break
            rank = heappop(heap)
            if live.get(rank[-1]) is rank:
                (aside if rank[-1] in left_out else found).append(rank)
        for rank in (*aside, *found):
            heappush(heap, rank)
        return found


class Drawn:
    """By lot among those of the lowest first part. The one drawn stays so until taken, and each newcomer has the same
    chance as all who are there (reservoir sampling): at any time each of them is the head as likely as any other."""

    __slots__ = ("_live", "_places", "_pools", "_random", "head")

    def __init__(self, random: Random) -> None:
        self._random = random
        self._live: dict[str, Rank] = {}
        self._pools: dict[int, list[str]] = {}
        self._places: dict[str, int] = {}
        self.head: Rank | None = None

    def __len__(self) -> int:
        return len(self._live)

    def __contains__(self, name: str) -> bool:
        return name in self._live

    def push(self, rank: Rank) -> None:
        name, pool = rank[-1], self._pools.setdefault(rank[0], [])
        self._live[name], self._places[name] = rank, len(pool)
        pool.append(name)
        head = self.head
        if head is None or rank[0] < head[0] or (rank[0] == head[0] and self._random.randrange(len(pool)) == 0):
            self.head = rank

    def remove(self, name: str) -> None:
        rank = self._live.pop(name, None)
        if rank is None:
            return
        pool, place = self._pools[rank[0]], self._places.pop(name)
        last = pool.pop()
        if last != name:
            pool[place], self._places[last] = last, place
        if not pool:
            del self._pools[rank[0]]
        if rank is self.head:
            self.head = self._live[self._random.choice(self._pools[min(self._pools)])] if self._pools else None

    def first_without(self, left_out: Collection[str]) -> Rank | None:
        for first in sorted(self._pools):
            if pool := [name for name in self._pools[first] if name not in left_out]:
                return self._live[self._random.choice(pool)]
        return None

    def some(self, most: int) -> list[Rank]:
        return sorted(self._live.values()) if len(self._live) <= most else []

    def firsts(self, most: int, left_out: Collection[str]) -> list[Rank]:
        for first in sorted(self._pools):
            if pool := [name for name in self._pools[first] if name not in left_out]:
                return [self._live[name] for name in self._random.sample(pool, min(most, len(pool)))]
        return []
