"""What conditions ask for, as it is at one moment."""

from math import inf

from queues.estimate import Outlook
from queues.overflow.board import Board, Caller, Line


class Now:
    """The situation of a queue (see conditions.py), and of the one caller that is looked at."""

    __slots__ = ("_board", "_head", "_outlook", "at", "caller", "idle", "length", "line", "position", "staffed")

    def __init__(self, board: Board, line: Line, at: int) -> None:
        self._board, self.line, self.at = board, line, at
        self.length, self.staffed, self.idle = len(line.turns), line.staffed, line.idle
        self.caller: Caller | None = None
        self.position = 0
        self._outlook: Outlook | None = None
        self._head: int | None = -1
        """When the head of the line came; -1: nobody asked yet."""

    def look_at(self, caller: Caller) -> None:
        self.caller, self.position = caller, self.line.position(caller.turn)

    @property
    def staff_known(self) -> bool:
        """`staffed`, `idle` and what follows from them are as they are, and not what a store knows that forgot all."""
        return self._board.staff_known

    @property
    def expected_wait(self) -> float | None:
        """How much longer the caller will probably wait, in ms; None where too little is known. What is the same for
        all of the queue is found once, and only where a condition asks."""
        if self._head == -1:
            self._outlook, self._head = self._board.outlook(self.line, self.at), self._board.head_entered(self.line)
        if self._outlook is None or self.caller is None or not self.staff_known:
            return None
        if self.position <= self.idle:
            return 0.0
        wait = self._outlook.wait(self.position - 1)
        return wait if self._head is None else max(wait, self.caller.entry.entered - self._head)

    @property
    def waited(self) -> int:
        return max(0, self.at - self.caller.entry.since) if self.caller else 0

    @property
    def callers_per_agent(self) -> float:
        if self.staffed:
            return self.length / self.staffed
        return inf if self.length else 0.0

    @property
    def open(self) -> bool | None:
        return self.line.open

    @property
    def closed(self) -> bool | None:
        return None if self.line.open is None else not self.line.open

    @property
    def too_late(self) -> bool | None:
        """Not known where the hours or the wait are not, or never close."""
        if self.line.open is False:
            return True
        expected = self.expected_wait
        if self.line.closes_at is None or expected is None:
            return None
        return self.at + expected >= self.line.closes_at

    @property
    def surge(self) -> bool:
        return self.line.surge
