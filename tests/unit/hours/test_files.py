"""Files of opening hours: what they may say, and what is told of those in broken/, each with a .txt beside it."""

import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.install.places import CHECKOUT
from core.files import Faults
from hours.definition import load_hours
from tests.unit.hours.towns import OFFICE, hours

BROKEN = sorted((Path(__file__).parent / "broken").glob("*.yaml"))


def told(raw: bytes) -> list[str]:
    faults = Faults()
    read = load_hours({"h.yaml": raw}, faults)
    assert bool(faults.found) != bool(read), "a file is read or told of"
    return [f"{each.place.line}:{each.place.column}: {each.message} [{each.rule}]" for each in sorted(faults.found)]


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_a_broken_file_is_told_at_its_place(path: Path) -> None:
    assert told(path.read_bytes()) == path.with_suffix(".txt").read_text().splitlines()


def test_there_are_many_of_them() -> None:
    assert len(BROKEN) >= 8


def test_days_are_named_alone_in_ranges_and_in_lists() -> None:
    read = hours('hours: h\nweekly: {"monday, wednesday": 09:00-12:00, friday-sunday: closed, tuesday: 08:00-24:00}')
    assert {day: [str(each) for each in openings] for day, openings in read.weekly.items()} == {
        0: ["09:00-12:00"], 2: ["09:00-12:00"], 4: [], 5: [], 6: [], 1: ["08:00-24:00"],
    }  # fmt: skip


def test_two_files_of_one_name_are_told() -> None:
    faults = Faults()
    load_hours({"a.yaml": OFFICE.encode(), "b.yaml": OFFICE.encode()}, faults)
    assert [str(each) for each in faults.found] == [
        "b.yaml:2:8: the opening hours mairie stand in a.yaml already [duplicate-hours]"
    ]


pieces = st.sampled_from(["", "weekly:", "  monday: 25:00-26:00", "holidays: [", "holidays: {region: FR}", "- a", "\t"])
LINES = OFFICE.splitlines()


@given(st.lists(st.tuples(st.integers(0, len(LINES) - 1), pieces | st.text(max_size=20)), min_size=1, max_size=3))
@example([(3, "  monday-: 08:30-12:00")])
def test_whatever_is_edited_it_is_read_or_told(edits: list[tuple[int, str]]) -> None:
    lines = list(LINES)
    for number, piece in edits:
        lines[number] = piece
    told("\n".join(lines).encode("utf-8", "surrogatepass"))


PAGE = (CHECKOUT / "docs" / "hours.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("example", re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL))
def test_the_examples_of_the_page_can_be_read(example: str) -> None:
    assert told(example.encode()) == []
