"""Calls that wait, as the index keeps them: found by rank without any look-up.

Whose turn it is (router.py says why so): the lower score, then who waits for longer, then the id; no two live calls
have the same. Nearly every comparison is between two scores, which are plain numbers and cost next to nothing
compiled."""

from collections.abc import Iterator, Mapping, Sequence
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any

from queues.model import Entry
from queues.ranked import SLACK

if TYPE_CHECKING:
    from queues.audience import Group

MS_PER_PRIORITY = 60_000
NOBODY_WAITS = 1 << 60
"""A score that comes after every call's."""

Turn = tuple[Any, ...]
"""Score, since when, id, and the Call itself, where turns are sorted. Not with its parts' types spelt out: to the
compiler it would be a value that it makes anew each time."""


class Call:
    """`left_out`: who is not asked now. `wanted`: the call waits for these agents alone, and is in no group. `live` is
    False when it was removed, though its line may still hold it. `next`: who stands behind it in a row.

    One is made for every call, and a dataclass is slower to make, compiled or not."""

    __slots__ = ("entry", "group", "left_out", "live", "next", "score", "wanted")

    def __init__(
        self, entry: Entry, group: "Group | None", left_out: Mapping[str, int], wanted: Sequence[str] = ()
    ) -> None:
        self.entry = entry
        self.group = group
        self.left_out = left_out
        self.wanted = wanted
        self.live = True
        self.next: Call | None = None
        self.score: int = entry.since - MS_PER_PRIORITY * entry.priority if entry.priority else entry.since

    def __lt__(self, _: "Call") -> bool:
        """Heaps ask it of a call that came back and its own former self, which is not live any more: all the same."""
        return False

    def before(self, other: "Call") -> bool:
        """Its turn comes first."""
        if self.score != other.score:
            return self.score < other.score
        return (self.entry.since, self.entry.id) < (other.entry.since, other.entry.id)

    def turn(self) -> Turn:
        """Made where it is needed: a call that kept it would be in a circle, and stay until the collector comes."""
        return self.score, self.entry.since, self.entry.id, self

    @property
    def alone(self) -> bool:
        """It stands by itself: it is not in the line of its group, where it would hold up others."""
        return self.group is None or bool(self.left_out)


class Waiting:
    """By turn. Nearly all come in their turn: they stand in a row, and only those who come late for it (of higher
    priority, or back from an offer) in a heap. What was removed stays until it comes to the front or there is too much
    of it. `score` is the head's."""

    __slots__ = ("_first", "_heap", "_kept", "_last", "_live", "group", "head", "score")

    def __init__(self, group: "Group") -> None:
        self.group = group
        self.head: Call | None = None
        self.score = NOBODY_WAITS
        self._first: Call | None = None
        self._last: Call | None = None
        self._heap: list[Turn] = []
        self._live = 0
        self._kept = 0
        """In the row and the heap, live or not."""

    def __len__(self) -> int:
        return self._live

    def entries(self) -> list[str]:
        return [call.entry.id for call in (*self._row(), *self._late()) if call.live]

    def push(self, call: Call) -> None:
        self._live += 1
        self._stand(call)
        if self.head is None or call.before(self.head):
            self._lead(call)

    def gone(self, call: Call) -> None:
        """It is not live any more."""
        self._live -= 1
        if self.head is call:
            self._call_up()
        elif self._kept > 2 * self._live + SLACK:
            self._tidy()

    def _stand(self, call: Call) -> None:
        self._kept += 1
        last = self._last
        if last is None:
            self._first = self._last = call
        elif last.before(call):
            last.next = self._last = call
        else:
            heappush(self._heap, call.turn())

    def _lead(self, call: Call | None) -> None:
        self.head = call
        self.score = NOBODY_WAITS if call is None else call.score

    def _call_up(self) -> None:
        """The first who still waits is the head."""
        first, heap = self._first, self._heap
        while first is not None and not first.live:
            first = first.next
            self._kept -= 1
        self._first = first
        if first is None:
            self._last = None
        while heap and not heap[0][3].live:
            heappop(heap)
            self._kept -= 1
        if heap:
            late: Call = heap[0][3]
            self._lead(late if first is None or late.before(first) else first)
        else:
            self._lead(first)

    def _tidy(self) -> None:
        """Only who still waits."""
        kept = [call for call in (*self._row(), *self._late()) if call.live]
        self._first = self._last = None
        self._heap = []
        self._kept = 0
        for call in kept:
            call.next = None
            self._stand(call)

    def _row(self) -> Iterator[Call]:
        call = self._first
        while call is not None:
            yield call
            call = call.next

    def _late(self) -> Iterator[Call]:
        return (turn[3] for turn in self._heap)
