"""A whole house of fake processes, as a program of its own: how it starts, lives through accidents, and ends."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from app import down, house
from app.install.places import CHECKOUT
from app.settings import Settings
from tests.ports import own
from tests.unit.app.fakes import SLEEP, TELL_READY, running, until

PORT = own(22510)
LIVES = f"{TELL_READY} {SLEEP}"


class FakeHouse:
    """`state` is where it lives; `said` and `complained` are its stdout and stderr, once it has ended."""

    def __init__(self, state: Path) -> None:
        self.settings = Settings(state=state)
        self.said, self.complained = "", ""
        self.programs: list[asyncio.subprocess.Process] = []

    async def start(self, how: str = "stay", code: str = LIVES) -> asyncio.subprocess.Process:
        program = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.unit.app.fake_house", how, str(self.settings.state), str(PORT), code,
            cwd=CHECKOUT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        self.programs.append(program)
        return program

    async def stay(self) -> asyncio.subprocess.Process:
        """Start it; gives its supervisor when it is ready."""
        supervisor = await self.start()
        assert supervisor.stdout
        self.said = (await asyncio.wait_for(supervisor.stdout.readline(), 20)).decode()
        return supervisor

    async def end_of(self, program: asyncio.subprocess.Process) -> int:
        said, complained = await asyncio.wait_for(program.communicate(), 20)
        self.said += said.decode()
        self.complained += complained.decode()
        assert program.returncode is not None
        return program.returncode

    def pids(self) -> dict[str, int]:
        found = house.load(self.settings)
        return {runner.name: runner.pid for runner in found.processes} if found else {}

    def status(self) -> house.House:
        found = house.load(self.settings)
        assert found is not None
        return found


@pytest.fixture
async def fake(state: Path) -> AsyncIterator[FakeHouse]:
    made = FakeHouse(state)
    yield made
    await asyncio.to_thread(down.stop, made.settings)
    for program in made.programs:
        await program.communicate()


def facts(said: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(said)
    return data


async def test_when_all_is_ready_the_facts_are_told_as_one_object(fake: FakeHouse) -> None:
    await fake.stay()
    assert facts(fake.said) == {
        "ready": True,
        "sip": {"host": "127.0.0.1", "port": PORT},
        "numbers": ["3939"],
        "web": f"http://127.0.0.1:{PORT + 3}/",
        "agents": [{"id": "camille", "extension": "1001", "password": "x", "skills": {}}],
        "accounts": [],
        "state": str(fake.settings.state),
    }
    assert set(fake.pids()) == {"valkey", "engine", "web"}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_told_to_stop_all_end_and_the_house_says_nothing_is_wrong(fake: FakeHouse, number: int) -> None:
    supervisor = await fake.stay()
    pids = fake.pids()
    supervisor.send_signal(number)
    assert await fake.end_of(supervisor) == 0
    assert not any(map(running, pids.values()))
    assert "Traceback" not in fake.complained
    assert house.load(fake.settings) is None


async def test_ctrl_c_in_the_terminal_does_not_reach_the_processes_themselves(fake: FakeHouse) -> None:
    supervisor = await fake.stay()
    assert all(os.getpgid(pid) != os.getpgid(supervisor.pid) for pid in fake.pids().values())


async def test_a_killed_engine_is_back_and_counted(fake: FakeHouse) -> None:
    await fake.stay()
    before = fake.pids()
    os.kill(before["engine"], signal.SIGKILL)
    await until(lambda: fake.status().ready and fake.pids()["engine"] not in (0, before["engine"]))
    after = {runner.name: runner.restarts for runner in fake.status().processes}
    assert after == {"valkey": 0, "engine": 1, "web": 0}
    assert fake.pids()["valkey"] == before["valkey"]


async def test_when_the_supervisor_is_killed_all_end_and_the_next_start_is_whole(fake: FakeHouse) -> None:
    supervisor = await fake.stay()
    pids = fake.pids()
    supervisor.kill()
    await supervisor.wait()
    await until(lambda: not any(map(running, pids.values())))
    await fake.stay()
    assert facts(fake.said)["ready"]


async def test_a_second_start_on_the_same_data_is_refused(fake: FakeHouse) -> None:
    first = await fake.stay()
    second = FakeHouse(fake.settings.state)
    assert await second.end_of(await second.start()) == 1
    assert f"runs already on {fake.settings.state} (process {first.pid})" in second.complained
    assert fake.status().ready


async def test_a_taken_port_is_told_before_anything_begins(fake: FakeHouse) -> None:
    with socket.create_server(("127.0.0.1", PORT + 1)):
        assert await fake.end_of(await fake.start()) == 1
    assert fake.complained.startswith(f"TCP port {PORT + 1} of 127.0.0.1, for the engine, is taken by ")
    assert "GUICHET_AGI_PORT" in fake.complained


@pytest.mark.parametrize("how", ["stay", "leave"])
async def test_a_process_that_fails_at_the_start_is_told_with_what_it_said(fake: FakeHouse, how: str) -> None:
    assert await fake.end_of(await fake.start(how, "exit('no sound card')")) == 1
    assert "engine ended while it started (exit status 1). The last lines of " in fake.complained
    assert "  no sound card\n" in fake.complained
    assert fake.said == "" and "Traceback" not in fake.complained
    assert house.holder(fake.settings.state) == 0


async def test_left_running_it_goes_on_without_the_one_who_started_it(fake: FakeHouse) -> None:
    assert await fake.end_of(await fake.start("leave")) == 0
    assert facts(fake.said)["ready"]
    assert "a fault in a file" in fake.complained
    assert fake.status().ready and all(map(running, fake.pids().values()))


async def test_down_waits_until_all_have_ended_and_may_be_said_again(fake: FakeHouse) -> None:
    await fake.end_of(await fake.start("leave"))
    pids = [house.holder(fake.settings.state), *fake.pids().values()]
    assert await asyncio.to_thread(down.stop, fake.settings) is True
    assert not any(map(running, pids))
    assert await asyncio.to_thread(down.stop, fake.settings) is False


async def test_told_to_stop_while_it_starts_nothing_is_left(fake: FakeHouse) -> None:
    supervisor = await fake.start(code=SLEEP)
    await until(lambda: fake.pids().get("engine"))
    pids = fake.pids()
    supervisor.terminate()
    assert await fake.end_of(supervisor) == 0
    assert not any(map(running, pids.values()))
