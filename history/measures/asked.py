"""What a report is about: an interval, what it is split by, whom it is limited to. Names come from outside and are only
ever looked up, never written into SQL; values are bound."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.errors import GuichetError
from history.measures.definitions import SHORT_ABANDON_MS, WITHIN_MS, measures

HOUR_MS = 3_600_000
MOST_DAYS = 400
FIRST_YEAR, LAST_YEAR = 1970, 2999
LONGEST_VALUE = 80


class By(StrEnum):
    """What a report may be split by."""

    QUEUE = "queue"
    AGENT = "agent"
    TOPIC = "topic"
    SERVICE = "service"
    HOUR = "hour"
    DAY = "day"


LIMITS = (By.QUEUE, By.AGENT, By.TOPIC, By.SERVICE)
"""What it may be limited to one value of."""


@dataclass(frozen=True, slots=True)
class Question:
    """`starts`: the beginning of each day in the interval, ms since 1970, and last the interval's end; the days are
    those of one time zone, so that one may have 23 or 25 hours. `now`: what is ripe is judged by it."""

    starts: Sequence[int]
    now: int
    zone: str = "UTC"
    by: By | None = None
    limits: Mapping[By, str] = field(default_factory=dict)
    within_ms: int = WITHIN_MS
    within: Mapping[str, int] = field(default_factory=dict)
    """T of single queues."""
    short_abandon_ms: int = SHORT_ABANDON_MS
    service_level: str = "guichet"

    @property
    def since(self) -> int:
        return self.starts[0]

    @property
    def until(self) -> int:
        return self.starts[-1]


def ask(
    first: str, last: str, zone: str, now: int, *, by: str = "", limits: Mapping[str, str] | None = None,
    within_ms: int = WITHIN_MS, within: Mapping[str, int] | None = None, short_abandon_ms: int = SHORT_ABANDON_MS,
    service_level: str = "guichet",
) -> Question:  # fmt: skip
    """The days from `first` to `last` (2026-11-23), both included, in a time zone (Europe/Paris). GuichetError for
    whatever is not a day, a zone, or a name that may be asked for."""
    begin, end = read_day(first), read_day(last)
    if end < begin:
        raise GuichetError(f"The last day, {end}, comes before the first, {begin}.")
    if (end - begin).days >= MOST_DAYS:
        raise GuichetError(f"A report covers at most {MOST_DAYS} days.")
    if within_ms <= 0 or short_abandon_ms < 0:
        raise GuichetError("The limits of the service level and of short abandons are times.")
    measures(service_level)
    return Question(
        starts=midnights(begin, end, zone),
        now=now, zone=zone, by=read_name(by, tuple(By), "split") if by else None,
        limits={read_name(name, LIMITS, "limited"): _value(value) for name, value in (limits or {}).items()},
        within_ms=within_ms, within=within or {}, short_abandon_ms=short_abandon_ms, service_level=service_level,
    )  # fmt: skip


def read_zone(text: str) -> ZoneInfo:
    """GuichetError for what is no time zone."""
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise GuichetError(f"There is no time zone {text[:40]!r}; write it like Europe/Paris.") from None


def midnights(first: date, last: date, zone: str) -> list[int]:
    """The beginning of each day from the first to the last, and the end of the last."""
    there = read_zone(zone)
    days = (first + timedelta(days=n) for n in range((last - first).days + 2))
    return [round(datetime.combine(day, time(), there).timestamp() * 1000) for day in days]


def read_day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise GuichetError(f"{text[:40]!r} is not a day: write it like 2026-11-23.") from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise GuichetError(f"{day} is not a day of any history: those are from {FIRST_YEAR} to {LAST_YEAR}.")
    return day


def read_name(text: str, allowed: Sequence[By], what: str) -> By:
    """One of the names that may be asked for. GuichetError for any other."""
    found = next((name for name in allowed if name.value == text), None)
    if found is None:
        raise GuichetError(f"A report cannot be {what} by {text[:40]!r}; it can by {', '.join(allowed)}.")
    return found


def _value(text: str) -> str:
    if not text or len(text) > LONGEST_VALUE or not text.isprintable():
        raise GuichetError(f"{text[:40]!r} cannot be the name of a queue, agent, topic or service.")
    return text
