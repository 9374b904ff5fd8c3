"""When a service is open: the week, public holidays, exceptional days, the switch, and the clocks that change."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hours.calendar import Cause, hours_on, local, spans
from hours.status import closes_at, open_at, status
from hours.switch import Switch
from tests.unit.hours.towns import at, hours, wall

OFFICE = hours()
ALWAYS = hours("hours: always\nweekly: {monday-sunday: 00:00-24:00}")
NEVER = hours("hours: never\nweekly: {monday: closed}")
NIGHT = hours("hours: night\nweekly: {monday-sunday: 22:00-06:00}")


@pytest.mark.parametrize(
    ("moment", "open_", "cause", "next_open"),
    [
        ("2026-11-23T08:29", False, "weekly", "2026-11-23T08:30"),  # a Monday
        ("2026-11-23T08:30", True, "weekly", "2026-11-23T13:30"),
        ("2026-11-23T12:00", False, "weekly", "2026-11-23T13:30"),
        ("2026-11-23T16:59", True, "weekly", "2026-11-24T08:30"),
        ("2026-11-23T17:00", False, "weekly", "2026-11-24T08:30"),
        ("2026-11-27T16:00", False, "weekly", "2026-11-30T08:30"),  # Friday is shorter, the weekend closed
        ("2026-11-11T10:00", False, "holiday", "2026-11-12T08:30"),
        ("2026-04-06T10:00", False, "holiday", "2026-04-07T08:30"),  # Easter Monday
        ("2026-05-14T10:00", False, "holiday", "2026-05-15T08:30"),  # Ascension Day
        ("2026-05-25T10:00", False, "holiday", "2026-05-26T08:30"),  # Whit Monday
        ("2027-03-29T10:00", False, "holiday", "2027-03-30T08:30"),  # Easter Monday of another year
        ("2026-12-24T11:00", True, "exception", "2026-12-28T08:30"),
        ("2026-12-24T13:00", False, "exception", "2026-12-28T08:30"),
        ("2026-12-25T10:00", False, "holiday", "2026-12-28T08:30"),
        ("2026-07-14T10:00", True, "exception", "2026-07-15T08:30"),  # an exception wins over a holiday
        ("2026-07-15T15:00", False, "exception", "2026-07-16T08:30"),
        ("2026-07-18T10:00", False, "exception", "2026-07-20T08:30"),
        ("2028-02-29T10:00", True, "weekly", "2028-02-29T13:30"),  # a Tuesday
    ],
)
def test_a_moment_is_open_or_not_for_a_reason_and_opens_next(
    moment: str, open_: bool, cause: str, next_open: str
) -> None:
    now = status(OFFICE, at(moment))
    assert (now.open, str(now.cause)) == (open_, cause)
    assert (wall(OFFICE, now.next_open) or "")[:16] == next_open


def test_it_closes_at_the_end_of_the_opening() -> None:
    assert closes_at(OFFICE, at("2026-11-23T09:00")) == at("2026-11-23T12:00")
    assert closes_at(OFFICE, at("2026-11-23T12:30")) is None


def test_what_no_line_says_is_closed() -> None:
    now = status(NEVER, at("2026-11-23T10:00"))
    assert (now.open, now.next_open, now.closes_at) == (False, None, None)


def test_what_never_closes_has_no_end_and_does_not_open_next() -> None:
    now = status(ALWAYS, at("2026-11-23T10:00"))
    assert (now.open, now.next_open, now.closes_at) == (True, None, None)


def test_an_opening_over_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    closed_on_christmas = hours("hours: night\nweekly: {monday-sunday: 22:00-06:00}\nholidays: FR")
    assert open_at(closed_on_christmas, at("2026-12-25T05:59"))
    assert not open_at(closed_on_christmas, at("2026-12-25T23:00"))
    assert not open_at(closed_on_christmas, at("2026-12-26T05:00"))
    assert closes_at(NIGHT, at("2026-11-24T01:00")) == at("2026-11-24T06:00")


def test_a_day_of_every_year_and_the_29th_of_february() -> None:
    feast = hours("hours: h\nweekly: {monday-sunday: 09:00-17:00}\nexceptions: [{on: 02-29, open: closed}]")
    assert not open_at(feast, at("2028-02-29T10:00"))
    assert open_at(feast, at("2028-02-28T10:00"))
    assert open_at(feast, at("2027-03-01T10:00"))
    assert wall(feast, status(feast, at("2028-02-29T10:00")).next_open) == "2028-03-01T09:00+0100"


# --- public holidays of regions -----------------------------------------------------------------------------------


def region(name: str, zone: str = "Europe/Paris") -> str:
    return f"hours: h\ntimezone: {zone}\nweekly: {{monday-sunday: 09:00-17:00}}\nholidays: {name}"


@pytest.mark.parametrize(
    ("where", "zone", "day", "closed"),
    [
        ("FR-6AE", "Europe/Paris", "2026-04-03", True),  # Good Friday in Alsace and Moselle
        ("FR-57", "Europe/Paris", "2026-12-26", True),  # and Saint Stephen's Day
        ("FR", "Europe/Paris", "2026-04-03", False),
        ("FR-67", "Europe/Paris", "2026-12-26", True),
        ("FR-GF", "America/Cayenne", "2026-06-10", True),
        ("FR-974", "Indian/Reunion", "2026-12-20", True),  # abolition of slavery, Réunion
        ("FR-974", "Indian/Reunion", "2026-04-27", False),
        ("FR-976", "Indian/Mayotte", "2026-04-27", True),  # the same, Mayotte
        ("FR-972", "America/Martinique", "2026-05-22", True),
        ("FR-971", "America/Guadeloupe", "2026-05-27", True),
        ("FR-973", "America/Cayenne", "2026-06-10", True),
        ("FR-NC", "Pacific/Noumea", "2026-09-24", True),
        ("FR-PF", "Pacific/Tahiti", "2026-11-20", True),
        ("BE", "Europe/Brussels", "2026-07-21", True),
    ],
)
def test_each_region_has_its_own_holidays_in_its_own_time(where: str, zone: str, day: str, closed: bool) -> None:
    there = hours(region(where, zone))
    assert open_at(there, at(f"{day}T10:00", zone)) is not closed


def test_the_day_begins_where_the_office_is() -> None:
    noumea, paris = hours(region("FR-NC", "Pacific/Noumea")), hours(region("FR"))
    christmas_there = at("2026-12-25T09:30", "Pacific/Noumea")  # still the 24th, 23:30, in Paris
    assert status(noumea, christmas_there).cause is Cause.HOLIDAY
    assert status(paris, christmas_there).cause is Cause.WEEKLY


def test_a_holiday_may_be_worked_or_have_times_of_its_own() -> None:
    told = hours(
        region("\n  region: FR\n  open: 10:00-12:00\n  worked: [Lundi de Pentecôte]").replace("holidays: ", "holidays:")
    )
    assert status(told, at("2026-05-25T15:00")).cause is Cause.WEEKLY
    assert (open_at(told, at("2026-05-08T11:00")), open_at(told, at("2026-05-08T15:00"))) == (True, False)


def test_a_holiday_has_its_name_in_the_countrys_language() -> None:
    assert hours_on(OFFICE, date(2026, 5, 14)).name == "Ascension"


# --- the clocks change --------------------------------------------------------------------------------------------


def test_in_spring_the_day_has_23_hours() -> None:
    (span,) = spans(ALWAYS, date(2026, 3, 29), date(2026, 3, 29))
    assert span.end - span.begin == 23 * 3_600_000


def test_in_autumn_the_day_has_25_hours() -> None:
    (span,) = spans(ALWAYS, date(2026, 10, 25), date(2026, 10, 25))
    assert span.end - span.begin == 25 * 3_600_000


def test_times_that_the_clocks_leap_over_begin_with_the_leap() -> None:
    early = hours("hours: h\nweekly: {sunday: 02:30-04:00}")
    assert not open_at(early, at("2026-03-29T01:59"))
    assert open_at(early, at("2026-03-29T03:00"))
    assert status(early, at("2026-03-29T00:00")).next_open == at("2026-03-29T03:00")
    leapt_over = hours("hours: h\nweekly: {sunday: 02:15-02:45}")
    assert [*spans(leapt_over, date(2026, 3, 29), date(2026, 3, 29))] == []


def test_an_hour_that_comes_twice_is_open_twice() -> None:
    night = hours("hours: h\nweekly: {sunday: 01:30-02:30}")
    first, second = at("2026-10-25T02:15"), at("2026-10-25T02:15", fold=1)
    assert second - first == 3_600_000
    assert open_at(night, first) and open_at(night, second)
    assert closes_at(night, first) == at("2026-10-25T02:30", fold=1)


def test_a_half_hour_change_of_the_clocks_too() -> None:
    lord_howe = hours("hours: h\ntimezone: Australia/Lord_Howe\nweekly: {sunday: 02:10-03:00}")
    (span,) = spans(lord_howe, date(2026, 10, 4), date(2026, 10, 4))  # 02:00 becomes 02:30
    assert wall(lord_howe, span.begin) == "2026-10-04T02:30+1100"
    assert span.end - span.begin == 30 * 60_000


def test_a_wait_across_the_change_is_counted_in_real_time() -> None:
    closes = closes_at(NIGHT, at("2026-10-25T01:00"))
    assert closes is not None
    assert closes - at("2026-10-25T01:00") == 6 * 3_600_000, "from one to six there are six hours that night"


# --- the emergency switch -----------------------------------------------------------------------------------------

MONDAY_10 = at("2026-11-23T10:00")


def test_the_switch_wins_over_everything() -> None:
    christmas = at("2026-12-25T10:00")
    assert status(OFFICE, christmas, Switch("open", christmas)).open
    now = status(OFFICE, MONDAY_10, Switch("closed", MONDAY_10, because="Panne"))
    assert (now.open, now.cause, now.name, now.next_open) == (False, Cause.SWITCH, "Panne", None)


def test_a_switch_with_an_end_tells_when_it_opens_again() -> None:
    until_eleven = Switch("closed", MONDAY_10, at("2026-11-23T11:00"))
    assert status(OFFICE, MONDAY_10, until_eleven).next_open == at("2026-11-23T11:00")
    until_noon = Switch("closed", MONDAY_10, at("2026-11-23T12:30"))
    assert status(OFFICE, MONDAY_10, until_noon).next_open == at("2026-11-23T13:30")
    assert status(OFFICE, at("2026-11-23T11:00"), until_eleven).cause is Cause.WEEKLY


def test_opened_by_the_switch_it_closes_with_it_or_goes_on_with_the_file() -> None:
    noon = at("2026-11-23T12:10")
    assert closes_at(OFFICE, noon, Switch("open", noon, at("2026-11-23T13:00"))) == at("2026-11-23T13:00")
    assert closes_at(OFFICE, noon, Switch("open", noon, at("2026-11-23T14:00"))) == at("2026-11-23T17:00")
    assert closes_at(OFFICE, noon, Switch("open", noon)) is None


def test_what_never_closes_opens_again_when_the_switch_ends() -> None:
    now = status(ALWAYS, MONDAY_10, Switch("closed", MONDAY_10, at("2026-11-24T09:00")))
    assert (now.open, now.next_open, now.closes_at) == (False, at("2026-11-24T09:00"), None)


def test_a_switch_that_is_over_changes_nothing() -> None:
    over = Switch("closed", MONDAY_10 - 10, MONDAY_10)
    assert status(OFFICE, MONDAY_10, over) == status(OFFICE, MONDAY_10)


# --- whatever the moment ------------------------------------------------------------------------------------------

moments = st.integers(at("2026-01-01T00:00") // 1000, at("2029-01-01T00:00") // 1000).map(lambda s: s * 1000)
switches = st.none() | st.builds(
    Switch, st.sampled_from(["open", "closed"]), st.just(0), st.just(0) | moments, st.just(""), st.just("")
)
some_hours = st.sampled_from(
    [OFFICE, ALWAYS, NEVER, NIGHT, hours(region("FR-6AE")), hours(region("FR-NC", "Pacific/Noumea"))]
)


@given(some_hours, moments, switches)
def test_open_and_closed_follow_each_other(which, moment: int, switch: Switch | None) -> None:
    now = status(which, moment, switch)
    if now.closes_at is not None:
        assert now.open and now.closes_at > moment
        assert open_at(which, now.closes_at - 1, switch)
        assert not open_at(which, now.closes_at, switch)
    if now.next_open is not None:
        assert now.next_open > moment
        assert open_at(which, now.next_open, switch)
        assert not open_at(which, now.next_open - 1, switch)


@given(some_hours, moments)
def test_by_the_file_it_is_open_when_the_wall_clock_says_so(which, moment: int) -> None:
    shown = local(which, moment)
    if shown.utcoffset() != local(which, moment - 7_200_000).utcoffset() or shown.fold:
        return  # the clocks have just changed: told above
    minute = shown.hour * 60 + shown.minute
    today, before = hours_on(which, shown.date()), hours_on(which, shown.date() - timedelta(days=1))
    expected = any(each.begin <= minute < each.end for each in today.openings)
    expected |= any(each.begin <= minute + 1440 < each.end for each in before.openings)
    assert open_at(which, moment) == expected
