"""What conditions ask for, as it is at one moment."""

from math import inf

from queues.overflow.board import Board, Caller, Line


class Now:
    """The situation of a queue (see conditions.py), and of the one caller that is looked at."""

    __slots__ = ("_board", "_expected", "at", "caller", "idle", "length", "line", "position", "staffed")

    def __init__(self, board: Board, line: Line, at: int) -> None:
        self._board, self.line, self.at = board, line, at
        self.length, self.staffed, self.idle = len(line.turns), line.staffed, line.idle
        self.caller: Caller | None = None
        self.position = 0
        self._expected: float | None = -1.0

    def look_at(self, caller: Caller, position: int) -> None:
        self.caller, self.position, self._expected = caller, position, -1.0

    @property
    def expected_wait(self) -> float | None:
        """Made only where a condition asks for it, and once."""
        if self._expected == -1.0 and self.caller:
            self._expected = self._board.estimate(self.line, self.caller.turn, self.caller.entry.entered, self.at)
        return self._expected if self.caller else None

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
    def surge(self) -> bool:
        return self.line.surge
