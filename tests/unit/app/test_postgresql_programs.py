"""Which PostgreSQL is used, and how an unpacked one is made to run."""

import subprocess
from pathlib import Path

import pytest

from app.install import postgresql
from app.install.native import PACKAGES, SETS, key
from app.install.postgresql import newest, postgresql_programs
from app.install.wrapping import WRAPPED, make_runnable
from core.errors import GuichetError
from tests.unit.app.fake_apt import FakeApt, apt, program

__all__ = ["apt"]

TELLS = "#!/bin/sh\n# a loader that tells how it was called\nprintf '%s\\n' \"$@\"\n"


def unpacked(root: Path, version: str = "18") -> Path:
    """A root as the packages leave it; gives the folder of its programs."""
    folder = root / "usr/lib/postgresql" / version / "bin"
    for name in WRAPPED:
        program(folder / name, "#!/bin/sh\n")
    return folder


def test_the_newest_version_is_taken_and_by_number(tmp_path: Path) -> None:
    for version in ("9", "15", "16"):
        unpacked(tmp_path, version)
    (tmp_path / "usr/lib/postgresql/17/bin").mkdir(parents=True)
    found = newest(tmp_path / "usr/lib/postgresql")
    assert found is not None
    assert found.parent.name == "16"


def test_the_machines_own_is_taken_only_if_new_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unpacked(tmp_path, "13")
    monkeypatch.setattr(postgresql, "SYSTEM", tmp_path / "usr/lib/postgresql")
    assert postgresql.machine_programs() is None
    folder = unpacked(tmp_path, "14")
    assert postgresql_programs(tmp_path / "native") == folder


def test_an_unpacked_program_runs_with_its_own_libraries_and_under_its_own_name(tmp_path: Path) -> None:
    folder = unpacked(tmp_path)
    program(tmp_path / "usr/lib64/ld-linux-x86-64.so.2", TELLS)
    (tmp_path / "usr/lib/x86_64-linux-gnu").mkdir(parents=True)
    make_runnable(tmp_path)
    told = subprocess.run([folder / "initdb", "-D", "a folder"], capture_output=True, text=True, check=True).stdout
    _, own_name, _, libraries, real, *arguments = told.splitlines()
    assert Path(own_name) == folder / "initdb"
    assert Path(libraries).resolve() == tmp_path / "usr/lib/x86_64-linux-gnu"
    assert Path(real).resolve() == folder.parent / "programs/initdb"
    assert arguments == ["-D", "a folder"]


def test_each_set_has_a_folder_of_its_own() -> None:
    assert key("forky", SETS["postgresql"], "amd64") != key("forky", PACKAGES, "amd64")
    assert not set(SETS["postgresql"]) & set(PACKAGES)


def test_packages_without_the_programs_are_one_sentence(apt: FakeApt, tmp_path: Path) -> None:
    with pytest.raises(GuichetError, match="remove that folder"):
        postgresql_programs(tmp_path / "native", own=True)
