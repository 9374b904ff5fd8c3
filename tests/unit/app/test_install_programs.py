"""Which programs are used: named ones, the machine's, our own."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from app.install import programs
from app.install.programs import find_programs
from asterisk_conf.modules import MODULES
from core.errors import GuichetError
from tests.unit.app.fake_apt import program


@dataclass
class Wishes:
    native: Path
    asterisk: str = ""
    valkey: str = ""
    espeak: str = ""


def saying(text: str) -> str:
    return f"#!/bin/sh\necho '{text}'\n"


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine that has everything in /usr, and no apt."""
    usr = tmp_path / "usr"
    monkeypatch.setattr(programs, "SYSTEM_FOLDERS", f"{usr}/sbin:{usr}/bin")
    monkeypatch.setenv("PATH", f"{usr}/bin")
    program(usr / "sbin/asterisk", saying("Asterisk 20.5.0"))
    program(usr / "bin/redis-server", saying("Redis server v=7.0.15 sha=0"))
    program(usr / "bin/espeak-ng", saying("eSpeak NG text-to-speech: 1.51  Data at: /x"))
    modules = usr / "lib/x86_64-linux-gnu/asterisk/modules"
    modules.mkdir(parents=True)
    for name in MODULES:
        (modules / f"{name}.so").touch()
    for folder in ("documentation", "sounds/en", "moh/tune"):
        (usr / "share/asterisk" / folder).mkdir(parents=True)
    return usr


def test_a_suitable_machine_needs_nothing_fetched(machine: Path, tmp_path: Path) -> None:
    found = find_programs(Wishes(tmp_path / "native"))
    assert found.asterisk.command == [f"{machine}/sbin/asterisk"]
    assert found.asterisk.version == "20.5.0"
    assert found.asterisk.modules == machine / "lib/x86_64-linux-gnu/asterisk/modules"
    assert found.valkey == [f"{machine}/bin/redis-server"]
    assert found.espeak == [f"{machine}/bin/espeak-ng"]
    assert found.sounds == machine / "share/asterisk/sounds"
    assert found.sipp == []


@pytest.mark.parametrize("spoil", ["old asterisk", "no pjsip", "old redis", "no espeak", "no music"])
def test_what_does_not_do_is_passed_over_for_our_own(machine: Path, tmp_path: Path, spoil: str) -> None:
    match spoil:
        case "old asterisk":
            program(machine / "sbin/asterisk", saying("Asterisk 18.1.0"))
        case "no pjsip":
            (machine / "lib/x86_64-linux-gnu/asterisk/modules/res_pjsip.so").unlink()
        case "old redis":
            program(machine / "bin/redis-server", saying("Redis server v=6.0.16 sha=0"))
        case "no espeak":
            (machine / "bin/espeak-ng").unlink()
        case "no music":
            (machine / "share/asterisk/moh/tune").rmdir()
    with pytest.raises(GuichetError, match="apt-get is missing"):  # so it went for our own
        find_programs(Wishes(tmp_path / "native"))


@pytest.mark.parametrize(
    ("wish", "text", "complaint"),
    [
        ("asterisk", "Asterisk 16.2.1", "Asterisk 20 or later"),
        ("asterisk", "hello", "Asterisk 20 or later"),
        ("valkey", "Redis server v=5.0.3", "Redis 6.2 or later"),
        ("espeak", "festival 2.5", "not espeak-ng"),
    ],
)
def test_a_named_program_that_does_not_do_is_a_clear_sentence(
    machine: Path, tmp_path: Path, wish: str, text: str, complaint: str
) -> None:
    named = program(tmp_path / "opt/program", saying(text))
    with pytest.raises(GuichetError, match=f"settings: {wish}: .*{complaint}"):
        find_programs(Wishes(tmp_path / "native", **{wish: str(named)}))


def test_a_named_program_that_is_not_there_is_a_clear_sentence(machine: Path, tmp_path: Path) -> None:
    with pytest.raises(GuichetError, match="settings: valkey: /nowhere/valkey is not a program on this machine"):
        find_programs(Wishes(tmp_path / "native", valkey="/nowhere/valkey"))
