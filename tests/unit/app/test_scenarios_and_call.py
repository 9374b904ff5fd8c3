"""`guichet scenarios`, `call` and `draw` as people type them."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from app.install.places import CHECKOUT
from tests.unit.ivr.material.files import ANSWER, SERVICE

TOWN = CHECKOUT / "callflows"


def guichet(*arguments: str, typed: str = "") -> Result:
    ran = CliRunner().invoke(main, list(arguments), input=typed, env={"COLUMNS": "200", "GUICHET_CALLFLOWS": str(TOWN)})
    assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exception
    return ran


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """A copy of the shipped town, to be changed."""
    return Path(shutil.copytree(TOWN, tmp_path / "town"))


def test_the_shipped_scenarios_take_every_step_and_exit_of_the_shipped_flows() -> None:
    ran = guichet("scenarios", "--require", "100%")
    assert ran.exit_code == 0, ran.output


def test_a_scenario_that_went_another_way_is_shown_with_its_dialogue_and_its_line(town: Path) -> None:
    file = town / "scenarios" / "etat-civil.yaml"
    file.write_text(file.read_text().replace("press: 1", "press: 2") + "at: 2026-11-23T10:00\n")
    ran = guichet("scenarios", str(file))
    assert ran.exit_code == 1
    assert "✗ un acte d'état civil" in ran.output and "bonjour" in ran.output and "presses 2" in ran.output
    assert "10:00:00  bonjour" in ran.output
    assert f"{file}:9:5: expected to hear papiers, but the call waits for keys in quotidien [scenario]" in ran.output
    assert "1 played, 1 went another way" in ran.output


def test_what_no_scenario_takes_is_named_and_fails_where_it_is_required(town: Path) -> None:
    for file in (town / "scenarios").glob("*.yaml"):
        if file.stem != "connu":
            file.unlink()
    assert guichet("scenarios", str(town), "--coverage").exit_code == 0
    ran = guichet("scenarios", str(town), "--require", "100%")
    assert ran.exit_code == 1 and "langue → anglais" in ran.output.replace("\n", " ")


def test_a_fault_in_a_scenario_file_is_told_and_the_others_are_played(town: Path) -> None:
    (town / "scenarios" / "connu.yaml").write_text("scenario: x\nflow: acueil\nends: {at: merci}\n")
    ran = guichet("scenarios", str(town), "--json")
    data = json.loads(ran.stdout)
    assert ran.exit_code == 1 and len(data["scenarios"]) > 3
    assert [(fault["line"], fault["rule"]) for fault in data["faults"]] == [(2, "unknown-flow")]


def test_a_town_with_faults_is_not_played(town: Path) -> None:
    (town / "accueil.yaml").write_text("flow: accueil\n")
    for arguments in (["scenarios", str(town)], ["draw", "accueil", "--callflows", str(town)]):
        ran = guichet(*arguments)
        assert ran.exit_code == 1 and "The town has faults" in ran.output and "./guichet check" in ran.output


def test_a_call_in_the_terminal_is_heard_and_its_log_is_a_scenario_that_passes(town: Path) -> None:
    log = town / "scenarios" / "log.yaml"
    typed = "\n#\n1\n4\n1\n2026123488\nmissing\n\nperhaps\nanswered\n\n"
    ran = guichet("call", "--from", "+33612345678", "--contacts", "2", "--at", "2026-11-23T10:00", "--log", str(log),
                  typed=typed)  # fmt: skip
    assert ran.exit_code == 0, ran.output
    english = "For papers, civil records or taxes, press 1"
    for words in ("Merci de nous rappeler", english, "expected answered/unanswered", "Goodbye"):
        assert words in ran.output
    assert "10:00:00  retour" in ran.output
    assert guichet("scenarios", str(log)).exit_code == 0


HOURS = """
flow: accueil
languages: [fr]
numbers: ["3939"]
start: horaires
steps:
  horaires: {hours: mairie, open: ouvert, closed: ferme}
  ouvert: {hangup: "Ouvert jusqu'à {hours.closes:time}."}
  ferme: {hangup: "Réouverture {hours.next_open}."}
