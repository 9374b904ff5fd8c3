"""Every rule for queues has a good example of which nothing is said, and a bad one of which golden/ has the words."""

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

import pytest

from core.files import Faults
from queues.load import load_queues
from queues.rules import RULES

GOLDEN = Path(__file__).parent / "golden"


def told(example: Mapping[str, str]) -> str:
    faults = Faults()
    files = {f"{name}.yaml": dedent(text).strip().encode() for name, text in example.items()}
    load_queues(files, faults, hours={"mairie"}, answers={"acte-de-naissance"})
    return "".join(f"{fault}\n" for fault in sorted(faults.found))


def test_there_are_rules() -> None:
    assert {"overflow-loop", "unknown-queue", "unreachable-rule"} <= set(RULES)


@pytest.mark.parametrize("word", sorted(RULES))
def test_every_rule_is_documented(word: str) -> None:
    rule = type(RULES[word])
    assert rule.__name__.lower() == word.replace("-", ""), "the file, the class and the word are called the same"
    assert (rule.__doc__ or "").strip().endswith(".")


@pytest.mark.parametrize("word", sorted(RULES))
def test_of_the_good_example_nothing_is_said(word: str) -> None:
    assert told(RULES[word].good) == ""


@pytest.mark.parametrize("word", sorted(RULES))
def test_of_the_bad_example_it_is_said_what_is_wrong(word: str) -> None:
    assert told(RULES[word].bad) == (GOLDEN / f"{word}.txt").read_text()


def test_a_queue_that_is_moved_to_itself_is_a_circle_too() -> None:
    assert "in a circle: q → q [overflow-loop]" in told({"q": "queue: q\noverflow: [{when: length > 3, move: q}]"})


def test_nothing_is_said_of_who_names_a_queue_that_has_faults_of_its_own() -> None:
    example = {"q": "queue: q\noverflow: [{when: length > 3, move: other}]", "other": "queue: other\nrings: 3s"}
    assert "unknown-queue" not in told(example)


def test_of_hours_and_answers_that_are_not_known_nothing_is_said() -> None:
    faults = Faults()
    load_queues({"q.yaml": b"queue: q\nhours: x\noverflow: [{when: closed, sms: y}]"}, faults)
    assert faults.found == []
