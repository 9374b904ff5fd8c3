"""Every rule has a good example of which it says nothing, and a bad one of which it says what stands in golden/."""

from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from textwrap import dedent, indent

import pytest

from core.files import Fault, Faults
from ivr.checking.rule import Example
from ivr.checking.town import TownView
from ivr.load import load_flows
from ivr.material.answer import load_answers
from ivr.material.service import load_services
from ivr.model import PARTS
from ivr.rules import RULES, advice_on
from ivr.rules.missing_part import LACKS
from telephony.parts import Parts

GOLDEN = Path(__file__).parent / "golden"
TOWN = TownView(
    queues={"accueil"}, skills={"accueil"}, answers={"acte-de-naissance"}, hours={"mairie"}, prompts={"bienvenue"},
    parts=set(PARTS) - {"sms"}, services={"ccas"}, today="2026-11-23",
)  # fmt: skip


def flow_files(example: Example) -> Mapping[str, bytes]:
    """The flows of an example as files: the first one is `essai`, dialled as 3939."""
    flows = {"essai": example} if isinstance(example, str) else example
    flows = {name: steps for name, steps in flows.items() if "/" not in name}
    return {f"{name}.yaml": _file(name, steps, first=not at) for at, (name, steps) in enumerate(flows.items())}


def files_in(folder: str, example: Example) -> Mapping[str, bytes]:
    """The files of an example that stand whole."""
    files = {} if isinstance(example, str) else example
    return {f"{name}.yaml": text.encode() for name, text in files.items() if name.startswith(f"{folder}/")}


def _file(name: str, steps: str, *, first: bool) -> bytes:
    steps = dedent(steps).strip("\n")
    head, before, inside = steps.rpartition("steps:\n")
    inside = dedent(inside) if before else steps
    numbers = 'numbers: ["3939"]\n' if first else ""
    start = inside.split(":")[0].strip()
    text = f"flow: {name}\nlanguages: [fr, en]\n{numbers}{head}start: {start}\nsteps:\n"
    return (text + indent(inside, "  ") + "\n").encode()


def told(example: Example) -> tuple[list[Fault], list[Fault]]:
    """Faults and advice."""
    faults = Faults()
    answers = load_answers(files_in("answers", example), faults)
    services = load_services(files_in("directory", example), faults)
    town = replace(
        TOWN,
        answers={*(TOWN.answers or ()), *answers},
        services={*(TOWN.services or ()), *services},
        answer_files=answers,
        service_files=services,
    )
    flows = load_flows(flow_files(example), faults, town)
    return sorted(faults.found), advice_on(flows.town)


def of(rule: str, faults: list[Fault]) -> str:
    return "".join(f"{fault}\n" for fault in faults if fault.rule == rule)


def test_there_are_rules() -> None:
    assert {"unknown-step", "unreachable", "many-choices", "cyclic-flows"} <= set(RULES)


@pytest.mark.parametrize("word", sorted(RULES))
def test_every_rule_is_documented_and_has_examples(word: str) -> None:
    rule = type(RULES[word])
    assert rule.__name__.lower() == word.replace("-", ""), "the file, the class and the word are called the same"
    assert (rule.__doc__ or "").strip().endswith(".")
    assert rule.good and rule.bad


@pytest.mark.parametrize("word", sorted(RULES))
def test_the_good_example_has_no_fault_and_the_rule_says_nothing_of_it(word: str) -> None:
    faults, advice = told(RULES[word].good)
    assert faults == []
    assert of(word, advice) == ""


@pytest.mark.parametrize("word", sorted(RULES))
def test_the_rule_says_of_the_bad_example_what_is_wrong(word: str) -> None:
    faults, advice = told(RULES[word].bad)
    assert of(word, advice if RULES[word].advice else faults) == (GOLDEN / f"{word}.txt").read_text()
    if RULES[word].advice:
        assert faults == [], "an advice is told of flows that can be played"


def test_every_part_that_a_house_may_lack_has_words() -> None:
    assert set(LACKS) == set(PARTS) == {field.name for field in fields(Parts)}


def test_no_message_belongs_to_a_rule_that_is_gone() -> None:
    assert {path.stem for path in GOLDEN.glob("*.txt")} == set(RULES)