"""


@pytest.mark.parametrize(
    ("at", "step", "words"),
    [
        ("2026-11-23T10:00", "ouvert", "Ouvert jusqu'à midi."),
        ("2026-12-24T20:00", "ferme", "Réouverture après-demain à neuf heures."),
    ],
)
def test_a_town_answers_for_its_own_hours_at_the_time_of_the_call(
    tmp_path: Path, at: str, step: str, words: str
) -> None:
    town = tmp_path / "town"
    for folder in ("hours", "scenarios"):
        (town / folder).mkdir(parents=True)
    (town / "accueil.yaml").write_text(HOURS)
    (town / "hours" / "mairie.yaml").write_text((CHECKOUT / "callflows" / "hours" / "mairie.yaml").read_text())
    log = town / "scenarios" / "log.yaml"
    ran = guichet("call", "--callflows", str(town), "--at", at, "--log", str(log), typed="\n")
    assert ran.exit_code == 0 and words in ran.output
    played = guichet("scenarios", str(log))
    assert played.exit_code == 0, played.output
    log.write_text(log.read_text().replace(f"at: {step}", "at: elsewhere"))
    assert guichet("scenarios", str(log)).exit_code == 1
    log.write_text(f"scenario: x\nflow: accueil\nat: {at}\ngiven: {{hours: closed}}\nends: {{at: ferme}}\n")
    assert guichet("scenarios", str(log)).exit_code == 0, "what a scenario says goes before"


FICHE = """
flow: accueil
languages: [fr]
numbers: ["3939"]
start: fiche
steps:
  fiche: {ask: Votre code ?, digits: {most: 8, end: "#"}, save: code, then: reponse, otherwise: hangup}
  reponse: {answer: {code: code}, solved: aide, unsolved: aide, missing: inconnu}
  inconnu: {hangup: Aucune fiche ne porte ce code.}
  aide: {transfer: ccas, answered: hangup, closed: ferme, otherwise: hangup}
  ferme: {hangup: "{service.title} ouvre {service.next_open}."}
"""


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("1203", ["Demandez-le à la mairie.", "Le centre d'action sociale ouvre aujourd'hui"]),
        ("9999", ["Aucune fiche ne porte ce code."]),
    ],
)
def test_a_town_answers_by_its_own_answers_and_services(tmp_path: Path, code: str, words: list[str]) -> None:
    for folder in ("hours", "answers", "directory"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "accueil.yaml").write_text(FICHE)
    (tmp_path / "answers" / "acte.yaml").write_text(ANSWER)
    (tmp_path / "directory" / "ccas.yaml").write_text(SERVICE.replace("hours: ccas", "hours: mairie"))
    (tmp_path / "hours" / "mairie.yaml").write_text((CHECKOUT / "callflows" / "hours" / "mairie.yaml").read_text())
    at = "2026-11-23T07:00"  # a Monday, before it opens
    ran = guichet("call", "--callflows", str(tmp_path), "--at", at, typed=f"{code}#\n\n1\n\n")
    assert ran.exit_code == 0, ran.output
    for each in words:
        assert each in " ".join(ran.output.split()), ran.output


def test_a_caller_who_hangs_up_in_the_terminal(town: Path) -> None:
    log = town / "scenarios" / "log.yaml"
    for typed in ("1\nh\n", "1\n"):  # typed, or the end of what is typed
        ran = guichet("call", "accueil", "--log", str(log), typed=typed)
        assert "the caller hung up" in ran.output
        assert guichet("scenarios", str(log)).exit_code == 0


def test_keys_that_are_none_are_asked_for_again() -> None:
    ran = guichet("call", "--at", "2026-11-23T10:00", typed="x\n0\n\n\n")
    assert "keys are 0 to 9" in ran.output and "Merci de votre appel" in ran.output


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["call", "acueil"], "There is no flow 'acueil'; did you mean accueil?"),
        (["call", "--at", "tomorrow"], "--at: expected a local time such as 2026-11-23T10:00, found 'tomorrow'."),
        (["call", "--at", "2026-02-30T10:00"], "--at: expected a local time"),
        (["draw", "acueil"], "There is no flow 'acueil'; did you mean accueil?"),
        (["draw", "accueil", "-o", "/nonexistent/a.svg"], "/nonexistent/a.svg cannot be written: "),
        (["scenarios", "--require", "lots"], "--require: expected a share such as 85%, found 'lots'."),
    ],
)
def test_a_mistake_is_answered_with_a_sentence(arguments: list[str], sentence: str) -> None:
    ran = guichet(*arguments)
    assert ran.exit_code == 1 and sentence in ran.output


def test_without_a_program_that_plays_sound_the_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    ran = guichet("call", "--voice")
    assert ran.exit_code == 1 and "install alsa-utils" in ran.output


def test_a_flow_is_drawn_into_a_file_or_on_stdout(tmp_path: Path) -> None:
    drawn = tmp_path / "accueil.svg"
    assert "Drawn: " in guichet("draw", "accueil", "-o", str(drawn)).output
    assert drawn.read_text() == guichet("draw", "accueil").stdout
