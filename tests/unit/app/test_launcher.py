"""`./guichet`: what it makes, and how little it does the second time. In a small checkout that needs no packages."""

import os
import shutil
import subprocess
import threading
from pathlib import Path

import pytest

from app.install.places import CHECKOUT
from app.install.venv import DEVELOPMENT, USE
from tests.unit.app.fake_apt import program

PROGRAM = """\
import os, sys
print(os.getcwd(), sys.argv[1:], "PYTHONDONTWRITEBYTECODE" in os.environ)
import core.errors
print(core.errors.__file__)
"""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One whose environment is made already."""
    folder = small_checkout(tmp_path_factory.mktemp("launcher") / "checkout")
    ran = start(folder, "hello")
    assert ran.returncode == 0, ran.stderr
    assert "Making the virtual environment" in ran.stderr
    return folder


def small_checkout(folder: Path) -> Path:
    (folder / "app").mkdir(parents=True)
    for name in ("core", "app/install"):
        shutil.copytree(CHECKOUT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CHECKOUT / "guichet", folder)
    (folder / "app/__init__.py").touch()
    (folder / "app/__main__.py").write_text(PROGRAM)
    (folder / USE).write_text("# nothing\n")
    return folder


def start(
    checkout: Path, *arguments: str, cwd: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run([checkout / "guichet", *arguments], cwd=cwd or checkout, env={**os.environ, **environment},
                          capture_output=True, text=True, check=False, timeout=100)  # fmt: skip


def test_the_second_start_hands_over_at_once(checkout: Path) -> None:
    installer = checkout / "app/install/__main__.py"
    kept = installer.read_text()
    installer.write_text("raise SystemExit('nothing is to be done')")
    try:
        ran = start(checkout, "hello", "--world")
    finally:
        installer.write_text(kept)
    assert ran.returncode == 0, ran.stderr
    assert "['hello', '--world']" in ran.stdout


def test_the_current_folder_stays_the_callers_and_shadows_nothing(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "core").mkdir()
    (tmp_path / "core/__init__.py").write_text("raise SystemExit('the wrong one')")
    (tmp_path / "link").symlink_to(checkout / "guichet")
    ran = subprocess.run([tmp_path / "link", "x"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.stdout.splitlines()[0].startswith(f"{tmp_path} ['x']")
    assert ran.stdout.splitlines()[1] == f"{checkout}/core/errors.py"


def test_a_callers_wish_to_write_no_bytecode_does_not_slow_us_down(checkout: Path) -> None:
    assert start(checkout, PYTHONDONTWRITEBYTECODE="1").stdout.splitlines()[0].endswith("False")


def test_changed_requirements_are_taken_up(checkout: Path) -> None:
    (checkout / USE).write_text("# nothing yet\n")
    assert "Making the virtual environment" in start(checkout).stderr
    assert start(checkout).stderr == ""


def test_a_checkout_that_was_moved_finds_its_own_code(checkout: Path, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    shutil.copytree(checkout, moved, symlinks=True)
    ran = start(moved)
    assert ran.stdout.splitlines()[1] == f"{moved}/core/errors.py"


def test_an_environment_whose_python_is_gone_is_made_anew(checkout: Path) -> None:
    (checkout / ".venv/bin/python").unlink()
    (checkout / ".venv/bin/python").symlink_to("/nowhere/python3.10")
    ran = start(checkout)
    assert ran.returncode == 0, ran.stderr
    assert "Making the virtual environment" in ran.stderr


def test_two_first_starts_at_once_both_come_up(tmp_path: Path) -> None:
    folder = small_checkout(tmp_path / "checkout")
    ends: list[subprocess.CompletedProcess[str]] = []
    starts = [threading.Thread(target=lambda: ends.append(start(folder))) for _ in range(2)]
    for one in starts:
        one.start()
    for one in starts:
        one.join(100)
    assert [end.returncode for end in ends] == [0, 0], [end.stderr for end in ends]
    assert sorted(end.stderr.count("Making the virtual environment\n") for end in ends) == [0, 1]


def test_packages_that_cannot_be_had_are_one_sentence_after_what_pip_said(tmp_path: Path) -> None:
    folder = small_checkout(tmp_path / "checkout")
    (folder / USE).write_text(f"nothing-of-that-name==1.0 --hash=sha256:{'0' * 64}\n")
    ran = start(folder, PIP_NO_INDEX="1")
    assert ran.returncode == 1
    assert "No matching distribution" in ran.stderr
    assert ran.stderr.splitlines()[-1].startswith(
        "guichet: Python's packages could not be installed. Check the network"
    )
    assert "hello" not in ran.stdout


def test_without_a_python_that_is_new_enough_a_sentence_says_so(tmp_path: Path) -> None:
    folder = small_checkout(tmp_path / "checkout")
    tools = tmp_path / "bin"
    for name in ("python3", *(f"python3.{minor}" for minor in range(9, 15))):
        program(tools / name, "#!/bin/bash\nexit 1\n")
    for name in ("bash", "readlink", "cat", "sha256sum"):
        (tools / name).symlink_to(shutil.which(name) or name)
    ran = start(folder, PATH=str(tools))
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.startswith("guichet: Python 3.11 or later is needed")


def test_the_requirements_of_development_hold_all_others() -> None:
    pinned = [
        {line.split()[0] for line in (CHECKOUT / name).read_text().splitlines() if "==" in line and line[0].isalnum()}
        for name in (USE, DEVELOPMENT)
    ]
    assert pinned[0] <= pinned[1]


def test_no_requirements_file_names_an_index() -> None:
    for name in (USE, DEVELOPMENT):
        text = (CHECKOUT / name).read_text()
        assert "://" not in text
        assert "index-url" not in text
