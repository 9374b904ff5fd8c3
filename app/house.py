"""What is known of a running house from outside: a lock that is held as long as it runs, and `house.json`.

<state>/guichet.lock       locked (flock) by the supervisor; holds its process id
<run>/house.json           what `status` shows, and which processes there are; only its owner may read it
"""

import fcntl
import json
import os
import signal
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from app.settings import Settings
from core.errors import GuichetError
from core.whole import write_whole

AGENTS_FILE = "agents.json"
"""Beside house.json, kept by the engine: the agents as `status` shows them."""
LEFT_OVER_WITHIN_S = 3.0
"""How long a process left over from a killed supervisor has between SIGTERM and SIGKILL."""


@dataclass(frozen=True, slots=True)
class Runner:
    """A process that was begun. Its id alone is not enough: ids are used again. `born` is in clock ticks since boot."""

    name: str
    pid: int
    born: int
    since: float = 0.0
    """Seconds since 1970."""
    restarts: int = 0
    ready: bool = False
    trouble: str = ""

    @property
    def alive(self) -> bool:
        return self.pid > 0 and birth(self.pid) == self.born


@dataclass(frozen=True, slots=True)
class House:
    """What `up` and `status` print as JSON, and the processes."""

    ready: bool
    sip: dict[str, Any]
    numbers: list[str]
    web: str
    agents: list[dict[str, Any]]
    state: str
    warnings: list[str] = field(default_factory=list)
    accounts: list[dict[str, str]] = field(default_factory=list)
    """Those that this start made for the demo, with their passwords."""
    processes: list[Runner] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=dict)
    """With which it was started."""

    def facts(self) -> dict[str, Any]:
        """`ready`, `sip`, `numbers`, `web`, `agents`, `accounts`, `state`."""
        data = asdict(self)
        del data["processes"], data["warnings"], data["settings"]
        return data


def birth(pid: int) -> int:
    """When the process began, in clock ticks since boot; 0 where there is none, or only what waits to be reaped."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return 0 if fields[0] in "ZX" else int(fields[19])


class HouseLock:
    """Held while a house runs on this state; the kernel lets it go however the supervisor ends."""

    def __init__(self, state: Path) -> None:
        self.path = state / "guichet.lock"
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._file)
            raise GuichetError(
                f"Guichet runs already on {state} (process {holder(state)}): `./guichet status` shows it, "
                "`./guichet down` stops it; another one needs another folder, by --state."
            ) from None
        os.ftruncate(self._file, 0)
        os.write(self._file, str(os.getpid()).encode())

    def release(self) -> None:
        os.close(self._file)


def holder(state: Path) -> int:
    """The supervisor's process id, 0 where none runs on this state."""
    try:
        file = os.open(state / "guichet.lock", os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return 0
    except PermissionError:
        raise GuichetError(f"{state} belongs to somebody else: use your own folder, by --state.") from None
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        text = os.read(file, 20).decode(errors="replace").strip()
        return int(text) if text.isdigit() else 0
    else:
        return 0
    finally:
        os.close(file)


def save(house: House, settings: Settings) -> None:
    write_whole(settings.run / "house.json", json.dumps(asdict(house)))


def load(settings: Settings) -> House | None:
    """The running house; None where none runs, or it has only just begun."""
    return _read(settings) if holder(settings.state) else None


def settings_of(settings: Settings) -> Settings:
    """The settings with which the house on this state runs, whatever guichet.toml and the environment say here and now;
    those given where none runs."""
    house = load(settings)
    return Settings(**house.settings) if house and house.settings else settings


def end_left_overs(settings: Settings) -> list[str]:
    """End what a killed supervisor may have left (it holds the store's files, or ports), and give the names. To be
    called with the lock held."""
    house = _read(settings)
    left = [runner for runner in house.processes if runner.alive] if house else []
    for number in (signal.SIGTERM, signal.SIGKILL):
        _end(left, number)
    for name in ("house.json", AGENTS_FILE):
        (settings.run / name).unlink(missing_ok=True)
    return [runner.name for runner in left]


def _end(runners: Iterable[Runner], number: int) -> None:
    limit = time.monotonic() + LEFT_OVER_WITHIN_S
    for runner in runners:
        if runner.alive:
            os.kill(runner.pid, number)
    while any(runner.alive for runner in runners) and time.monotonic() < limit:
        time.sleep(0.02)


def _agents_now(settings: Settings) -> list[dict[str, Any]]:
    """As the engine keeps them, which follows their accounts; nothing where it has not yet."""
    try:
        agents: list[dict[str, Any]] = json.loads((settings.run / AGENTS_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return agents


def _read(settings: Settings) -> House | None:
    try:
        data = json.loads((settings.run / "house.json").read_text(encoding="utf-8"))
        runners = [Runner(**runner) for runner in data.pop("processes")]
        data["agents"] = _agents_now(settings) or data["agents"]
        return House(**data, processes=runners)
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError):  # written by another version
        return None
