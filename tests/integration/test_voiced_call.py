"""`guichet call --voice`: what is heard is played by a program of the machine, which is played here by a script."""

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli import main
from app.install.native import Native
from app.install.places import CHECKOUT

PLAYER = """#!/bin/sh
head -c 4 "$2" >> {log}
"""


@pytest.mark.native
def test_each_prompt_is_played_as_a_sound_file(native: Native, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log, player = tmp_path / "played", tmp_path / "aplay"
    player.write_text(PLAYER.format(log=log))
    player.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    ran = CliRunner().invoke(main, ["call", "--voice", "--callflows", str(CHECKOUT / "callflows")], input="h\n")
    assert ran.exit_code == 0, ran.output
    assert log.read_bytes() == b"RIFF" * 4  # the greeting, in both languages, what to do in danger, and the menu
