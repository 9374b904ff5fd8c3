"""What a process tells the supervisor on a pipe whose number stands in the environment: that it is ready, and from then
on that it lives."""

import asyncio
import os

READY_FD = "GUICHET_READY_FD"
READY_LINE = b"READY\n"
BEAT = b"."
BEAT_EVERY_S = 1.0

_pipe: int | None = None


def tell_ready() -> None:
    """Say it once. Without a supervisor (the variable is not set) nothing happens."""
    global _pipe
    number = os.environ.pop(READY_FD, "")
    if number.isdigit():
        _pipe = int(number)
        os.write(_pipe, READY_LINE)


async def beat() -> None:
    """From being ready on, until cancelled: an event loop that hangs says nothing."""
    while True:
        await asyncio.sleep(BEAT_EVERY_S)
        if _pipe is not None:
            os.write(_pipe, BEAT)
