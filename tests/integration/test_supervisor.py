"""The real processes under the real command line: started, killed in every way, stopped."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app.install.native import Native
from app.install.places import CHECKOUT
from tests.ports import own

pytestmark = [pytest.mark.native, pytest.mark.asterisk]

PORTS = {
    "sip_port": own(22550), "agi_port": own(22551), "ami_port": own(22552), "web_port": own(22553),
    "ws_port": own(22554),
    "rtp_first": own(22560), "rtp_last": own(22598),
}  # fmt: skip
NAMES = {"valkey", "asterisk", "engine", "dispatcher", "history", "web"}


class House:
    """`guichet …` on a state folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.state = folder / "state"
        small = CHECKOUT / "tests" / "acceptance" / "town"  # it is rendered anew at each start here
        self.town = Path(shutil.copytree(small, folder / "town"))
        ports = {f"GUICHET_{name.upper()}": str(port) for name, port in PORTS.items()}
        self.environment = {**os.environ, **ports, "GUICHET_CALLFLOWS": str(self.town), "PYTHONPATH": str(CHECKOUT)}

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-P", "-m", "app", *arguments, "--state", str(self.state)],
            env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    def up(self) -> dict[str, Any]:
        ran = self.run("up", "--detach", "--json")
        assert ran.returncode == 0, ran.stderr
        facts: dict[str, Any] = json.loads(ran.stdout)
        return facts

    def status(self) -> dict[str, Any]:
        ran = self.run("status", "--json")
        return json.loads(ran.stdout) if ran.returncode == 0 else {"ready": False, "processes": []}

    def pids(self) -> dict[str, int]:
        return {process["name"]: process["pid"] for process in self.status()["processes"]}

    @property
    def supervisor(self) -> int:
        return int((self.state / "guichet.lock").read_text())


@pytest.fixture
def house(native: Native) -> Iterator[House]:
    folder = Path(tempfile.mkdtemp(prefix="gt-"))
    folder.chmod(0o755)  # Asterisk has no root's rights
    made = House(folder)
    yield made
    made.run("down")
    shutil.rmtree(folder)


def until(true: Callable[[], object], within_s: float = 20) -> None:
    limit = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < limit, "did not come true in time"
        time.sleep(0.05)


def alive(pids: dict[str, int]) -> list[str]:
    def lives(pid: int) -> bool:
        try:
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
        except OSError:
            return False

    return [name for name, pid in pids.items() if lives(pid)]


def test_a_whole_house_starts_is_healthy_and_ends(house: House) -> None:
    facts = house.up()
    assert facts["ready"] and facts["numbers"] and facts["sip"] == {"host": "127.0.0.1", "port": PORTS["sip_port"]}
    assert all(len(agent["password"]) >= 16 for agent in facts["agents"])

    pids = house.pids()
    assert set(pids) == NAMES == set(alive(pids))
    if os.getuid() == 0:
        assert Path(f"/proc/{pids['asterisk']}").stat().st_uid != 0

    threads = list(Path(f"/proc/{house.supervisor}/task").iterdir())
    assert len(threads) == 1, "a fork copies but one thread, and what it starts must not die with another"

    doctor = house.run("doctor")
    assert doctor.returncode == 0, doctor.stdout
    assert "was heard" in doctor.stdout

    assert house.run("down").stdout == "Stopped.\n"
    assert alive(pids) == []
    assert house.up()["agents"] == facts["agents"], "accounts and passwords stay"


@pytest.mark.parametrize("name", sorted(NAMES))
def test_each_process_that_is_killed_comes_back(house: House, name: str) -> None:
    house.up()
    before = house.pids()
    os.kill(before[name], signal.SIGKILL)
    until(lambda: house.pids().get(name, before[name]) not in (0, before[name]) and house.status()["ready"])
    after = house.pids()
    assert {other for other in NAMES if after[other] != before[other]} == {name}


def test_when_the_supervisor_is_killed_nothing_is_left_and_the_next_start_is_whole(house: House) -> None:
    house.up()
    pids = house.pids()
    os.kill(house.supervisor, signal.SIGKILL)
    until(lambda: not alive(pids))
    assert house.run("status").returncode == 1
    assert house.up()["ready"]


def test_with_a_faulty_town_calls_go_on_with_the_last_good_version(house: House) -> None:
    house.up()
    house.run("down")
    (house.town / "accueil.yaml").write_text("flow: accueil\n")
    ran = house.run("up", "--detach", "--json")
    assert ran.returncode == 0 and json.loads(ran.stdout)["numbers"]
    assert "accueil.yaml:1:1: " in ran.stderr and "Calls go on with the last good version" in ran.stderr
    assert house.run("doctor").returncode == 1


def test_a_call_is_in_the_history_once_though_the_supervisor_was_killed(house: House) -> None:
    house.up()
    assert house.run("doctor").returncode == 0  # makes a call
    os.kill(house.supervisor, signal.SIGKILL)
    house.up()
    with closing(sqlite3.connect(house.state / "history.db")) as history:
        until(lambda: history.execute("SELECT count(*) FROM contact WHERE ended_at IS NOT NULL").fetchone() == (1,))
