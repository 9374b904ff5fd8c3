"""A real Valkey on a unix socket in a short folder (a socket's path ends at 107 bytes), with its append-only file."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from app.install.native import Native

STARTS_WITHIN_S = 20.0


class Valkey:
    """`start`, `kill` (as a crash would) and `start` again: the data is in the folder."""

    def __init__(self, command: list[str], folder: Path) -> None:
        self._command = command
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._prefixes = count(1)
        self.socket = folder / "v.sock"

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def prefix(self) -> str:
        """What the keys of the next test begin with."""
        return f"{{test{next(self._prefixes)}}}:"

    def start(self) -> None:
        where = "--port", "0", "--unixsocket", str(self.socket), "--dir", str(self._folder)
        kept = "--appendonly", "yes", "--appendfsync", "everysec", "--save", ""
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen([*self._command, *where, *kept], stdout=log, stderr=log)
        until = time.monotonic() + STARTS_WITHIN_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"Valkey does not start:\n{(self._folder / 'log').read_text()}")
            time.sleep(0.01)

    def kill(self) -> None:
        """SIGKILL: it writes nothing more."""
        assert self._process
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(10)
        self._process = None

    def stop(self) -> None:
        if self._process:
            self.kill()

    def _answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(1)
                client.connect(str(self.socket))
                client.sendall(b"PING\r\n")
                return client.recv(64).startswith(b"+PONG")
        except OSError:
            return False


def _running(request: pytest.FixtureRequest) -> Iterator[Valkey]:
    root = os.environ.get("GUICHET_NATIVE_ROOT")
    native = Native(Path(root)) if root else request.getfixturevalue("native")
    folder = Path(tempfile.mkdtemp(prefix="valkey-", dir="/tmp"))
    valkey = Valkey(native.command("valkey-server"), folder)
    valkey.start()
    yield valkey
    valkey.stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def valkey(request: pytest.FixtureRequest) -> Iterator[Valkey]:
    """One for all tests; each takes a prefix of its own."""
    yield from _running(request)


@pytest.fixture
def own_valkey(request: pytest.FixtureRequest) -> Iterator[Valkey]:
    """One that the test may kill."""
    yield from _running(request)
