"""A town is read as one; its good versions are kept; what is wrong is printed for people and for programs."""

import json
import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.check import check, command
from app.settings import CHECKOUT
from app.town import good_version, keep_good, load_town
from core.errors import GuichetError
from ivr.acts import Done, Enqueue, Gather, Input, LeftQueue, Pressed, Say, Started
from ivr.engine import advance, begin
from versions.disk import KEPT

FLOW = """\
flow: accueil
languages: [fr]
numbers: ["3939"]
start: ligne
steps:
  ligne: {queue: QUEUE, answered: hangup, otherwise: hangup}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small town without fault."""
    town = tmp_path / "town"
    (town / "queues").mkdir(parents=True)
    (town / "accueil.yaml").write_text(FLOW.replace("QUEUE", "voirie"))
    (town / "queues" / "voirie.yaml").write_text("queue: voirie\n")
    return town


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def told_of(folder: Path) -> list[str]:
    return [f"{Path(fault.place.file).name}: {fault.message}" for fault in load_town(folder).faults]


# --- reading ------------------------------------------------------------------------------------------------------


def test_a_town_has_flows_and_queues_and_a_version(folder: Path) -> None:
    town = load_town(folder)
    assert not town.faults
    assert list(town.flows.by_name) == ["accueil"]
    assert list(town.queues) == ["voirie"]
    assert len(town.version) == 12


def test_the_version_is_the_contents(folder: Path, tmp_path: Path) -> None:
    version = load_town(folder).version
    copy = shutil.copytree(folder, tmp_path / "copy")
    assert load_town(copy).version == version
    (copy / "queues" / "voirie.yaml").write_text("queue: voirie\nring: 21s\n")
    assert load_town(copy).version != version


def test_a_queue_that_is_not_there_is_told_with_the_nearest_one(folder: Path) -> None:
    (folder / "accueil.yaml").write_text(FLOW.replace("QUEUE", "voiri"))
    (fault,) = load_town(folder).faults
    assert (fault.place.line, fault.place.column) == (6, 18)
    assert fault.message == "no queue is called voiri; did you mean voirie?"


def test_a_queue_whose_file_has_a_fault_is_told_once(folder: Path) -> None:
    (folder / "queues" / "voirie.yaml").write_text("queue: voirie\nrign: 20s\n")
    assert told_of(folder) == ["voirie.yaml: unknown key 'rign'; did you mean ring?"]


def test_files_that_would_be_passed_over_are_told(folder: Path) -> None:
    (folder / "mairie.yml").write_text("flow: mairie\n")
    (folder / "queues" / os.fsdecode(b"caf\xe9.yaml")).write_text("queue: cafe\n")
    (folder / ".#accueil.yaml").write_text("an editor's own file")
    (folder / "notes.txt").write_text("notes")
    assert told_of(folder) == [
        "mairie.yml: this file is not read; give it the ending .yaml",
        "queues: the name of a file cannot be shown: 'caf\\udce9.yaml'; give it another one",
    ]


def test_a_folder_without_flows_is_told(tmp_path: Path) -> None:
    assert [fault.rule for fault in load_town(tmp_path).faults] == ["no-flow"]


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(GuichetError, match="is not a folder"):
        load_town(tmp_path / "nowhere")


# --- good versions ------------------------------------------------------------------------------------------------


def test_after_a_faulty_edit_the_last_good_version_is_at_hand(folder: Path, state: Path) -> None:
    good = load_town(folder)
    keep_good(good, state)
    (folder / "accueil.yaml").write_text("flow: [")
    edited = load_town(folder)
    assert edited.faults
    with pytest.raises(ValueError, match="without faults"):
        keep_good(edited, state)
    kept = good_version(state)
    assert kept is not None
    assert kept.version == good.version
    assert kept.flows.by_name.keys() == {"accueil"}


def test_a_call_can_go_on_with_the_version_on_which_it_began(folder: Path, state: Path) -> None:
    first = load_town(folder)
    keep_good(first, state)
    (folder / "queues" / "voirie.yaml").write_text("queue: voirie\nring: 9s\n")
    second = load_town(folder)
    keep_good(second, state)
    for town, ring_ms in ((first, 20_000), (second, 9_000)):
        kept = good_version(state, town.version)
        assert kept is not None
        assert kept.queues["voirie"].ring == ring_ms
    live = good_version(state)
    assert live is not None
    assert live.version == second.version
    keep_good(first, state)
    assert good_version(state).version == first.version  # type: ignore[union-attr]


def test_a_damaged_copy_is_not_used_and_is_made_whole_again(folder: Path, state: Path) -> None:
    town = load_town(folder)
    keep_good(town, state)
    (state / "town" / town.version / "accueil.yaml").write_text("")
    assert good_version(state) is None
    keep_good(town, state)
    assert good_version(state) is not None


def test_without_the_note_of_the_last_one_the_newest_version_is_taken(folder: Path, state: Path) -> None:
    keep_good(load_town(folder), state)
    (state / "town" / "current").write_bytes(b"../\xff\n")
    assert good_version(state) is not None


@pytest.mark.parametrize("version", ["", "..", "../../etc", "0" * 12, "x" * 12])
def test_a_version_that_is_not_kept_is_none(version: str, folder: Path, state: Path) -> None:
    keep_good(load_town(folder), state)
    assert good_version(state, version) is None


def test_only_the_last_versions_stay_and_nothing_half_made(folder: Path, state: Path) -> None:
    for seconds in range(1, KEPT + 6):
        (folder / "queues" / "voirie.yaml").write_text(f"queue: voirie\nring: {seconds}s\n")
        keep_good(load_town(folder), state)
    kept = {path.name for path in (state / "town").iterdir() if not path.name.startswith(".")}
    assert not list((state / "town").glob(".fresh-*"))
    assert len(kept - {"current"}) == KEPT
    assert (state / "town" / "current").read_text() in kept


