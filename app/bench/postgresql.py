"""A PostgreSQL of its own, in a folder of its own, on a unix socket: for tests and benchmarks."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from app.places import asterisk_user
from core.errors import GuichetError

STARTS_WITHIN_S = 60.0
USER = "guichet"
"""The database's user; whoever may open the folder may be it."""
SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "timezone": "GMT",
    "log_timezone": "GMT",
    "max_connections": "50",
    "logging_collector": "off",
}


class PostgresqlServer:
    """`programs`: where initdb and postgres are. Neither runs as root: then the server has another user's rights, and
    the folder is that user's."""

    def __init__(self, programs: Path, folder: Path | None = None, settings: Mapping[str, str] | None = None) -> None:
        """`folder` is kept at the end where it was given; it is not there yet, or one of an earlier server."""
        self._programs, self._given = programs, folder
        self._user = asterisk_user()
        self.folder = folder or Path(tempfile.mkdtemp(prefix="postgresql-", dir="/tmp"))
        self._settings = {**SETTINGS, **(settings or {}), "unix_socket_directories": str(self.folder)}
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, database: str) -> str:
        """The address of a database, as settings want it."""
        return f"postgresql+asyncpg://{USER}@/{database}?host={quote(str(self.folder))}"

    @property
    def pid(self) -> int:
        assert self._process, "it runs"
        return self._process.pid

    def start(self) -> None:
        """Make the cluster where there is none, and wait until it answers. Raises GuichetError where it does not."""
        self.folder.mkdir(exist_ok=True)
        if self._user:
            shutil.chown(self.folder, self._user)
        data = self.folder / "data"
        if not data.exists():
            made = subprocess.run(
                [self._programs / "initdb", "-D", data, "-U", USER, "--auth=trust", "--encoding=UTF8", "--locale=C",
                 "--no-sync"],
                capture_output=True, text=True, errors="replace", check=False, **self._rights(),
            )  # fmt: skip
            if made.returncode:
                raise GuichetError(f"PostgreSQL makes no database: {made.stderr.strip()}")
        options = [word for name, value in self._settings.items() for word in ("-c", f"{name}={value}")]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", data, *options], stdout=log, stderr=log, **self._rights()
            )
        until = time.monotonic() + STARTS_WITHIN_S
        while not self._accepts():
            if self._process.poll() is not None or time.monotonic() > until:
                raise GuichetError(f"PostgreSQL does not start: {self._log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.02)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT ends all sessions at once and closes the database well; SIGQUIT is a crash."""
        if self._process:
            self._process.send_signal(how)
            self._process.wait(60)
            self._process = None

    def end(self) -> None:
        """Stop, and remove the folder unless it was given."""
        self.stop()
        if self._given is None:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> "PostgresqlServer":
        try:
            self.start()
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    @property
    def _log(self) -> Path:
        return self.folder / "log"

    def _rights(self) -> dict[str, Any]:
        common: dict[str, Any] = {
            "cwd": self.folder,
            "stdin": subprocess.DEVNULL,
            "env": {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C"},
        }
        return {**common, "user": self._user, "group": _group(self._user), "extra_groups": []} if self._user else common

    def _accepts(self) -> bool:
        """True once sessions are taken: the socket is there earlier, while the server still says that it starts."""
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(5)
                client.connect(str(self.folder / ".s.PGSQL.5432"))
                words = f"user\0{USER}\0database\0postgres\0\0".encode()
                client.sendall((8 + len(words)).to_bytes(4) + (196608).to_bytes(4) + words)  # protocol 3.0
                return client.recv(1) == b"R"  # an answer to who we are, not an error
        except OSError:
            return False


def _group(user: str) -> int:
    import pwd

    return pwd.getpwnam(user).pw_gid
