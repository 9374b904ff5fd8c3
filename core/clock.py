"""Time as the whole system counts it: whole milliseconds since 1970, UTC. A clock is handed in, never called for."""

from collections.abc import Callable
from time import time_ns

Clock = Callable[[], int]
"""Gives now, in milliseconds since 1970-01-01T00:00Z."""


def wall_clock() -> int:
    """The machine's clock."""
    return time_ns() // 1_000_000


class HandClock:
    """A clock that a test moves by hand: `clock = HandClock(1000); clock.advance(500); clock() == 1500`."""

    def __init__(self, now: int = 1_700_000_000_000) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now

    def advance(self, ms: int) -> int:
        self.now += ms
        return self.now
