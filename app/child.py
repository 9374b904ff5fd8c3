"""One process of the house, through all its lives: begun, ready, ended, begun again."""

import asyncio
import logging
import os
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from app.ready import BEAT_EVERY_S, READY_LINE
from app.spawn import PRIVATE, Program, Work, begin, exit_of, open_log
from core.errors import GuichetError

log = logging.getLogger(__name__)

FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 10.0
GOOD_LIFE_S = 60.0
"""After this long the process is held to be healthy: the next pause is the first one again."""
MANY_ENDS = 5
"""Ends in a row from which on it is called a trouble that does not mend itself."""
PROBE_EVERY_S = 0.02
HANGS_AFTER = 5
"""Seconds without a sign of life from one of our own processes."""
LOG_LIMIT = 10_000_000
"""Bytes from which on a log is put aside when its process is begun."""

Probe = Callable[[], Awaitable[bool]]
"""Asks whether the process is ready. May be asked before there is anything to ask: then it says False."""


class StartFailed(GuichetError):
    """A process did not come up. `log` is the file that may say more."""

    def __init__(self, sentence: str, log: Path) -> None:
        super().__init__(sentence)
        self.log = log


class Stage(StrEnum):
    """What stands at each stage ends before the next one is touched."""

    CALLS = "calls"
    PHONES = "phones"
    HELPERS = "helpers"
    STORE = "store"


@dataclass(frozen=True)
class Process:
    """How a process is run. Plain data, so that a test can run others."""

    name: str
    what: Program | Work
    ready: Probe | None = None
    """None: the process says it itself, by app.ready.tell_ready."""
    after: tuple[str, ...] = ()
    """Names of those that must be ready before this one begins."""
    stage: Stage = Stage.HELPERS
    ready_within_s: float = 30.0
    umask: int = PRIVATE


def pause_before_restart(ends_in_a_row: int) -> float:
    """Seconds: 0.1, 0.2, 0.4, … up to 10."""
    return float(min(FIRST_PAUSE_S * 2 ** min(ends_in_a_row, 20), LONGEST_PAUSE_S))


