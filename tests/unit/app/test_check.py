"""`guichet check`, as a person and as an editor use it."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.check import check, command
from app.install.places import CHECKOUT
from ivr.model import PARTS

TOWN = CHECKOUT / "callflows"
FLOW = """\
flow: essai
languages: [fr]
numbers: ["3939"]
start: bonjour
steps:
  bonjour:
    say: {fr: Bonjour.}
    then: conseiller
  conseiller:
    queue: accueil
    answered: hangup
    otherwise: hangup
"""


@pytest.fixture
def town(tmp_path: Path) -> Path:
    (tmp_path / "queues").mkdir()
    (tmp_path / "queues" / "accueil.yaml").write_text("queue: accueil\n")
    (tmp_path / "essai.yaml").write_text(FLOW)
    return tmp_path


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command, [str(each) for each in arguments])


def spoil(town: Path, right: str, wrong: str) -> Path:
    path = town / "essai.yaml"
    path.write_text(path.read_text().replace(right, wrong))
    return path


def test_the_town_that_is_shipped_is_clean_even_of_advice_in_a_house_that_has_every_part() -> None:
    found = check([TOWN], PARTS)
    assert (found.faults, found.advice) == ([], [])


def test_of_a_house_without_a_carrier_the_town_that_is_shipped_says_what_it_lacks_once() -> None:
    found = check([TOWN], set(PARTS) - {"transfers"})
    assert [(Path(each.place.file).name, each.rule) for each in found.advice] == [("renvoi.yaml", "missing-part")]
    assert "the settings name no trunk" in found.advice[0].message


def test_a_fault_is_shown_under_its_line_with_a_caret(town: Path) -> None:
    path = spoil(town, "then: conseiller", "then: conseillr")
    ran = run(town)
    assert ran.exit_code == 1
    assert ran.stdout.splitlines()[:3] == [
        f"{path}:8:11: no step is called conseillr; did you mean conseiller? [unknown-step]",
        "        then: conseillr",
        "              ^",
    ]
    assert ran.stderr == "1 fault\n"


def test_advice_is_told_and_is_a_failure_only_when_it_is_asked_for(town: Path) -> None:
    path = spoil(town, "then: conseiller", "then: hangup")
    ran = run(town)
    assert ran.exit_code == 0
    assert f"{path}:9:3: advice: no way leads to the step conseiller; nobody hears it [unreachable]" in ran.stdout
    assert ran.stdout.splitlines()[-2:] == ["      conseiller:", "      ^"]
    assert ran.stderr.endswith("pieces of advice\n")
    assert run(town, "--strict").exit_code == 1


def test_an_editor_gets_both_as_data(town: Path) -> None:
    path = spoil(town, "then: conseiller", "then: hangup")
    (town / "autre.yaml").write_text("flow: [")
    told = json.loads(run(town, "--json").stdout)
    assert [(each["rule"], each["severity"]) for each in told] == [
        ("syntax", "fault"), ("no-person", "advice"), ("unreachable", "advice"),
    ]  # fmt: skip
    assert told[2] == {
        "file": str(path), "line": 9, "column": 3, "rule": "unreachable", "severity": "advice",
        "message": "no way leads to the step conseiller; nobody hears it",
    }  # fmt: skip


def test_a_file_is_checked_within_its_town(town: Path) -> None:
    path = spoil(town, "queue: accueil", "queue: acceuil")
    (town / "autre.yaml").write_text("flow: [")
    assert [each.rule for each in check([path]).faults] == ["unknown-queue"]
    assert [each.rule for each in check([town / "autre.yaml"]).faults] == ["syntax"]
    (town / "queues" / "accueil.yaml").write_text("queue: accueil\nrin: 20s\n")
    (fault,) = check([town / "queues" / "accueil.yaml"]).faults
    assert fault.message == "unknown key 'rin'; did you mean ring?"


def test_a_file_that_lies_elsewhere_is_checked_alone(town: Path) -> None:
    path = spoil(town, "queue: accueil", "queue: ailleurs")
    shutil.rmtree(town / "queues")
    assert check([path]).faults == []


def test_a_file_that_is_not_there_is_a_fault_with_a_sentence(town: Path) -> None:
    ran = run(town / "nulle-part.yaml")
    assert (ran.exit_code, ran.stdout) == (1, f"{town}/nulle-part.yaml:1:1: there is no such file [unreadable]\n")


def test_what_is_shown_of_a_line_is_short_and_cannot_move_the_terminal(town: Path) -> None:
    spoil(town, "then: conseiller", f"then: {'é' * 300}")
    _, line, caret = run(town).stdout.splitlines()[:3]
    assert len(line) < 120 and line.endswith("…")
    assert line[caret.index("^")] == "é"
    (town / "essai.yaml").write_bytes(b"flow: a\ntitle: \x1b[2J\xe2\x80\xaeb\n")
    told = run(town).stdout
    assert "\x1b" not in told and "\u202e" not in told
    (town / "essai.yaml").write_bytes(b"flow: a\ntitle: \xff" + b" b" * 200)
    assert run(town).exit_code == 1
