"""The history process of a house, alone: between a store and a database that are given, watched from outside."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

from app.gauges import HISTORY_FIGURES, read_figures
from app.install.places import CHECKOUT

ENDS_WITHIN_S = 20.0


class RecorderProcess:
    """`with RecorderProcess(folder, store_url, database_url, key) as recorder:` What it logs and its figures are in
    the folder; `key` is the file of the pseudonyms' key."""

    def __init__(self, folder: Path, store_url: str, database_url: str, key: Path) -> None:
        self._folder = folder
        self._environment = {
            "GUICHET_STATE": str(folder),
            "GUICHET_REDIS_URL": store_url,
            "GUICHET_DATABASE_URL": database_url,
            "GUICHET_PSEUDONYM_KEY_FILE": str(key),
        }
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "RecorderProcess":
        (self._folder / "run").mkdir(parents=True, exist_ok=True)
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "app", "run", "history"],
                cwd=CHECKOUT, env={**os.environ, **self._environment}, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        return self

    def __exit__(self, *_: object) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait(ENDS_WITHIN_S)

    @property
    def log(self) -> str:
        return (self._folder / "log").read_text(errors="replace")

    def lives(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def figures(self) -> dict[str, float]:
        """Those that it tells whoever collects metrics; none before the first time."""
        return read_figures(self._folder / "run" / HISTORY_FIGURES)

    async def told(self, name: str, least: float, most: float, within_s: float) -> float:
        """Wait until a figure is one of `least` to `most`; gives it. Raises TimeoutError, or RuntimeError with its log
        where the process ended."""
        async with asyncio.timeout(within_s):
            while not least <= (value := self.figures().get(name, -1.0)) <= most:
                if not self.lives():
                    raise RuntimeError(f"the history process ended:\n{self.log}")
                await asyncio.sleep(0.05)
        return value

    def memory_mb(self) -> float:
        """What it holds now."""
        return self._status("VmRSS")

    def most_memory_mb(self) -> float:
        """The most that it ever held."""
        return self._status("VmHWM")

    def _status(self, name: str) -> float:
        assert self._process, "it runs"
        with open(f"/proc/{self._process.pid}/status") as file:
            return next(int(line.split()[1]) / 1024 for line in file if line.startswith(f"{name}:"))