class Child:
    """Runs one Process. All methods belong to one event loop, in the program's only thread (app.spawn)."""

    def __init__(self, process: Process, log: Path, changed: Callable[[], None] = lambda: None) -> None:
        self.process = process
        self.log = log
        self.pid = 0
        self.since = 0.0
        """Begin of its present life, seconds since 1970."""
        self.restarts = 0
        self.ready = asyncio.Event()
        self.trouble = ""
        """A sentence, when it keeps ending or does not get ready."""
        self._changed = changed
        self._stopping = False
        self._exit: asyncio.Future[str] | None = None
        self._begun_at = 0.0
        self._beats = 0
        self._minding: asyncio.Task[None] | None = None

    @property
    def alive(self) -> bool:
        return self._exit is not None and not self._exit.done()

    async def begin(self) -> None:
        """The first start: returns when ready, StartFailed when it ends or takes too long."""
        self._spawn()
        await self._until_ready()

    async def keep(self) -> None:
        """Wait for each end and begin again, until `stop`. A first start that failed is not tried again here."""
        ends = 0
        while self._exit is not None:
            try:
                how = await asyncio.wait_for(asyncio.shield(self._exit), GOOD_LIFE_S)
            except TimeoutError:
                ends, self.trouble = 0, ""
                self._changed()
                how = await self._exit
            if self._stopping:
                return
            pause = pause_before_restart(ends)
            ends += 1
            if ends < MANY_ENDS:
                log.warning("%s ended (%s): it is begun again", self.process.name, how)
            else:
                self.trouble = f"{self.process.name} keeps ending ({how}, {ends} times in a row); see {self.log}"
                log.error("%s", self.trouble)
                self._changed()
            await asyncio.sleep(pause)
            if self._stopping:
                return
            self.restarts += 1
            try:
                await self.begin()
            except StartFailed as error:
                self.trouble = str(error)
                log.error("%s; see %s", error, self.log)
                self.kill()
            else:
                self.trouble = self.trouble if ends >= MANY_ENDS else ""
            self._changed()

    async def stop(self, limit_s: float) -> None:
        """SIGTERM, and SIGKILL for the whole session after `limit_s` seconds. Returns when it has ended."""
        self._stopping = True
        if self._exit is None or self._exit.done():
            return
        os.kill(self.pid, signal.SIGTERM)
        try:
            await asyncio.wait_for(asyncio.shield(self._exit), limit_s)
        except TimeoutError:
            self.kill()
            await self._exit

    def kill(self) -> None:
        if self.alive:
            os.killpg(self.pid, signal.SIGKILL)

    # --- a life, from its begin to its end ---------------------------------------------------------------------

    def _spawn(self) -> None:
        self.ready.clear()
        _put_aside(self.log)
        reader, writer = os.pipe()
        output = open_log(self.log)
        try:
            begun = begin(self.process.name, self.process.what, output, writer, self.process.umask)
        except (OSError, subprocess.SubprocessError) as error:
            os.close(reader)
            raise StartFailed(f"{self.process.name} could not be started: {error}", self.log) from None
        finally:
            os.close(writer)
            os.close(output)
        self.pid, self.since, self._begun_at = begun.pid, time.time(), time.monotonic()
        self._exit = exit_of(begun, self._ended)
        self._listen(reader)
        log.info("%s: begun, process %d", self.process.name, self.pid)
        self._changed()

    def _ended(self) -> None:
        self.ready.clear()
        self.pid = 0
        self._changed()

    def _listen(self, reader: int) -> None:
        loop = asyncio.get_running_loop()

        def heard() -> None:
            told = os.read(reader, 64)
            if not told:
                loop.remove_reader(reader)
                os.close(reader)
            elif self.process.ready is None:
                self._beats += 1
                if told.startswith(READY_LINE):
                    self._is_ready()
                if told.startswith(READY_LINE) and isinstance(self.process.what, Work):
                    self._minding = loop.create_task(self._mind(self.pid), name=f"mind {self.process.name}")

        loop.add_reader(reader, heard)

    async def _mind(self, pid: int) -> None:
        """One of our own that hangs is ended, so that it is begun again. Only looks in which we ourselves were awake
        count: where all the machine was stopped for a while, nobody is to blame."""
        silent, beats = 0, self._beats
        while silent < HANGS_AFTER:
            await asyncio.sleep(BEAT_EVERY_S)
            if self.pid != pid or self._stopping:
                return
            silent, beats = (silent + 1 if self._beats == beats else 0), self._beats
        log.error("%s hangs: nothing was heard of it for %d s; it is ended", self.process.name, HANGS_AFTER)
        self.kill()

    def _is_ready(self) -> None:
        log.info("%s: ready after %.2f s", self.process.name, time.monotonic() - self._begun_at)
        self.ready.set()
        self._changed()

    async def _until_ready(self) -> None:
        assert self._exit is not None
        waiting = asyncio.create_task(self._probing() if self.process.ready else self._told())
        events: list[asyncio.Future[Any]] = [waiting, self._exit]
        try:
            await asyncio.wait(events, timeout=self.process.ready_within_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
        if self._exit.done():
            raise StartFailed(f"{self.process.name} ended while it started ({self._exit.result()})", self.log)
        if not self.ready.is_set():
            if waiting.done() and not waiting.cancelled() and (error := waiting.exception()):
                raise error
            within = f"{self.process.ready_within_s:g} s"
            raise StartFailed(f"{self.process.name} was not ready within {within}", self.log)

    async def _told(self) -> None:
        await self.ready.wait()

    async def _probing(self) -> None:
        assert self.process.ready is not None
        while not await self.process.ready():  # noqa: ASYNC110 (another program: it cannot set an event)
            await asyncio.sleep(PROBE_EVERY_S)
        self._is_ready()


def _put_aside(log: Path) -> None:
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_suffix(".log.1"))
