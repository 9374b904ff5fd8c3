"""What a waiting caller is told of the wait, and when."""

from collections.abc import Iterator
from heapq import heappop, heappush

from queues.estimate import interval
from queues.overflow.board import Board, Caller
from queues.overflow.deeds import Deed
from queues.overflow.rules import LEAST_BETWEEN_MS
from queues.overflow.situation import Now

FIRST_MS = 5_000
"""After so long in a queue a caller is told for the first time: those whom somebody takes at once are not."""
NO_END = 0
"""As the later minute of an interval: longer than all that is spoken."""


class Announcer:
    """When each caller's next announcement is due: one place in a heap for each caller, whatever happens."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._due: list[tuple[int, str]] = []
        """When, and for which entry."""

    def await_(self, caller: Caller) -> None:
        """The caller came into the line."""
        if caller.line.queue.announce:
            last = caller.entry.announced.get("at")
            after = caller.entry.entered + FIRST_MS if last is None else last + caller.line.queue.announce.every
            self._later(caller, after)

    def next(self) -> int | None:
        return self._due[0][0] if self._due else None

    def due(self, now: int) -> Iterator[Caller]:
        """Callers whose time it is; each is asked again after the queue's `every`, whatever comes of it."""
        while self._due and self._due[0][0] <= now:
            at, entry = heappop(self._due)
            caller = self._board.callers.get(entry)
            if caller is None or caller.told_at != at or caller.line.queue.announce is None:
                continue
            if caller.spoken_at + LEAST_BETWEEN_MS > now and caller.spoken_at:
                self._later(caller, caller.spoken_at + LEAST_BETWEEN_MS)
                continue
            self._later(caller, now + caller.line.queue.announce.every)
            if caller.waiting:
                yield caller

    def _later(self, caller: Caller, at: int) -> None:
        caller.told_at = at
        heappush(self._due, (at, caller.entry.id))


def announce(deed_id: str, now: Now) -> Deed | None:
    """What is to be told; None where nothing is known that the queue's file wants told.

    A figure is never larger than the one before without a reason: the position is left out when others were let past;
    a longer wait is told as such where fewer agents are at work than then, and else the former one is told again."""
    caller, wanted = now.caller, now.line.queue.announce
    assert caller is not None and wanted is not None
    last = caller.entry.announced
    deed = Deed(deed_id, caller.entry.id, now.at, "")
    say: dict[str, int | bool] = {}
    if wanted.position and now.position <= last.get("position", now.position):
        say["position"] = now.position
    expected = now.expected_wait if wanted.wait else None
    low, high = last.get("from_min", 0), last.get("to_min", -1)
    if expected is not None:
        low, high, longer = _not_longer(interval(expected), last, now.staffed)
        say |= {"from_min": low, "to_min": high, "longer": longer}
    if not say:
        return None
    deed.told = {**say, **({"expected_ms": round(expected)} if expected is not None else {})}
    deed.notice["announce"] = say
    deed.announced = {
        "at": now.at, "position": min(now.position, last.get("position", now.position)), "from_min": low,
        "to_min": high, "staffed": now.staffed if now.staff_known else last.get("staffed", 0),
    }  # fmt: skip
    return deed


def _not_longer(fresh: tuple[int, int], last: dict[str, int], staffed: int) -> tuple[int, int, bool]:
    """The minutes to be spoken, and whether they are told as longer than before."""
    before = last.get("to_min", -1)
    if before < 0 or not _later_end(fresh[1], before):
        return *fresh, False
    if staffed < last.get("staffed", 0):
        return *fresh, True
    return min(last["from_min"], fresh[0]), before, False


def _later_end(one: int, other: int) -> bool:
    if one == NO_END or other == NO_END:
        return one == NO_END and other != NO_END
    return one > other
