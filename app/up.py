"""Start a house and stay with it until told to stop; or leave it running and come back when it is ready."""

import asyncio
import logging
import os
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.child import Process, StartFailed
from app.house import House, HouseLock, Runner, birth, end_left_overs, save
from app.places import make_places
from app.ports import check_ports
from app.processes import OneLine
from app.settings import Settings
from app.spawn import open_log
from app.supervisor import Supervisor
from app.telling import PipeDisplay, Teller, messages
from core.errors import GuichetError

log = logging.getLogger(__name__)

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
    accounts: list[dict[str, str]] = field(default_factory=list)
    """`account` and `password` of those that were made now, for the demo: they are told this once."""


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


def leave_running(settings: Settings, teller: Teller, prepare: Prepare) -> dict[str, Any]:
    """Let a copy of ourselves run the house without the terminal, and wait until it is ready; gives its facts."""
    make_places(settings)
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        os._exit(_left_alone(settings, writer, prepare))
    os.close(writer)
    try:
        for message in messages(reader):
            match message:
                case {"step": [text, done, of]}:
                    teller.step(text, done, of)
                case {"note": text}:
                    teller.note(text)
                case {"ready": facts}:
                    return dict(facts)
                case {"failed": text}:
                    raise GuichetError(text)
    except KeyboardInterrupt:
        os.kill(pid, signal.SIGTERM)
        os.waitpid(pid, 0)
        raise
    finally:
        teller.clear()
    raise GuichetError(f"The start ended by a fault of its own. {_last_lines(_own_log(settings))}")


def _left_alone(settings: Settings, pipe: int, prepare: Prepare) -> int:
    """In the copy: gives its exit status."""
    os.setsid()
    output, nothing = open_log(_own_log(settings)), os.open(os.devnull, os.O_RDONLY)
    for ours, number in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(ours, number)
    teller = PipeDisplay(pipe)
    try:
        stay(settings, teller, prepare)
    except GuichetError as error:
        teller.failed(str(error))
        return 1
    except BaseException:
        log.exception("the house ends, by a fault of its own")
        return 1
    return 0


def _own_log(settings: Settings) -> Path:
    return settings.state / "log" / "supervisor.log"


def _begin_log(settings: Settings, teller: Teller) -> None:
    """Everything into supervisor.log, warnings to the screen too."""
    kept = logging.StreamHandler(os.fdopen(open_log(_own_log(settings)), "w", errors="backslashreplace"))
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
            accounts=prepared.accounts,
            processes=runners,
            settings=settings.model_dump(mode="json"),
        )


def web_url(settings: Settings) -> str:
    host = f"[{settings.web_host}]" if ":" in settings.web_host else settings.web_host
    return f"http{'s' if settings.serves_tls else ''}://{host}:{settings.web_port}/"


def _last_lines(file: Path) -> str:
    try:
        lines = file.read_text(errors="replace").splitlines()[-LAST_LINES:]
    except OSError:
        lines = []
    if not lines:
        return f"Its log, {file}, says nothing."
    return f"The last lines of {file}:\n" + "\n".join(f"  {line}" for line in lines)
