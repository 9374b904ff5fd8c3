"""Calls in numbers, through SIPp."""

import asyncio
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from app.bench import pcap
from core.errors import GuichetError

SCENARIO = Path(__file__).parent / "sipp/caller.xml"
CALLER_IP = "127.0.0.2"
TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")


class Callers:
    """People who dial 3939, press 2 while they hear the menu, and listen to the end."""

    def __init__(
        self, sipp: Sequence[str], *, sip_port: int, own_port: int, digit_at_ms: int = 0, length_ms: int = 0
    ) -> None:
        """`own_port`: SIPp's own; its sound has the ports after it. SIPp plays sound through a raw socket. With a
        `length_ms` of 0 they only listen, and nobody need be root."""
        if length_ms and os.getuid() != 0:
            raise GuichetError("the benchmark `calls` must be run as root: SIPp sends digits through a raw socket.")
        self._sipp, self._sip_port, self._own_port = sipp, sip_port, own_port
        self._digit_at_ms, self._length_ms = digit_at_ms, length_ms

    async def call(self, calls: int, per_second: int) -> None:
        """Make so many calls; returns when the last one is over. GuichetError unless every one went well."""
        with tempfile.TemporaryDirectory(prefix="guichet-sipp-") as folder:
            self._write_scenario(Path(folder))
            process = await asyncio.create_subprocess_exec(
                *self._sipp, f"127.0.0.1:{self._sip_port}", "-sf", SCENARIO.name, "-s", "3939",
                "-i", CALLER_IP, "-mi", CALLER_IP, "-p", str(self._own_port), "-min_rtp_port", str(self._own_port + 2),
                "-m", str(calls), "-r", str(per_second), "-l", str(calls), "-nostdin", "-trace_err",
                "-timeout", str(60 + calls // per_second), "-timeout_error",
                cwd=folder, env={**os.environ, "TERM": "dumb"},
                stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
            )  # fmt: skip
            try:
                said, _ = await process.communicate()
            finally:
                if process.returncode is None:
                    process.kill()
            if process.returncode:
                errors = "\n".join(path.read_text(errors="replace")[:2000] for path in Path(folder).glob("*errors.log"))
                raise GuichetError(
                    f"not every call went well; SIPp ended with {process.returncode}: "
                    f"{errors or said.decode(errors='replace')[-2000:]}"
                )

    def _write_scenario(self, folder: Path) -> None:
        text = SCENARIO.read_text()
        if self._length_ms:
            pcap.write(folder / "caller.pcap", digit=2, digit_at_ms=self._digit_at_ms, length_ms=self._length_ms)
        else:
            text = "".join(line for line in text.splitlines(keepends=True) if "play_pcap_audio" not in line)
        (folder / SCENARIO.name).write_text(text)


def cpu_ms(pid: int) -> float:
    """Processor time that a process with all its threads has used so far, in milliseconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * TICK_MS  # utime, stime: proc(5) fields 14 and 15
