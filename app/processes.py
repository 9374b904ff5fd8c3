"""Our own processes, and what each begins with: log, event loop, a clean end."""

import asyncio
import importlib
import logging
import signal
import sys
from collections.abc import Awaitable

from app.ready import beat
from app.settings import Settings
from core.errors import GuichetError

log = logging.getLogger(__name__)

MODULES = {
    "engine": "app.engine",
    "dispatcher": "app.dispatching",
    "history": "app.recording",
    "web": "app.pages",
}
"""Each has `async def run(settings)`, which runs until cancelled and says by app.ready.tell_ready when it is of use."""


def load(name: str) -> None:
    """Import all that the process needs."""
    importlib.import_module("uvloop")
    importlib.import_module(MODULES[name])


def run(name: str, settings: Settings) -> int:
    """Run one of them until SIGTERM; gives the exit status."""
    import uvloop

    start_log(name)
    try:
        uvloop.run(until_told_to_end(importlib.import_module(MODULES[name]).run(settings)))
    except GuichetError as error:
        log.error("%s", error)
        return 1
    except Exception:
        log.exception("%s ends, by a fault of its own", name)
        return 1
    return 0


async def until_told_to_end(work: Awaitable[None]) -> None:
    """Cancel the work at SIGTERM or SIGINT and let it finish. Raises what the work raises."""
    task = asyncio.ensure_future(work)
    beating = asyncio.create_task(beat(), name="beat")
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        log.info("ended as told")
    finally:
        beating.cancel()


class OneLine(logging.Formatter):
    """Time, level, process, message. Each line has that head, and no message can begin a line of its own: what callers
    send may be in it."""

    def __init__(self, process: str) -> None:
        super().__init__("%(message)s")
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        time = self.formatTime(record, "%Y-%m-%d %H:%M:%S")
        head = f"{time}.{int(record.msecs):03d} {record.levelname:7} {self._process}: "
        lines = ["".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in record.getMessage())]
        if record.exc_info:
            lines += self.formatException(record.exc_info).splitlines()
        return "\n".join(head + line for line in lines)


def start_log(name: str) -> None:
    """To stderr, which the supervisor leads to the process's log file."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine(name))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
