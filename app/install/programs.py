"""Which Asterisk, Valkey, espeak-ng and SIPp are used: the one named in the settings, else a suitable one of the
machine, else our own, which is fetched when it is missing."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from app.install.display import Display
from app.install.native import PACKAGES, SOUNDS, Native, install
from asterisk_conf.modules import MODULES
from core.errors import GuichetError

OLDEST_ASTERISK = (20, 0)
OLDEST_STORE = (6, 2)
"""Streams with XAUTOCLAIM."""
SYSTEM_FOLDERS = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""An ordinary user's PATH often lacks sbin."""


class Wishes(Protocol):
    """What the settings say about programs; '' leaves the choice to us."""

    @property
    def asterisk(self) -> str: ...
    @property
    def valkey(self) -> str: ...
    @property
    def espeak(self) -> str: ...
    @property
    def native(self) -> Path: ...


@dataclass(frozen=True, slots=True)
class AsteriskProgram:
    """An Asterisk and where its parts are. `share` is its astdatadir."""

    command: list[str]
    modules: Path
    share: Path
    version: str

    @property
    def sounds(self) -> Path:
        return self.share / "sounds"

    @property
    def moh(self) -> Path:
        return self.share / "moh"

    @property
    def speaks(self) -> bool:
        """It has sounds and music."""
        return all(folder.is_dir() and any(folder.iterdir()) for folder in (self.sounds, self.moh))


@dataclass(frozen=True, slots=True)
class Programs:
    """How each program is started; arguments follow. `sounds` has folders by language, `moh` music for callers."""

    asterisk: AsteriskProgram
    valkey: list[str]
    espeak: list[str]
    sipp: list[str]
    """Empty where it is not there and was not asked for."""
    sounds: Path
    moh: Path


def find_programs(wishes: Wishes, *, sipp: bool = False, display: Display | None = None) -> Programs:
    """The programs to use; our own are fetched where they are missing. SIPp, which only tests and benchmarks need, is
    fetched along with others, but alone only where it is asked for.

    Raises GuichetError where a program named in the settings does not do, or one cannot be fetched."""
    asterisk = _asterisk(wishes.asterisk)
    valkey = _valkey(wishes.valkey)
    espeak = _espeak(wishes.espeak)
    load_maker = _command("sipp")
    present = {
        "asterisk": asterisk is not None,
        "valkey-server": bool(valkey),
        "espeak-ng": bool(espeak),
        "sip-tester": bool(load_maker),
        **dict.fromkeys(SOUNDS, asterisk is not None and asterisk.speaks),
    }
    packages = tuple(package for package in PACKAGES if not present[package])
    if packages == ("sip-tester",) and not sipp:
        packages = ()
    own = install(packages, wishes.native, display) if packages else None

    if asterisk is None:
        asterisk = _own_asterisk(_there(own))
    return Programs(
        asterisk,
        valkey or _there(own).command("valkey-server"),
        espeak or _there(own).command("espeak-ng"),
        load_maker or (own.command("sipp") if own else []),
        asterisk.sounds if asterisk.speaks else _there(own).sounds,
        asterisk.moh if asterisk.speaks else _there(own).moh,
    )


def _there(own: Native | None) -> Native:
    assert own is not None, "a package is installed for each program that is not present"
    return own


def _own_asterisk(own: Native) -> AsteriskProgram:
    command = own.command("asterisk")
    return AsteriskProgram(command, own.modules, own.share, _said(command, "-V").removeprefix("Asterisk "))


def _asterisk(named: str) -> AsteriskProgram | None:
    """The Asterisk named, or the machine's if it does; None where our own is to be used."""
    command = _named(named, "asterisk") if named else _command("asterisk")
    if not command:
        return None
    said = _said(command, "-V")
    complaint = ""
    if _version(said) < OLDEST_ASTERISK:
        complaint = f"it says {said or 'nothing'!r}, and Asterisk {OLDEST_ASTERISK[0]} or later is needed"
    modules = next(
        (m for m in _module_folders(command[0]) if all((m / f"{name}.so").exists() for name in MODULES)), None
    )
    share = next((s for s in _share_folders(command[0]) if (s / "documentation").is_dir()), None)
    if modules is None or share is None:
        complaint = complaint or "its modules or its documentation folder are not all there"
    if modules and share and not complaint:
        return AsteriskProgram(command, modules, share, said.removeprefix("Asterisk "))
    if named:
        raise GuichetError(f"settings: asterisk: {named} does not do: {complaint}. Leave it out to use our own.")
    return None


def _module_folders(program: str) -> Iterator[Path]:
    for prefix in (Path(program).resolve().parent.parent, Path("/usr/local"), Path("/usr")):
        yield from sorted(prefix.glob("lib*/*-linux-*/asterisk/modules"))
        yield from sorted(prefix.glob("lib*/asterisk/modules"))


def _share_folders(program: str) -> Iterator[Path]:
    yield Path(program).resolve().parent.parent / "share/asterisk"
    yield from (Path("/usr/local/share/asterisk"), Path("/usr/share/asterisk"), Path("/var/lib/asterisk"))


def _valkey(named: str) -> list[str]:
    candidates = [_named(named, "valkey")] if named else [_command("valkey-server"), _command("redis-server")]
    for command in filter(None, candidates):
        said = _said(command, "--version")
        if _version(said) >= OLDEST_STORE:
            return command
        if named:
            raise GuichetError(
                f"settings: valkey: {named} does not do: it says {said!r}, and Valkey, or Redis 6.2 or later, is "
                "needed. Leave it out to use our own."
            )
    return []


def _espeak(named: str) -> list[str]:
    command = _named(named, "espeak") if named else _command("espeak-ng")
    if command and "eSpeak" in _said(command, "--version"):
        return command
    if named:
        raise GuichetError(f"settings: espeak: {named} is not espeak-ng. Leave it out to use our own.")
    return []


def _named(program: str, setting: str) -> list[str]:
    found = shutil.which(str(Path(program).expanduser()), path=SYSTEM_FOLDERS)
    if found is None:
        raise GuichetError(
            f"settings: {setting}: {program} is not a program on this machine. Leave it out to use our own."
        )
    return [found]


def _command(name: str) -> list[str]:
    found = shutil.which(name, path=SYSTEM_FOLDERS)
    return [found] if found else []


def _said(command: list[str], argument: str) -> str:
    """The first line that the program prints, or '' where it does not run."""
    try:
        ran = subprocess.run(
            [*command, argument], capture_output=True, text=True, errors="replace", timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return (ran.stdout.strip() or ran.stderr.strip()).partition("\n")[0]


def _version(said: str) -> tuple[int, int]:
    """The first `N.N` in a line (`Valkey server v=9.1.2 …`), (0, 0) where there is none."""
    found = re.search(r"(\d+)\.(\d+)", said)
    return (int(found[1]), int(found[2])) if found else (0, 0)
