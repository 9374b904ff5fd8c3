"""What keeps a town from being published, what differs between two versions, and which one a rollback leads to."""

from pathlib import Path

import pytest

from app.diff import Change, Side, changes
from app.publish import faults_of
from app.rollback import before
from app.town import load_town
from app.versioning import LONGEST_NOTE, somebody, tidy
from core.errors import GuichetError
from versions.record import Move, Piece, Version, event_of, piece_of
from versions.shelf_memory import MemoryShelf

FLOW = """\
flow: accueil
languages: [fr]
numbers: ["3939"]
start: bonjour
steps:
  bonjour: {hangup: Bonjour.}
"""
ANSWER = """\
answer: acte
question: Comment obtenir un acte ?
spoken: Demandez-le.
topics: [actes]
owner: État civil
review: 2026-06-30
"""
SCENARIO = "scenario: a call\nflow: accueil\nplay:\n  - {hears: bonjour, says: WORDS}\nends: {at: bonjour}\n"


@pytest.fixture
def town(tmp_path: Path) -> Path:
    for name in ("answers", "scenarios"):
        (tmp_path / name).mkdir()
    (tmp_path / "accueil.yaml").write_text(FLOW)
    (tmp_path / "answers" / "acte.yaml").write_text(ANSWER)
    (tmp_path / "scenarios" / "call.yaml").write_text(SCENARIO.replace("WORDS", "Bonjour"))
    return tmp_path


def rules_of(town: Path, today: str = "2026-06-30") -> list[str]:
    return [fault.rule for fault in faults_of(load_town(town), today)]


def test_a_town_without_fault_whose_scenarios_pass_and_answers_are_true_may_be_published(town: Path) -> None:
    assert rules_of(town) == []


def test_an_answer_past_its_review_date_keeps_the_town_from_being_published(town: Path) -> None:
    (fault,) = faults_of(load_town(town), "2026-07-01")
    assert str(fault).endswith(
        "acte.yaml:6:9: this had to be reviewed by 2026-06-30: État civil says whether it is still true [review-passed]"
    )


def test_a_scenario_that_goes_another_way_keeps_the_town_from_being_published(town: Path) -> None:
    (town / "scenarios" / "call.yaml").write_text(SCENARIO.replace("WORDS", "Bonsoir"))
    assert rules_of(town) == ["scenario"]


def test_a_scenario_that_cannot_be_read_does_so_too(town: Path) -> None:
    (town / "scenarios" / "call.yaml").write_text("scenario: [")
    assert rules_of(town) == ["syntax"]


def test_a_fault_in_any_file_does_so(town: Path) -> None:
    (town / "answers" / "acte.yaml").write_text(ANSWER.replace("owner", "owned"))
    assert rules_of(town) == ["unknown-key"]


def side(name: str, **files: str) -> Side:
    texts = {f"{file}.yaml": text for file, text in files.items()}
    return Side(name, {file: piece_of(text.encode()) for file, text in texts.items()}, texts)


def test_a_difference_is_told_by_file_and_line() -> None:
    before, after = side("v1", a="un\ndeux\n", b="trois\n", d="x"), side("v2", a="un\nDEUX\n", c="quatre\n", d="x")
    first, removed, added = changes(before, after)
    assert (first.file, first.how) == ("a.yaml", "changed")
    assert first.lines[-3:] == (" un", "-deux", "+DEUX")
    assert (removed.file, removed.how, added.file, added.how) == ("b.yaml", "removed", "c.yaml", "added")


def test_of_a_sound_file_it_is_told_that_it_differs() -> None:
    before = Side("v1", {"prompts/a.wav": Piece("1", 1)}, {})
    assert list(changes(before, Side("v2", {"prompts/a.wav": Piece("2", 1)}, {}))) == [
        Change("prompts/a.wav", "changed")
    ]
    assert list(changes(before, before)) == []


async def shelf_with(*versions: tuple[str, str]) -> MemoryShelf:
    """Each version with how it went live."""
    shelf, live = MemoryShelf(), ""
    for number, (name, how) in enumerate(versions):
        await shelf.propose(Version(name, {}))
        move = Move(str(number), name, number, "ada", how=how, before=live)  # type: ignore[arg-type]
        await shelf.go_live(move, event_of(move))
        live = name
    return shelf


async def test_a_rollback_leads_to_the_version_before() -> None:
    assert await before(await shelf_with(("a", "published"), ("b", "published")), "b") == "a"


async def test_and_from_there_to_the_one_before_that() -> None:
    moves = [("a", "published"), ("b", "published"), ("c", "published"), ("b", "rolled back")]
    assert await before(await shelf_with(*moves), "b") == "a"


async def test_before_the_first_version_there_is_none() -> None:
    with pytest.raises(GuichetError, match="no earlier version to go back to"):
        await before(await shelf_with(("a", "published")), "a")


def test_who_publishes_and_why_is_one_line_that_can_be_shown() -> None:
    assert somebody(" Ada\x1b[31m\u202e \n") == "Ada[31m"
    assert somebody("") == somebody(None) != ""
    assert tidy("New\nhours\x1b") == "New hours"
    assert len(tidy("a" * 10_000)) == LONGEST_NOTE
