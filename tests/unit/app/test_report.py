"""`guichet report`: what is asked wrongly, and tables that fit."""

from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from app.report import blocks
from app.settings import CHECKOUT
from app.town import load_town

TOWN = CHECKOUT / "callflows"


def report(tmp_path: Path, *arguments: str, columns: int = 80) -> Result:
    env = {"COLUMNS": str(columns), "GUICHET_CALLFLOWS": str(TOWN)}
    return CliRunner().invoke(main, ["report", *arguments, "--state", str(tmp_path)], env=env)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("9999-12-31",), "not a day of any history"),
        (("0001-01-01",), "not a day of any history"),
        (("2026-11-23", "--queue", ""), "cannot be the name of a queue"),
        (("2026-11-23", "--recount", "--format", "csv"), "leave --format and --output away"),
        (("2026-11-23", "--recount", "-o", "x.csv"), "leave --format and --output away"),
        (("2026-11-23", "--zone", "Nope"), "no time zone"),
    ],
)
def test_what_is_asked_wrongly_is_one_sentence(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    ran = report(tmp_path, *arguments)
    assert ran.exit_code != 0
    assert words in " ".join(ran.output.split())
    assert "Traceback" not in ran.output and not isinstance(ran.exception, OverflowError)


def test_made_up_days_need_a_time_zone_that_there_is(tmp_path: Path) -> None:
    ran = CliRunner().invoke(main, ["demo-data", "--zone", "Nope", "--state", str(tmp_path)])
    assert ran.exit_code != 0
    assert "no time zone" in ran.output


def test_a_town_goes_by_the_clocks_of_its_opening_hours() -> None:
    zone = load_town(TOWN).zone
    assert zone is not None and zone.key == "Europe/Paris"


def test_columns_that_do_not_fit_go_into_a_table_below() -> None:
    found = list(blocks([10] * 9, 30, 80))
    assert [(block.start, block.stop) for block in found] == [(0, 3), (3, 6), (6, 9)]
    assert list(blocks([200, 5], 30, 80)) == [slice(0, 1), slice(1, 2)], "one at least"
    assert list(blocks([], 30, 80)) == [slice(0, 0)]


@pytest.mark.parametrize("most", [60, 80, 132])
def test_no_table_is_wider_than_the_screen(most: int) -> None:
    widths = [6, 19, 8, 8, 12, 7, 7, 7, 20, 5]
    found = list(blocks(widths, 30, most))
    assert all(33 + sum(widths[block]) + 3 * (block.stop - block.start) < most for block in found)
    assert all(one.stop == other.start for one, other in pairwise(found))
