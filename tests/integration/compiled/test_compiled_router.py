"""The router compiled, where the machine has a C compiler, beside the very same files as plain Python."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import simulator
from app.install.compiling import compile_rooms, compiled_folder
from app.install.places import native_folder

PLAY = Path(__file__).with_name("play_a_day.py")
EXAMPLES = Path(str(simulator.__file__)).parent / "examples"
DAYS = (EXAMPLES / "monday.yaml", EXAMPLES / "palm.yaml", Path(__file__).with_name("everything.yaml"))
pytestmark = [
    pytest.mark.skipif(
        not (os.environ.get("GUICHET_TEST_COMPILED") or compiled_folder(native_folder()).is_dir()),
        reason="nothing is compiled from these sources: GUICHET_TEST_COMPILED=yes compiles them first (minutes)",
    ),
    pytest.mark.timeout(900),
]


def told(day: Path, compiled: str) -> list[str]:
    """All events of a made-up day, each as a line; before them, where the router came from."""
    env = {**os.environ, "GUICHET_COMPILED": compiled}
    command = [sys.executable, str(PLAY), str(day)]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout.splitlines()


@pytest.mark.parametrize("day", DAYS, ids=lambda day: day.stem)
def test_compiled_it_decides_event_for_event_what_it_decides_as_plain_python(day: Path) -> None:
    compile_rooms(native_folder())
    how, *compiled = told(day, "yes")
    plainly, *plain = told(day, "no")
    assert (how, plainly) == ("compiled", "plain")
    assert len(plain) > 1_000
    assert compiled == plain
