"""The tutorial is true: its files are good, and its commands print what it says."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app import call, check
from app.install.places import CHECKOUT

TUTORIAL = (CHECKOUT / "docs" / "tutorial.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", TUTORIAL, re.DOTALL | re.MULTILINE)
FILES = [block for kind, block in BLOCKS if kind == "yaml"]
PRINTED = [block for kind, block in BLOCKS if not kind and not block.startswith(("./guichet", "mkdir"))]
QUEUE, FIRST, WITH_MENU, FINISHED, SECOND_QUEUE = FILES
ADVICE, MISSPELT, CLEAN, CALLED = PRINTED


@pytest.fixture(autouse=True)
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    town = tmp_path / "mytown"
    (town / "queues").mkdir(parents=True)
    (town / "queues" / "accueil.yaml").write_text(QUEUE)
    return town


def checked(*arguments: str) -> Result:
    return CliRunner().invoke(check.command, ["mytown", *arguments])


def test_the_first_flow_gets_the_advice_that_is_shown(town: Path) -> None:
    (town / "mairie.yaml").write_text(FIRST)
    assert checked().output == ADVICE


def test_the_second_one_is_clean_and_a_misspelt_step_is_told_as_shown(town: Path) -> None:
    (town / "mairie.yaml").write_text(WITH_MENU)
    assert checked("--strict").output == CLEAN
    (town / "mairie.yaml").write_text(WITH_MENU.replace("then: sujet", "then: suject"))
    assert checked().output == MISSPELT


def test_the_finished_one_has_ten_steps_and_is_clean(town: Path) -> None:
    (town / "queues" / "urbanisme.yaml").write_text(SECOND_QUEUE)
    (town / "mairie.yaml").write_text(FINISHED)
    assert len(re.findall(r"^  [a-z]+:$", FINISHED, re.MULTILINE)) == 10
    assert checked("--strict").output == CLEAN
    (town / "mairie.yaml").write_text(FINISHED.replace("1: horaires", "1: relu"))
    assert "case_number may be missing here" in checked().output


def test_the_call_in_the_terminal_is_the_one_that_is_shown(town: Path) -> None:
    (town / "queues" / "urbanisme.yaml").write_text(SECOND_QUEUE)
    (town / "mairie.yaml").write_text(FINISHED)
    typed = "".join(f"{line.partition('→ ')[2]}\n" for line in CALLED.splitlines() if "→" in line)
    (command,) = re.findall(r"\./guichet call (.*)\n", TUTORIAL)
    printed = CliRunner().invoke(call.command, command.split(), input=typed).output
    assert printed == CALLED
