"""Calls that wait, as the index keeps them: found by rank without any look-up."""

from collections import deque
from collections.abc import Mapping, Sequence
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Any

from queues.model import Entry
from queues.ranked import SLACK

if TYPE_CHECKING:
    from queues.audience import Group

MS_PER_PRIORITY = 60_000


class Call:
    """`left_out`: who is not asked now. `wanted`: the call waits for these agents alone, and is in no group. `live` is
    False when it was removed, though a heap may still hold it.

    One is made for every call, and a dataclass is slower to make, compiled or not."""

    __slots__ = ("entry", "group", "left_out", "live", "wanted")

    def __init__(
        self, entry: Entry, group: "Group | None", left_out: Mapping[str, int], wanted: Sequence[str] = ()
    ) -> None:
        self.entry = entry
        self.group = group
        self.left_out = left_out
        self.wanted = wanted
        self.live = True

    def __lt__(self, _: "Call") -> bool:
        """Heaps ask it of a call that came back and its own former self, which is not live any more: all the same."""
        return False

    def turn(self) -> "Turn":
        """Made where it is needed: a call that kept it would be in a circle, and stay until the collector comes."""
        entry = self.entry
        score = entry.since - MS_PER_PRIORITY * entry.priority if entry.priority else entry.since
        return score, entry.since, entry.id, self

    @property
    def alone(self) -> bool:
        """It stands by itself: it is not in the line of its group, where it would hold up others."""
        return self.group is None or bool(self.left_out)


Turn = tuple[Any, ...]
"""Whose turn it is, smallest first (router.py says why so): a number, since when, the id, and the Call itself. No two
live ones have the same id. Not with its parts' types spelt out: to the compiler it would be a value that it makes anew
each time."""


class Waiting:
    """By turn. Nearly all come in their turn: they stand in a row, and only those who come late for it (of higher
    priority, or back from an offer) in a heap. What was removed stays until it comes to the front or there is too much
    of it."""

    __slots__ = ("_heap", "_live", "_row", "group", "head")

    def __init__(self, group: "Group") -> None:
        self.group = group
        self.head: Turn | None = None
        self._row: deque[Turn] = deque()
        self._heap: list[Turn] = []
        self._live = 0

    def __len__(self) -> int:
        return self._live

    def entries(self) -> list[str]:
        return [turn[2] for turns in (self._row, self._heap) for turn in turns if turn[3].live]

    def push(self, call: Call) -> None:
        turn = call.turn()
        self._live += 1
        if not self._row or self._row[-1] < turn:
            self._row.append(turn)
        else:
            heappush(self._heap, turn)
        if self.head is None or turn < self.head:
            self.head = turn

    def gone(self, call: Call) -> None:
        """It is not live any more."""
        self._live -= 1
        row, heap = self._row, self._heap
        if self.head is not None and self.head[3] is call:
            while row and not row[0][3].live:
                row.popleft()
            while heap and not heap[0][3].live:
                heappop(heap)
            if heap and (not row or heap[0] < row[0]):
                self.head = heap[0]
            else:
                self.head = row[0] if row else None
        elif len(row) + len(heap) > 2 * self._live + SLACK:
            self._row = deque(turn for turn in row if turn[3].live)
            self._heap = [turn for turn in heap if turn[3].live]
            heapify(self._heap)
