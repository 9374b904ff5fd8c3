"""The forms that dates, times and numbers have as plain values."""

import re
from datetime import date, time
from decimal import ROUND_HALF_UP, Decimal

MOST_KEYED = 64
"""Characters of a number that are spoken one by one; the rest is left out."""
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME = re.compile(r"(\d{2}):(\d{2})(:\d{2}(\.\d{1,9})?)?", re.ASCII)
_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(?:Z|[+-]\d{2}:\d{2})?", re.ASCII)
_NUMBER = re.compile(r"(-?\d{1,12})(?:[.,](\d{1,9}))?", re.ASCII)
_KEYED = re.compile(r"[0-9*#+ .-]+")
_SPACES = re.compile(r"[ .-]")


def day_in(text: str) -> date | None:
    """The date in a text such as `2026-11-23`."""
    if not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def clock_in(text: str) -> time | None:
    """The time in a text such as `16:30` or `16:30:00`, to the minute."""
    match = _TIME.fullmatch(text)
    if not match or int(match[1]) > 23 or int(match[2]) > 59:
        return None
    return time(int(match[1]), int(match[2]))


def moment_in(text: str) -> tuple[date, time] | None:
    """Day and time in a text such as `2026-11-23T16:30`, as they are written: an offset from UTC is not applied."""
    match = _MOMENT.fullmatch(text)
    day, clock = (day_in(match[1]), clock_in(match[2])) if match else (None, None)
    return (day, clock) if day and clock else None


def number_in(text: str) -> tuple[bool, int, str] | None:
    """Whether it is negative, the whole and the decimals (without zeros at the end) of `-12.50`."""
    match = _NUMBER.fullmatch(text)
    return (match[1].startswith("-"), abs(int(match[1])), (match[2] or "").rstrip("0")) if match else None


def cents_in(whole: int, decimals: str) -> int:
    """Rounded to the cent, half a cent up."""
    return int((Decimal(f"{whole}.{decimals or 0}") * 100).quantize(Decimal(1), ROUND_HALF_UP))


def keys_in(text: str) -> str:
    """The keys of `06 12.34`, without what separates them; empty where there is anything else."""
    return _SPACES.sub("", text)[:MOST_KEYED] if _KEYED.fullmatch(text) else ""
