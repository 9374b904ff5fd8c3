import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from app.child import MANY_ENDS, Process, Stage, StartFailed, pause_before_restart
from app.install.places import CHECKOUT
from app.processes import until_told_to_end
from app.ready import beat, tell_ready
from app.spawn import Program, Work
from app.supervisor import Supervisor
from tests.unit.app.fakes import SLEEP, TELL_READY, number_in, program, running, until

Start = Callable[[Sequence[Process]], Awaitable[Supervisor]]


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    begun: list[Supervisor] = []

    async def run(processes: Sequence[Process]) -> Supervisor:
        begun.append(Supervisor(processes, tmp_path))
        await begun[-1].start()
        return begun[-1]

    yield run
    for supervisor in begun:
        await supervisor.stop()


def test_pauses_grow_from_a_tenth_of_a_second_to_ten_seconds() -> None:
    assert [pause_before_restart(n) for n in (0, 1, 2, 6, 7, 1000)] == [0.1, 0.2, 0.4, 6.4, 10.0, 10.0]


async def test_a_process_that_is_killed_is_begun_again(start: Start) -> None:
    engine = (await start([program("engine")])).children["engine"]
    first = engine.pid
    os.kill(first, signal.SIGKILL)
    await until(lambda: engine.pid not in (0, first) and engine.ready.is_set())
    assert engine.restarts == 1


async def _lives() -> None:
    tell_ready()
    await beat()


def _hangs() -> int:
    tell_ready()
    time.sleep(600)
    return 0


