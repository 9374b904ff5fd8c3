"""Small programs that stand in for the house's own."""

import asyncio
import sys
import time
from collections.abc import Callable
from pathlib import Path

from app.child import Process
from app.install.places import CHECKOUT
from app.spawn import Program

TELL_READY = "from app.ready import tell_ready; tell_ready();"
SLEEP = "import time; time.sleep(600)"


def program(name: str, code: str = f"{TELL_READY} {SLEEP}", **how: object) -> Process:
    """A Python program; by default it is ready at once and then sleeps."""
    command = (sys.executable, "-P", "-c", code)
    return Process(name, Program(command, env={"PYTHONPATH": str(CHECKOUT)}), **how)  # type: ignore[arg-type]


async def at_once() -> bool:
    """A probe that is content."""
    return True


async def until(true: Callable[[], object], within_s: float = 10) -> None:
    """Wait for a condition of the outside world."""
    limit = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < limit, "did not come true in time"
        await asyncio.sleep(0.01)


def running(pid: int) -> bool:
    """False for what is gone and for what is dead but not yet reaped."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def number_in(file: Path) -> int:
    """The process id that a program wrote; 0 as long as there is none."""
    text = file.read_text() if file.exists() else ""
    return int(text) if text.isdigit() else 0


__all__ = ["SLEEP", "TELL_READY", "at_once", "number_in", "program", "running", "until"]
