"""A line of callers that keeps its length, through SIPp: where one is served, the next one calls."""

import asyncio
import contextlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from core.errors import GuichetError

SCENARIO = Path(__file__).parent / "sipp/waiter.xml"
CALLER_IP = "127.0.0.2"
PER_SECOND = 50
MOST_CALLS = 100_000
PORTS_EACH = 10


class Line:
    """`own_port`: SIPp's own ports begin there, on its own address."""

    def __init__(self, sipp: Sequence[str], *, number: str, sip_port: int, own_port: int) -> None:
        self._sipp, self._number, self._sip_port, self._own_port = sipp, number, sip_port, own_port
        self._running: list[tuple[asyncio.subprocess.Process, Path]] = []

    async def grow(self, more: int) -> None:
        """So many more callers at any time, from soon on."""
        who = len(self._running) + 1
        port = self._own_port + PORTS_EACH * who
        folder = Path(tempfile.mkdtemp(prefix="guichet-sipp-"))
        shutil.copy(SCENARIO, folder)
        process = await asyncio.create_subprocess_exec(
            *self._sipp, f"127.0.0.1:{self._sip_port}", "-sf", SCENARIO.name, "-s", self._number,
            "-key", "who", str(who), "-i", CALLER_IP, "-mi", CALLER_IP, "-p", str(port),
            "-min_rtp_port", str(port + 2), "-max_rtp_port", str(port + 6),
            "-m", str(MOST_CALLS), "-r", str(PER_SECOND), "-l", str(more), "-nostdin", "-trace_err",
            cwd=folder, env={**os.environ, "TERM": "dumb"},
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        self._running.append((process, folder))

    def check(self) -> None:
        """GuichetError with what SIPp complained of, where it gave up."""
        for process, folder in self._running:
            if process.returncode is not None:
                errors = "\n".join(file.read_text(errors="replace")[:2000] for file in folder.glob("*errors.log"))
                raise GuichetError(f"the callers gave up; SIPp ended with {process.returncode}: {errors}")

    async def end(self) -> None:
        """All callers are gone without a word."""
        for process, folder in self._running:
            if process.returncode is None:
                process.kill()
            await process.wait()
            shutil.rmtree(folder, ignore_errors=True)


@contextlib.asynccontextmanager
async def line(sipp: Sequence[str], *, number: str, sip_port: int, own_port: int) -> AsyncIterator[Line]:
    """A line that is empty at first."""
    callers = Line(sipp, number=number, sip_port=sip_port, own_port=own_port)
    try:
        yield callers
    finally:
        await callers.end()
