"""What agents choose from, as the town's file says it."""

from core.files import Faults
from web.desk.choices import OUTCOMES, USUAL, DeskFile, load_desk

FILE = b"""\
desk: mairie
pauses:
  repas: {fr: Repas, en: Meal}
topics:
  voirie: Roads
"""


def load(**files: bytes) -> tuple[DeskFile, list[str]]:
    faults = Faults()
    desk = load_desk({f"{name}.yaml": raw for name, raw in files.items()}, faults)
    return desk, [f"{fault.place}: {fault.message}" for fault in faults.found]


def test_the_file_says_what_there_is_to_choose_and_in_which_words() -> None:
    desk, faults = load(mairie=FILE)
    choices = desk.choices()
    assert not faults
    assert [(each.name, each.title) for each in choices.reasons] == [("repas", {"fr": "Repas", "en": "Meal"})]
    assert [(each.name, each.title) for each in choices.topics] == [("voirie", {"fr": "Roads", "en": "Roads"})]
    assert [each.name for each in choices.codes] == list(OUTCOMES)


def test_a_town_without_a_file_has_the_usual_choices() -> None:
    desk, faults = load()
    assert (desk, faults) == (USUAL, [])
    assert desk.choices().topics == []


def test_a_second_file_is_a_fault_that_names_the_first() -> None:
    _, faults = load(mairie=FILE, other=b"desk: other\n")
    assert faults == ["other.yaml:1:7: a town has one desk file; mairie.yaml is another one"]


def test_a_word_that_no_report_could_count_by_is_a_fault_with_its_place() -> None:
    _, faults = load(mairie=b"desk: mairie\noutcomes:\n  12: Twelve\n")
    assert len(faults) == 1 and faults[0].startswith("mairie.yaml:3:") and "begins with a letter" in faults[0]


def test_a_title_without_words_is_a_fault() -> None:
    _, faults = load(mairie=b'desk: mairie\npauses:\n  repas: ""\n')
    assert faults == ["mairie.yaml:3:10: expected a text, found an empty one"]
