"""When a day begins, on days whose clocks change too."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from history.days import midnight

PARIS = ZoneInfo("Europe/Paris")
CHANGES = [(2026, 3, 29), (2026, 10, 25), (2026, 11, 26)]


@pytest.fixture
def machine_in_paris(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Paris")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


@pytest.mark.parametrize("day", CHANGES)
@pytest.mark.parametrize("hour", [0, 1, 4, 12, 23])
def test_a_day_begins_at_midnight_by_the_clocks_of_then(day: tuple[int, int, int], hour: int):
    now, begun = datetime(*day, hour, 30, tzinfo=PARIS), datetime(*day, tzinfo=PARIS)
    assert midnight(ms(now), PARIS) == ms(begun)


@pytest.mark.parametrize("day", CHANGES)
@pytest.mark.parametrize("hour", [0, 12, 23])
@pytest.mark.usefixtures("machine_in_paris")
def test_this_machines_days_too(day: tuple[int, int, int], hour: int):
    now, begun = datetime(*day, hour, 30, tzinfo=PARIS), datetime(*day, tzinfo=PARIS)
    assert midnight(ms(now)) == ms(begun)


def test_a_day_of_paris_has_begun_before_the_one_of_greenwich():
    now = ms(datetime(2026, 7, 1, 23, tzinfo=UTC))
    assert midnight(now, PARIS) == ms(datetime(2026, 7, 1, 22, tzinfo=UTC))
