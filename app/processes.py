"""What each of our own processes begins with: settings, log, event loop, a clean end."""

import asyncio
import logging
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping

from app import settings as configuration
from app.settings import Settings
from core.errors import GuichetError

log = logging.getLogger(__name__)

LOOK_AGAIN_MS = 50

Entry = Callable[[Settings], Awaitable[None]]
"""Runs until cancelled; tells app.ready.tell_ready once it is of use."""


def run(name: str) -> int:
    """Run one of them until SIGTERM; gives the exit status. Its settings are in the environment (app.plan)."""
    import uvloop

    start_log(name)
    try:
        uvloop.run(until_told_to_end(ENTRIES[name](configuration.load())))
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
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        log.info("ended as told")


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


# --- the processes. Each imports what it needs when it begins, and nothing of the others. ----------------------------


async def engine(settings: Settings) -> None:
    from app.engine import run as run_engine

    await run_engine(settings)


async def history(settings: Settings) -> None:
    """Records what happened, from the event stream into the database."""
    from app.ready import tell_ready
    from core.clock import wall_clock
    from history.database import make_engine
    from history.recorder import Recorder
    from queues.store.redis import RedisStore

    database = make_engine(settings.sql_url)
    store = RedisStore(settings.store_url)
    tell_ready()
    try:
        await Recorder(store, database, wall_clock, settings.country).run()
    finally:
        await store.close()
        await database.dispose()


async def dispatcher(settings: Settings) -> None:
    """Matches waiting calls with agents, or stands by while another one does."""
    from app.ready import tell_ready
    from core.ids import random_id
    from queues.dispatcher import Dispatcher
    from queues.store.redis import RedisStore

    store = RedisStore(settings.store_url)
    leader = Dispatcher(store, f"{settings.name}-{random_id()}")
    alone = not settings.redis_url
    try:
        # The lease of one that was killed ends by itself; on a store of several houses another may lead for good.
        while not await leader.turn(LOOK_AGAIN_MS) and alone:
            continue
        tell_ready()
        await leader.run()
    finally:
        await store.close()


async def web(settings: Settings) -> None:
    """The page that shows what goes on now."""
    from app.pages import serve

    await serve(settings)


ENTRIES: Mapping[str, Entry] = {
    "engine": engine,
    "dispatcher": dispatcher,
    "history": history,
    "web": web,
}