# --- guichet check ------------------------------------------------------------------------------------------------


def test_a_good_town_is_said_to_be_good(folder: Path) -> None:
    result = CliRunner().invoke(command, [str(folder)])
    assert result.exit_code == 0
    assert result.stdout == ""
    assert "no fault" in result.stderr


def test_faults_are_lines_that_an_editor_understands(folder: Path) -> None:
    (folder / "accueil.yaml").write_text(FLOW.replace("QUEUE", "voirie").replace("hangup}", "hangpu}"))
    result = CliRunner().invoke(command, [str(folder)])
    assert result.exit_code == 1
    assert result.stdout.splitlines()[0] == (
        f"{folder / 'accueil.yaml'}:6:55: no step is called hangpu; did you mean hangup? [unknown-step]"
    )


def test_faults_are_json_for_programs(folder: Path) -> None:
    (folder / "queues" / "voirie.yaml").write_text("queue: 1\n")
    result = CliRunner().invoke(command, ["--json", str(folder)])
    assert result.exit_code == 1
    (fault,) = json.loads(result.stdout)
    assert fault.keys() == {"file", "line", "column", "message", "rule", "severity"}
    assert (fault["line"], fault["column"], fault["rule"]) == (1, 8, "name")
    good = CliRunner().invoke(command, ["--json", str(folder / "accueil.yaml")])
    assert (good.exit_code, json.loads(good.stdout)) == (0, [])


def test_a_single_flow_file_can_be_checked(folder: Path) -> None:
    assert check([folder / "accueil.yaml"]).faults == []
    assert [fault.rule for fault in check([folder / "nowhere.yaml"]).faults] == ["unreadable"]


# --- the town that is shipped -------------------------------------------------------------------------------------


OPEN = Done({"open": True})
"""What the hours say."""


def heard(language: str, *given: Input, **caller: int) -> list[str]:
    """What a caller of the shipped flow hears, and the queues they come to."""
    flow = load_town(CHECKOUT / "callflows").flows.for_number("3939")
    session = begin(flow, call="c1", version="v1", caller=caller, dialled="3939", language=language)
    told = []
    for each in (Started(), *given):
        for act in advance(flow, session, each).acts:
            match act:
                case Say(prompts) | Gather(prompts, _):
                    told += [prompt.text for prompt in prompts]
                case Enqueue(queue):
                    told.append(f"queue {queue}")
    return told


def test_the_shipped_town_is_without_fault() -> None:
    town = load_town(CHECKOUT / "callflows")
    assert town.faults == ()
    assert {"3939", "33123456789"} <= town.flows.by_number.keys()


def test_the_shipped_flow_leads_each_key_to_its_queue() -> None:
    ways = {"0": "accueil", "110": "etat-civil", "120": "identite", "140": "accueil", "210": "voirie",
            "230": "objets-trouves", "310": "ecoles", "320": "logement", "330": "aide-sociale"}  # fmt: skip
    for keys, queue in ways.items():
        assert heard("fr", *map(Pressed, keys), OPEN)[-1] == f"queue {queue}"
    assert heard("fr", Pressed("4"), Pressed("1"), OPEN, OPEN)[-1] == "queue urgences"


def test_the_first_thing_that_callers_of_the_shipped_flow_hear_of_matters_is_112() -> None:
    before = heard("fr")
    assert "112" in before[-2]
    assert "tapez 1" in before[-1]


def test_who_calls_the_shipped_town_while_it_is_closed_hears_when_it_opens() -> None:
    closed = Done({"open": False, "next_open": "2026-11-24T08:30", "now": "2026-11-23T20:00"})
    told = " ".join(heard("fr", Pressed("0"), closed))
    assert "Ils ouvrent demain à huit heures trente." in told


def test_the_shipped_town_serves_many_people() -> None:
    town = load_town(CHECKOUT / "callflows")
    assert (len(town.answers), len(town.services), len(town.queues)) >= (25, 12, 8)
    assert all(answer.code for answer in town.answers.values())
    for answer in town.answers.values():
        for texts in (answer.question, answer.spoken, answer.page or answer.spoken):
            assert isinstance(texts, dict) and texts.keys() == {"fr", "en"}, answer.name


def test_a_silent_caller_of_the_shipped_flow_comes_to_a_person() -> None:
    nothing = Pressed("", complete=False)
    assert heard("fr", nothing, nothing, OPEN)[-1] == "queue accueil"


def test_a_returning_caller_is_greeted_otherwise() -> None:
    assert heard("fr", contacts=0)[0] != heard("fr", contacts=2)[0]


def test_the_shipped_flow_changes_language_at_a_key_and_thanks_in_it() -> None:
    talk = (Pressed("#"), Pressed("0"), OPEN, LeftQueue("answered"))
    assert heard("fr", *talk)[-1].startswith("Thank you")
    assert heard("en", *talk)[-1].startswith("Merci")


def test_what_a_town_has_no_folder_for_is_advice_and_a_name_that_is_not_in_the_folder_a_fault(folder: Path) -> None:
    flow = FLOW.replace(
        "{queue: QUEUE, answered: hangup, otherwise: hangup}", "{answer: acte, solved: hangup, unsolved: fin}"
    )
    (folder / "accueil.yaml").write_text(flow + "  fin: {hangup: Au revoir.}\n")
    found = check([folder], {"answers", "hours"})
    assert found.faults == []
    assert "missing-part" in [advice.rule for advice in found.advice]
    (folder / "answers").mkdir()
    assert [fault.rule for fault in check([folder]).faults] == ["unknown-answer"]
