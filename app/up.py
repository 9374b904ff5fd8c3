"""Start a house and stay with it until told to stop; or leave it running and come back when it is ready."""

import asyncio
import logging
import os
import signal
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.child import Process, StartFailed
from app.house import House, HouseLock, Runner, birth, end_left_overs, save
from app.places import make_places
from app.plan import as_environment, own_command
from app.ports import check_ports
from app.processes import OneLine
from app.settings import Settings
from app.supervisor import Supervisor
from app.telling import PipeDisplay, Teller, messages
from core.errors import GuichetError

log = logging.getLogger(__name__)

TELL_FD = "GUICHET_TELL_FD"
HOUSE_COMMAND = tuple(own_command("run", "house"))
LAST_LINES = 12
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a house runs, and what its people are told."""

    processes: Sequence[Process]
    numbers: list[str] = field(default_factory=list)
    agents: list[dict[str, Any]] = field(default_factory=list)
    """`id`, `extension`, `password`, `skills` of each."""
    warnings: list[str] = field(default_factory=list)


Prepare = Callable[[Settings, Teller], Prepared]


def stay(settings: Settings, teller: Teller, prepare: Prepare) -> None:
    """Run the house until Ctrl-C, SIGTERM or SIGHUP. GuichetError where it does not come up."""
    make_places(settings)
    lock = HouseLock(settings.state)
    try:
        _begin_log(settings, teller)
        if left := end_left_overs(settings):
            log.warning("a former start was killed and had left %s running: ended", ", ".join(left))
        check_ports(settings)
        prepared = prepare(settings, teller)
        asyncio.run(_Running(settings, prepared, teller).until_told_to_stop())
    finally:
        lock.release()


def leave_running(settings: Settings, teller: Teller, command: Sequence[str] = HOUSE_COMMAND) -> dict[str, Any]:
    """Start the house as a process of its own and wait until it is ready; gives its facts. `command` is a program that
    calls `run_left_alone`."""
    make_places(settings)
    reader, writer = os.pipe()
    with open(settings.state / "log" / "supervisor.log", "ab", opener=_private) as output:
        supervisor = subprocess.Popen(
            list(command), env={**os.environ, **as_environment(settings), TELL_FD: str(writer)},
            stdin=subprocess.DEVNULL, stdout=output, stderr=output, pass_fds=(writer,), start_new_session=True,
        )  # fmt: skip
    os.close(writer)
    try:
        for message in messages(reader):
            match message:
                case {"step": [text, done, of]}:
                    teller.step(text, done, of)
                case {"note": text}:
                    teller.note(text)
                case {"ready": facts}:
                    supervisor.returncode = 0  # it goes on without us: nobody is to wait for it
                    return dict(facts)
                case {"failed": text}:
                    supervisor.wait()
                    raise GuichetError(text)
    except KeyboardInterrupt:
        supervisor.terminate()
        supervisor.wait()
        raise
    finally:
        teller.clear()
    supervisor.wait()
    raise GuichetError(f"The start ended by a fault of its own. {_last_lines(Path(output.name))}")


def run_left_alone(settings: Settings, prepare: Prepare) -> int:
    """The other side of `leave_running`: the house's own process."""
    teller = PipeDisplay(int(os.environ.pop(TELL_FD)))
    try:
        stay(settings, teller, prepare)
    except GuichetError as error:
        teller.failed(str(error))
        return 1
    return 0


def _begin_log(settings: Settings, teller: Teller) -> None:
    """Everything into supervisor.log, warnings to the screen too."""
    file = open(settings.state / "log" / "supervisor.log", "a", opener=_private)  # noqa: SIM115 — as long as we live
    kept = logging.StreamHandler(file)
    kept.setFormatter(OneLine("supervisor"))
    shown = _ToTeller(teller)
    shown.setLevel(logging.WARNING)
    logging.basicConfig(level=logging.INFO, handlers=[kept, shown], force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells of each of its parts


class _ToTeller(logging.Handler):
    def __init__(self, teller: Teller) -> None:
        super().__init__()
        self._teller = teller

    def emit(self, record: logging.LogRecord) -> None:
        self._teller.note(record.getMessage())


class _Running:
    def __init__(self, settings: Settings, prepared: Prepared, teller: Teller) -> None:
        self._settings, self._prepared, self._teller = settings, prepared, teller
        self._supervisor = Supervisor(prepared.processes, settings.state / "log", self._changed)
        self._up = False
        self._stopping = False

    async def until_told_to_stop(self) -> None:
        told = asyncio.create_task(self._told_to_stop(), name="stop")
        living = asyncio.create_task(self._live(), name="live")
        try:
            await asyncio.wait({told, living}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._stopping = True
            living.cancel()
            self._teller.step("Stopping")
            await self._supervisor.stop()
            (self._settings.run / "house.json").unlink(missing_ok=True)
            self._teller.clear()
            told.cancel()
        await asyncio.gather(told, return_exceptions=True)
        if living.done() and not living.cancelled():
            await living  # raises what it raised
        log.info("stopped")

    async def _live(self) -> None:
        try:
            await self._supervisor.start()
        except StartFailed as error:
            raise GuichetError(f"{error}. {_last_lines(error.log)}") from None
        self._up = True
        self._changed()
        self._teller.clear()
        self._teller.ready(self._house())
        log.info("ready")
        await self._supervisor.watch()

    async def _told_to_stop(self) -> None:
        """A second time, while all is being stopped: at once."""
        told = asyncio.Event()

        def tell() -> None:
            if told.is_set():
                self._supervisor.kill()
            told.set()

        for number in STOP_SIGNALS:
            asyncio.get_running_loop().add_signal_handler(number, tell)
        await told.wait()

    def _changed(self) -> None:
        if self._stopping:
            return
        house = self._house()
        save(house, self._settings)
        if not self._up:
            up = sum(runner.ready for runner in house.processes)
            self._teller.step("Starting", up, len(house.processes))

    def _house(self) -> House:
        settings, prepared = self._settings, self._prepared
        runners = [
            Runner(name, child.pid, birth(child.pid), child.since, child.restarts, child.ready.is_set(), child.trouble)
            for name, child in self._supervisor.children.items()
        ]
        return House(
            ready=self._up and all(runner.ready for runner in runners),
            sip={"host": settings.sip_host, "port": settings.sip_port},
            numbers=prepared.numbers,
            web=web_url(settings),
            agents=prepared.agents,
            state=str(settings.state),
            warnings=prepared.warnings,
            processes=runners,
        )


def web_url(settings: Settings) -> str:
    host = f"[{settings.web_host}]" if ":" in settings.web_host else settings.web_host
    return f"http://{host}:{settings.web_port}/"


def _last_lines(file: Path) -> str:
    try:
        lines = file.read_text(errors="replace").splitlines()[-LAST_LINES:]
    except OSError:
        lines = []
    if not lines:
        return f"Its log, {file}, says nothing."
    return f"The last lines of {file}:\n" + "\n".join(f"  {line}" for line in lines)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
