"""A whole Guichet in a folder of its own, started and ended by its own command: for benchmarks and acceptance tests."""

import asyncio
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app import house, settings
from app.house import Runner
from app.install.places import CHECKOUT
from app.install.programs import find_programs
from app.settings import Settings
from core.errors import GuichetError

COMMAND = (str(CHECKOUT / "guichet"),)
START_LIMIT_S = 300
"""A first start fetches the native programs."""
COMMAND_LIMIT_S = 30
ROOM = 20
"""Ports from the first one on that are kept for servers; those for sound come after."""


class OwnHouse:
    """`with OwnHouse(town, first_port=23000, last_port=23399) as house:` Its ports are those two and all between.
    `changes` are further settings, by their names."""

    def __init__(self, callflows: Path, *, first_port: int, last_port: int, **changes: Any) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="guichet-"))
        self.folder.chmod(0o755)  # Asterisk runs as another user
        self.state = self.folder / "state"
        ports = {
            "sip_port": first_port,
            "agi_port": first_port + 5,
            "ami_port": first_port + 2,
            "web_port": first_port + 3,
            "ws_port": first_port + 4,
            "rtp_first": first_port + ROOM,
            "rtp_last": last_port,
        }
        given = ports | changes
        self.settings: Settings = settings.load(state=self.state, callflows=callflows, **given)
        self.environment = {
            f"GUICHET_{name.upper()}": value if isinstance(value, str) else json.dumps(value)
            for name, value in given.items()
        }
        """What tells a process these settings."""
        self._asterisk: list[str] = []
        self._up = False
        self.facts: Mapping[str, Any] = {}
        """What `up --json` said."""

    def __enter__(self) -> "OwnHouse":
        try:
            self.up()
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    # --- its commands -------------------------------------------------------------------------------------------

    def up(self) -> None:
        """Start it; returns when it is ready."""
        self._up = True
        town = ("--callflows", str(self.settings.callflows))
        self.facts = json.loads(self.run("up", "--detach", "--json", *town, limit_s=START_LIMIT_S))

    def down(self) -> None:
        if self._up:
            self.run("down")
            self._up = False

    def end(self) -> None:
        """Stop it and forget its data. What it logged is read before, by `logs`."""
        try:
            self.down()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)
            if self.settings.asterisk_home.parent != self.state:
                shutil.rmtree(self.settings.asterisk_home, ignore_errors=True)

    def status(self) -> dict[str, Any]:
        status: dict[str, Any] = json.loads(self.run("status", "--json"))
        return status

    def run(self, *arguments: str, limit_s: float = COMMAND_LIMIT_S) -> str:
        """What `./guichet ARGUMENTS --state …` prints. GuichetError with what it complained of where it failed."""
        command = [*COMMAND, *arguments, "--state", str(self.state)]
        ran = subprocess.run(
            command, env={**os.environ, **self.environment}, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=limit_s, check=False,
        )  # fmt: skip
        if ran.returncode:
            raise GuichetError(f"guichet {' '.join(arguments)} ended with {ran.returncode}: {ran.stderr or ran.stdout}")
        return ran.stdout

    # --- what runs in it ----------------------------------------------------------------------------------------

    def pid(self, name: str) -> int:
        """The process of that name."""
        runners = self._runners()
        if not (name in runners and runners[name].pid):
            raise GuichetError(f"no process {name} is running; there are {', '.join(runners)}")
        return runners[name].pid

    async def restarted(self, name: str, former_pid: int, limit_s: float = 60.0) -> int:
        """Wait until another process of that name is ready; gives its id."""
        end = time.monotonic() + limit_s
        while time.monotonic() < end:
            runner = self._runners().get(name)
            if runner and runner.ready and runner.pid not in (0, former_pid):
                return runner.pid
            await asyncio.sleep(0.05)
        raise GuichetError(f"{name} was not started again within {limit_s:g} s")

    def _runners(self) -> dict[str, Runner]:
        found = house.load(self.settings)
        return {runner.name: runner for runner in found.processes} if found else {}

    def asterisk(self, command: str) -> str:
        """What a command on Asterisk's console prints."""
        if not self._asterisk:
            program = find_programs(self.settings).asterisk
            self._asterisk = [*program.command, "-C", str(self.settings.asterisk_home / "etc/asterisk.conf"), "-rx"]
        ran = subprocess.run(
            [*self._asterisk, command], capture_output=True, text=True, cwd="/", timeout=COMMAND_LIMIT_S, check=True
        )
        return ran.stdout

    def logs(self) -> dict[str, str]:
        """The end of every log, by the file's name."""
        return {str(file): _tail(file) for file in self.log_files()}

    def log_files(self) -> list[Path]:
        folders = {self.state, self.settings.asterisk_home}
        return sorted({file for folder in folders for file in folder.rglob("log*/*") if file.is_file()})


def _tail(file: Path, most: int = 20_000) -> str:
    with file.open("rb") as opened:
        opened.seek(max(0, file.stat().st_size - most))
        return opened.read().decode("utf-8", "replace")
