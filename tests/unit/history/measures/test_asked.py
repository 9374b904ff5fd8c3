"""Questions from outside."""

from itertools import pairwise

import pytest

from core.errors import GuichetError
from history.measures.asked import HOUR_MS, By, ask

NOW = 1_790_000_000_000


def hours(first: str, last: str = "", zone: str = "Europe/Paris") -> list[float]:
    starts = ask(first, last or first, zone, NOW).starts
    return [(end - begin) / HOUR_MS for begin, end in pairwise(starts)]


def test_a_day_is_that_of_its_time_zone() -> None:
    assert ask("2026-11-23", "2026-11-23", "Europe/Paris", NOW).since == 1_795_388_400_000
    assert ask("2026-11-23", "2026-11-23", "UTC", NOW).since == 1_795_392_000_000


def test_days_of_a_change_of_the_clock_are_longer_or_shorter() -> None:
    assert hours("2026-03-28", "2026-03-30") == [24, 23, 24]
    assert hours("2026-10-24", "2026-10-26") == [24, 25, 24]


def test_the_29th_of_february_is_a_day() -> None:
    assert hours("2028-02-28", "2028-03-01") == [24, 24, 24]
    with pytest.raises(GuichetError, match="not a day"):
        hours("2027-02-29")


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"first": "yesterday"}, "not a day"),
        ({"first": "9999-12-31"}, "not a day of any history"),
        ({"first": "0001-01-01"}, "not a day of any history"),
        ({"limits": {"queue": ""}}, "cannot be the name"),
        ({"first": "2026-11-23", "last": "2026-11-22"}, "comes before"),
        ({"first": "2020-01-01", "last": "2026-11-22"}, "at most 400 days"),
        ({"zone": "Europe/Nowhere"}, "no time zone"),
        ({"zone": "../../etc/passwd"}, "no time zone"),
        ({"by": "queue; DROP TABLE entry"}, "cannot be split by"),
        ({"by": "outcome"}, "cannot be split by"),
        ({"limits": {"hour": "8"}}, "cannot be limited by"),
        ({"limits": {"1=1 OR queue": "x"}}, "cannot be limited by"),
        ({"limits": {"queue": "a\nb"}}, "cannot be the name"),
        ({"limits": {"queue": "x" * 81}}, "cannot be the name"),
        ({"within_ms": 0}, "are times"),
        ({"service_level": "best"}, "no service level"),
    ],
)
def test_what_cannot_be_asked_is_one_sentence(asked: dict, sentence: str) -> None:
    given = {"first": "2026-11-23", "zone": "Europe/Paris", "now": NOW, **asked}
    with pytest.raises(GuichetError, match=sentence) as raised:
        ask(last=given.pop("last", given["first"]), **given)
    assert "\n" not in str(raised.value)


def test_names_are_looked_up_and_values_kept_as_they_are() -> None:
    question = ask("2026-11-23", "2026-11-23", "UTC", NOW, by="queue", limits={"agent": "x' OR '1'='1"})
    assert question.by is By.QUEUE
    assert question.limits == {By.AGENT: "x' OR '1'='1"}
