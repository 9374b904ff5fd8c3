"""Waiting, always with a limit, and always saying for what."""

import asyncio
import time
from collections.abc import Awaitable
from typing import TypeVar

PATIENCE_S = 15.0
"""How long something is waited for where nobody says how long: a machine may be slow."""
T = TypeVar("T")


class PhoneError(Exception):
    """A call or a registration did not go as wished. The message says how it went."""


class NotInTime(PhoneError):
    """What was waited for did not come. The message says what it was and how long, or what came instead."""


async def within(limit: float, coming: Awaitable[T], what: str) -> T:
    """What `coming` gives, or NotInTime after `limit` seconds."""
    try:
        return await asyncio.wait_for(coming, limit)
    except TimeoutError:
        raise NotInTime(f"waited {limit:g} s for {what}") from None


class Moment:
    """Something that happens once: false before, true after, with the time at which it happened."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.at: float | None = None
        """time.monotonic() of when it happened."""
        self._impossible = ""
        self._settled = asyncio.Event()

    def __bool__(self) -> bool:
        return self.at is not None

    def happen(self) -> None:
        """Only the first time counts."""
        if self.at is None:
            self.at = time.monotonic()
            self._settled.set()

    def rule_out(self, why: str) -> None:
        """It will not happen any more: those who wait are told at once."""
        if self.at is None:
            self._impossible = why
            self._settled.set()

    async def wait(self, limit: float = PATIENCE_S) -> float:
        """Until it happened: gives its time. Raises NotInTime after `limit` seconds, or as soon as it cannot happen."""
        if not self._settled.is_set():
            await within(limit, self._settled.wait(), self.what)
        if self.at is None:
            raise NotInTime(f"waited for {self.what}, but {self._impossible}")
        return self.at