async def test_one_of_our_own_that_hangs_is_ended_and_begun_again(
    start: Start, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("app.child.BEAT_EVERY_S", 0.05)
    engine = (await start([Process("engine", Work(lambda: None, _hangs))])).children["engine"]
    first = engine.pid
    await until(lambda: engine.pid not in (0, first) and engine.ready.is_set())
    assert engine.restarts >= 1
    assert "engine hangs: nothing was heard of it" in caplog.text


async def test_one_that_lives_is_left_alone_until_it_is_frozen(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.ready.BEAT_EVERY_S", 0.02)
    monkeypatch.setattr("app.child.BEAT_EVERY_S", 0.1)
    work = Work(lambda: None, lambda: asyncio.run(_lives()) or 0)
    engine = (await start([Process("engine", work)])).children["engine"]
    first = engine.pid
    await asyncio.sleep(1.0)  # twice as long as a silent one would live
    assert (engine.pid, engine.restarts) == (first, 0)
    os.kill(first, signal.SIGSTOP)
    await until(lambda: engine.pid not in (0, first) and engine.ready.is_set())
    assert not running(first)


async def test_one_that_must_come_after_another_begins_when_that_is_ready(start: Start, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    late = f"import pathlib, time; time.sleep(0.2); pathlib.Path({str(mark)!r}).touch(); {TELL_READY} {SLEEP}"
    looks = f"import pathlib; assert pathlib.Path({str(mark)!r}).exists(); {TELL_READY} {SLEEP}"
    supervisor = await start([program("engine", looks, after=("store",)), program("store", late)])
    assert supervisor.children["engine"].ready.is_set()


async def test_a_probe_says_when_a_silent_program_is_ready(start: Start) -> None:
    asked: list[int] = []

    async def probe() -> bool:
        asked.append(1)
        return len(asked) == 3

    supervisor = await start([program("store", SLEEP, ready=probe)])
    assert supervisor.children["store"].ready.is_set() and len(asked) == 3


async def test_one_that_ends_at_its_first_start_is_named_with_its_log(start: Start) -> None:
    with pytest.raises(StartFailed, match=r"^engine ended while it started \(exit status 3\)$") as failed:
        await start([program("store"), program("engine", "print('no sound card', flush=True); exit(3)")])
    assert failed.value.log.read_text() == "no sound card\n"


async def test_one_that_never_gets_ready_is_named(start: Start) -> None:
    with pytest.raises(StartFailed, match=r"engine was not ready within 0\.2 s"):
        await start([program("engine", SLEEP, ready_within_s=0.2)])


async def test_a_program_that_is_not_there_is_named(start: Start) -> None:
    with pytest.raises(StartFailed, match=r"asterisk could not be started: .*No such file"):
        await start([Process("asterisk", Program(["/nowhere/asterisk"]))])


async def test_one_that_keeps_ending_is_called_a_trouble(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.child.FIRST_PAUSE_S", 0.001)
    supervisor = await start([program("engine", f"{TELL_READY} import time; time.sleep(0.1); exit(1)")])
    engine = supervisor.children["engine"]
    await until(lambda: "keeps ending" in engine.trouble)
    assert engine.trouble == f"engine keeps ending (exit status 1, {MANY_ENDS} times in a row); see {engine.log}"


async def test_after_a_good_life_the_trouble_is_forgotten(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.child.GOOD_LIFE_S", 0.05)
    engine = (await start([program("engine")])).children["engine"]
    engine.trouble = "engine keeps ending"
    await until(lambda: not engine.trouble)


async def test_all_have_ended_after_stop_and_none_comes_back(start: Start) -> None:
    supervisor = await start([program("store", stage=Stage.STORE), program("engine", stage=Stage.CALLS)])
    pids = [child.pid for child in supervisor.children.values()]
    os.kill(pids[0], signal.SIGKILL)  # its restart is due while all is stopped
    await supervisor.stop()
    assert not any(map(running, pids))
    assert not any(child.alive for child in supervisor.children.values())


async def test_calls_end_before_the_store(start: Start, tmp_path: Path) -> None:
    order = tmp_path / "order"
    code = (
        "import signal, sys\n"
        f"def end(*_): open({str(order)!r}, 'a').write(NAME + ' '); sys.exit()\n"
        f"signal.signal(signal.SIGTERM, end)\n{TELL_READY}\n{SLEEP}"
    )
    names = {"store": Stage.STORE, "phones": Stage.PHONES, "engine": Stage.CALLS, "web": Stage.HELPERS}
    supervisor = await start([program(n, f"NAME = {n!r}\n{code}", stage=s) for n, s in names.items()])
    await supervisor.stop()
    assert order.read_text().split() == ["engine", "phones", "web", "store"]


async def test_one_that_does_not_listen_is_killed(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.supervisor.STOP_WITHIN_S", dict.fromkeys(Stage, 0.2))
    deaf = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {TELL_READY} {SLEEP}"
    supervisor = await start([program("engine", deaf)])
    pid = supervisor.children["engine"].pid
    await supervisor.stop()
    assert not running(pid)


async def test_what_a_process_has_begun_ends_with_it(start: Start, tmp_path: Path) -> None:
    note = tmp_path / "grandchild"
    code = (
        "import subprocess, sys, pathlib\n"
        f"child = subprocess.Popen([sys.executable, '-c', {SLEEP!r}])\n"
        f"pathlib.Path({str(note)!r}).write_text(str(child.pid))\n{TELL_READY}\n{SLEEP}"
    )
    supervisor = await start([program("engine", code)])
    grandchild = number_in(note)
    assert running(grandchild)
    os.kill(supervisor.children["engine"].pid, signal.SIGKILL)
    await until(lambda: not running(grandchild))


async def test_no_orphan_is_left_when_the_supervisor_is_killed_not_even_one_without_its_rights(tmp_path: Path) -> None:
    house = f"""
import asyncio, os, pathlib, time
from app.child import Process
from app.spawn import Program, Work
from app.supervisor import Supervisor
from tests.unit.app.fakes import at_once, program
async def main():
    user = "nobody" if os.getuid() == 0 else ""
    asterisk = Process("asterisk", Program(["/bin/sleep", "600"], user=user), ready=at_once)
    engine = Process("engine", Work(lambda: None, lambda: time.sleep(600)), ready=at_once)
    supervisor = Supervisor([program("web"), asterisk, engine], pathlib.Path({str(tmp_path)!r}))
    await supervisor.start()
    print(*(child.pid for child in supervisor.children.values()), flush=True)
    await supervisor.watch()
asyncio.run(main())
"""
    supervisor = await asyncio.create_subprocess_exec(
        sys.executable, "-c", house, stdout=asyncio.subprocess.PIPE, cwd=CHECKOUT
    )
    assert supervisor.stdout
    pids = [int(word) for word in (await supervisor.stdout.readline()).split()]
    assert len(pids) == 3 and all(map(running, pids))
    if os.getuid() == 0:
        assert Path(f"/proc/{pids[1]}").stat().st_uid != 0
    supervisor.kill()
    await supervisor.wait()
    await until(lambda: not any(map(running, pids)))


async def test_a_log_that_grew_too_long_is_put_aside(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.child.LOG_LIMIT", 3)
    (tmp_path / "engine.log").write_text("long ago")
    await start([program("engine")])
    assert (tmp_path / "engine.log").read_text() == ""
    assert (tmp_path / "engine.log.1").read_text() == "long ago"


def copy(work: Callable[[], int], **how: Any) -> Process:
    """A process that is a copy of this one and says at once that it is ready."""

    def run() -> int:
        tell_ready()
        return work()

    return Process("engine", Work(lambda: None, run), **how)


async def test_a_copy_of_ourselves_has_an_event_loop_of_its_own_and_ends_at_sigterm(
    start: Start, tmp_path: Path
) -> None:
    note = tmp_path / "note"

    async def lives() -> None:
        tell_ready()
        await asyncio.sleep(600)

    def work() -> int:
        asyncio.run(until_told_to_end(lives()))
        note.write_text(str(os.getpid()))
        return 0

    supervisor = await start([Process("engine", Work(lambda: None, work))])
    pid = supervisor.children["engine"].pid
    await supervisor.stop()
    assert number_in(note) == pid and not running(pid)


async def test_a_copy_holds_nothing_of_ours_open(start: Start, tmp_path: Path) -> None:
    note = tmp_path / "note"

    def work() -> int:
        open_ones = [str(file.readlink()) for file in list(Path("/proc/self/fd").iterdir()) if file.exists()]
        note.write_text("\n".join(name for name in open_ones if name == str(tmp_path / "ours")))
        time.sleep(600)
        return 0

    with open(tmp_path / "ours", "w"):
        await start([copy(work)])
        await until(note.exists)
        assert note.read_text() == ""


async def test_a_copy_that_fails_says_why_in_its_log_and_is_begun_again(start: Start, tmp_path: Path) -> None:
    def work() -> int:
        raise RuntimeError("no more sounds")

    engine = (await start([copy(work)])).children["engine"]
    await until(lambda: engine.restarts >= 1)
    assert "RuntimeError: no more sounds" in engine.log.read_text()


async def test_a_copy_goes_by_its_own_name_in_its_own_session(start: Start) -> None:
    engine = (await start([copy(lambda: time.sleep(600) or 0)])).children["engine"]
    assert Path(f"/proc/{engine.pid}/comm").read_text() == "guichet-engine\n"
    assert os.getsid(engine.pid) == engine.pid
