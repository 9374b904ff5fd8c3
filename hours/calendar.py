"""Which hours a day has, and by which line of the file; and the moments at which it opens and closes, in UTC."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum

from hours.definition import Hours
from hours.openings import DAY_MIN, Openings
from hours.public_holidays import names_of

MINUTE_MS = 60_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Cause(StrEnum):
    """What decides, the strongest first."""

    SWITCH = "switch"
    EXCEPTION = "exception"
    HOLIDAY = "holiday"
    WEEKLY = "weekly"


@dataclass(frozen=True, slots=True)
class DayHours:
    """The openings of a day. `name`: of the holiday, or ''."""

    openings: Openings
    cause: Cause
    name: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """Open from `begin` up to `end`, milliseconds since 1970 UTC."""

    begin: int
    end: int


def hours_on(hours: Hours, day: date) -> DayHours:
    """What holds on that day."""
    for exception in hours.exceptions:
        if exception.holds_on(day):
            return DayHours(exception.openings(day), Cause.EXCEPTION)
    kept = _holiday(hours, day)
    if kept is not None:
        return kept
    return DayHours(hours.weekly.get(day.weekday(), ()), Cause.WEEKLY)


def _holiday(hours: Hours, day: date) -> DayHours | None:
    holidays = hours.holidays
    if holidays is None:
        return None
    name = names_of(holidays.region, day.year).get(day, "")
    names = [each for each in name.split("; ") if each and each not in holidays.worked]
    return DayHours(holidays.open, Cause.HOLIDAY, "; ".join(names)) if names else None


def local(hours: Hours, at: int) -> datetime:
    """A moment as the clock on the wall shows it."""
    return (EPOCH + timedelta(milliseconds=at)).astimezone(hours.timezone)


def spans(hours: Hours, first: date, last: date) -> Iterator[Span]:
    """When it is open, by the file, for openings that begin on these days, in order. Those that touch are one."""
    open_: Span | None = None
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        for opening in hours_on(hours, day).openings:
            begin = _moment(hours.timezone, day, opening.begin, late=False)
            end = _moment(hours.timezone, day, opening.end, late=True)
            if open_ and begin <= open_.end:
                open_ = Span(open_.begin, max(open_.end, end))
            elif begin < end:  # times that the clocks leap over last no time
                if open_:
                    yield open_
                open_ = Span(begin, end)
    if open_:
        yield open_


def _moment(zone: tzinfo, day: date, minutes: int, *, late: bool) -> int:
    """The moment at which the wall clock shows so many minutes of that day. When the clocks go back it shows them
    twice: `late` is the second time. Minutes that it leaps over are the moment of the leap."""
    day += timedelta(days=minutes // DAY_MIN)
    wall = datetime(day.year, day.month, day.day) + timedelta(minutes=minutes % DAY_MIN)  # noqa: DTZ001 — a wall clock
    moment = _ms(wall.replace(tzinfo=zone, fold=int(late)))
    return moment if _shown(zone, moment) == wall else _leap(zone, wall)


def _leap(zone: tzinfo, wall: datetime) -> int:
    """When the clocks leap over that time: between the two moments that the offsets before and after give it."""
    before, after = (_ms(wall.replace(tzinfo=zone, fold=fold)) // MINUTE_MS for fold in (1, 0))
    while after - before > 1:
        middle = (before + after) // 2
        before, after = (middle, after) if _shown(zone, middle * MINUTE_MS) < wall else (before, middle)
    return after * MINUTE_MS


def _shown(zone: tzinfo, at: int) -> datetime:
    return (EPOCH + timedelta(milliseconds=at)).astimezone(zone).replace(tzinfo=None, fold=0)


def _ms(moment: datetime) -> int:
    """Since 1970 UTC. Never the difference of two local times, which is wrong across a change of the clocks."""
    return (moment.astimezone(UTC) - EPOCH) // timedelta(milliseconds=1)
