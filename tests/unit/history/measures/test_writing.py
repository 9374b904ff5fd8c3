"""Reports as they are written and drawn."""

import csv
import io
from collections.abc import Mapping

import pytest

from history.measures.asked import ask
from history.measures.plot import BAR, MOST_BARS, plot
from history.measures.report import Report
from history.measures.sql.common import Key
from history.measures.tally import Tally
from history.measures.writing import as_csv, as_data

NOW = 1_900_000_000_000
SOMETHING = Tally(offered=1, answered=1, answered_within=1)
PARIS = "Europe/Paris"


def report(first: str, last: str, by: str, parts: Mapping[Key, Tally], zone: str = PARIS) -> Report:
    return Report(ask(first, last, zone, NOW, by=by), SOMETHING, parts, {})


def names(made: Report) -> list[str]:
    return [line[0] for line in csv.reader(io.StringIO(as_csv(made)))][1:-1]


def test_the_hour_that_the_clocks_show_twice_has_two_names() -> None:
    day = report("2026-10-25", "2026-10-25", "hour", dict.fromkeys(range(25), SOMETHING))
    assert names(day)[1:5] == ["01:00", "02:00+02:00", "02:00+01:00", "03:00"]
    assert [part["key"] for part in as_data(day)["parts"]] == names(day)
    assert len(set(names(day))) == 25


def test_of_several_days_it_has_them_too() -> None:
    days = report("2026-10-24", "2026-10-26", "hour", dict.fromkeys(range(73), SOMETHING))
    assert len(set(names(days))) == 73
    assert "2026-10-25 02:00+01:00" in names(days)


def test_the_hour_that_is_left_out_in_spring_is_left_out() -> None:
    day = report("2026-03-29", "2026-03-29", "hour", dict.fromkeys(range(23), SOMETHING))
    assert names(day)[1:4] == ["01:00", "03:00", "04:00"]


def test_every_hour_of_many_days_is_drawn() -> None:
    days = report("2026-11-01", "2026-11-25", "hour", dict.fromkeys(range(600), SOMETHING))
    picture = plot(days, "25 days")
    assert picture.count("<title>answered: 1</title>") == 600
    assert f'width="{80 + 600 * BAR}"' in picture


@pytest.mark.parametrize(("language", "words"), [("en", "the first 1000 parts of 1200"), ("fr", "1000 premières")])
def test_a_picture_of_more_than_can_be_drawn_says_so(language: str, words: str) -> None:
    days = report("2026-10-01", "2026-11-19", "hour", dict.fromkeys(range(1200), SOMETHING))
    picture = plot(days, "50 days", language)
    assert picture.count("<title>answered: 1</title>") == MOST_BARS
    assert words in picture


def test_where_nobody_was_in_line_the_curve_has_a_gap() -> None:
    parts = {0: SOMETHING, 1: SOMETHING, 2: Tally(), 3: SOMETHING}
    picture = plot(report("2026-11-23", "2026-11-23", "hour", parts), "a day")
    curves = [line for line in picture.splitlines() if line.startswith('<polyline class="level"')]
    assert [curve.count(",") for curve in curves] == [2, 1]
