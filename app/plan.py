"""Which processes a house has, as data for the supervisor."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from app import processes as own
from app.child import Probe, Process, Stage
from app.places import asterisk_user
from app.settings import Settings
from app.spawn import PRIVATE, Program, Work

READABLE = 0o022
"""The umask of the engine: Asterisk, another user, reads the sounds that it renders."""
GROUP = 0o027
PROBE_LIMIT_S = 1.0
ENGINE_WITHIN_S = 120.0
"""Its first start renders all that the town says, on a machine that may have other work."""


def processes(settings: Settings, asterisk: Sequence[str], valkey: Sequence[str]) -> list[Process]:
    """All of them. `asterisk` and `valkey` are the commands that start those programs."""
    store = () if settings.redis_url else (valkey_process(settings, valkey),)
    after = tuple(process.name for process in store)
    return [
        *store,
        asterisk_process(settings, asterisk),
        *engines(settings, after),
        own_process(settings, "dispatcher", Stage.HELPERS, after),
        own_process(settings, "history", Stage.HELPERS, after),
        own_process(settings, "web", Stage.HELPERS, after),
    ]


def agi_ports(settings: Settings) -> range:
    """Where the engines wait for Asterisk, in the order in which it asks them."""
    return range(settings.agi_port, settings.agi_port + settings.engines)


def engines(settings: Settings, after: tuple[str, ...]) -> list[Process]:
    """`engine`, `engine-2`, …: alike but for their ports."""
    return [
        replace(
            own_process(settings.model_copy(update={"engine": count}), "engine", Stage.CALLS, after, READABLE),
            name="engine" if count == 1 else f"engine-{count}",
            ready_within_s=ENGINE_WITHIN_S,
        )
        for count in range(1, settings.engines + 1)
    ]


def valkey_process(settings: Settings, command: Sequence[str]) -> Process:
    """No TCP port; whatever it acknowledged is on disk within a second; it refuses writes rather than forget."""
    options = {
        "port": "0",
        "unixsocket": str(settings.valkey_socket),
        "unixsocketperm": "700",
        "dir": str(settings.state / "store"),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "logfile": "",
    }
    arguments = [word for name, value in options.items() for word in (f"--{name}", value)]
    ready = talks(settings.valkey_socket, b"PING\r\n", b"+PONG")
    return Process("valkey", Program([*command, *arguments]), ready=ready, stage=Stage.STORE)


def asterisk_process(settings: Settings, command: Sequence[str]) -> Process:
    """In the foreground; with its own configuration, and never with root's rights."""
    from asterisk_conf.write import run_folder

    home = settings.asterisk_home
    ready = talks(run_folder(home) / "asterisk.ctl", b"core waitfullybooted\0", b"fully booted")
    arguments = ("-f", "-n", "-C", str(home / "etc" / "asterisk.conf"))
    program = Program([*command, *arguments], env={"HOME": str(home)}, user=asterisk_user())
    return Process("asterisk", program, ready=ready, stage=Stage.PHONES, umask=GROUP)


def own_process(settings: Settings, name: str, stage: Stage, after: tuple[str, ...], umask: int = PRIVATE) -> Process:
    """One of app.processes, with the settings as they are now."""
    work = Work(partial(own.load, name), partial(own.run, name, settings))
    return Process(name, work, after=after, stage=stage, umask=umask)


def talks(path: Path, question: bytes, wanted: bytes) -> Probe:
    """A probe of a unix socket: ready when the answer to the question holds what is wanted."""

    async def probe() -> bool:
        try:
            async with asyncio.timeout(PROBE_LIMIT_S):
                reader, writer = await asyncio.open_unix_connection(path)
                try:
                    writer.write(question)
                    heard = b""
                    while wanted not in heard and (some := await reader.read(1000)):
                        heard += some
                    return wanted in heard
                finally:
                    writer.close()
        except (OSError, TimeoutError):
            return False

    return probe
