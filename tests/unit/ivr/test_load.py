"""A folder of flow files becomes flows that are found by name and by dialled number."""

import pytest

from core.files import Faults
from ivr.load import Flows, load_flows
from tests.unit.ivr.flows import flow_of, source_of, told_of


def flow_file(name: str, *numbers: str) -> bytes:
    listed = ", ".join(f'"{number}"' for number in numbers)
    return f"flow: {name}\nlanguages: [fr]\nnumbers: [{listed}]\nstart: a\nsteps:\n  a: {{hangup: Fin.}}\n".encode()


def loaded(**files: bytes) -> tuple[Flows, list[str]]:
    faults = Faults()
    flows = load_flows({f"{name}.yaml": raw for name, raw in files.items()}, faults)
    return flows, [str(fault) for fault in faults.found]


def test_a_flow_is_found_by_its_name_and_each_of_its_numbers() -> None:
    flows, told = loaded(a=flow_file("accueil", "3939", "+33123456789"), b=flow_file("mairie", "3940"))
    assert told == []
    assert flows.by_name["mairie"].numbers == ("3940",)
    for dialled in ("3939", "+33123456789", "0033123456789", "33123456789"):
        assert flows.for_number(dialled).name == "accueil"
    assert flows.for_number("3940").name == "mairie"


def test_an_unknown_number_is_answered_all_the_same() -> None:
    flows, _ = loaded(a=flow_file("autre"), b=flow_file("mairie", "3940"))
    assert flows.for_number("9999").name == "mairie"


def test_two_flows_with_the_same_number_are_a_fault() -> None:
    _, told = loaded(a=flow_file("accueil", "+33123456789"), b=flow_file("mairie", "3940", "33123456789"))
    assert told == ["b.yaml:3:19: the number 33123456789 starts the flow accueil already, in a.yaml [duplicate-number]"]


def test_two_flows_with_the_same_name_are_a_fault() -> None:
    _, told = loaded(a=flow_file("accueil"), b=flow_file("accueil"))
    assert told == ["b.yaml:1:7: the flow accueil stands in a.yaml already [duplicate-flow]"]


def test_a_broken_flow_leaves_the_others_alone() -> None:
    flows, told = loaded(a=b"flow: [", b=flow_file("mairie"))
    assert list(flows.by_name) == ["mairie"]
    assert len(told) == 1


def test_names_that_a_step_makes_are_not_missed_while_that_step_has_a_fault() -> None:
    told = told_of("""
        a:
          ask: Votre dossier ?
          digits: {length: 8}
          svae: case_number
          then: b
          otherwise: hangup
        b:
          say: "{case_number}"
          then: hangup
    """)
    assert told == ["unknown-key: unknown key 'svae'; did you mean save?"]


def test_a_truth_cannot_be_spoken() -> None:
    (told,) = told_of("a: {say: 'Masqué : {caller.withheld}', then: hangup}")
    assert told == "placeholder: caller.withheld is true or false, which cannot be spoken"


@pytest.mark.parametrize("word", ["no", "on", "12:30", "010", "1e3", "0x1F", "2026-11-23"])
def test_words_that_old_yaml_would_change_stay_what_was_written(word: str) -> None:
    step = flow_of(f"a: {{set: {{topic: {word}}}, then: hangup}}").steps["a"]
    assert step.set == {"topic": word}  # type: ignore[attr-defined]


def test_a_flow_made_to_be_slow_is_told_a_hundred_faults_and_no_more() -> None:
    steps = "\n".join(f"        pas-{number}: {{say: Oui., then: pas_{number}}}" for number in range(3_000))
    faults = Faults()
    load_flows({"f.yaml": source_of(steps)}, faults)
    assert 100 <= len(faults.found) <= 110
