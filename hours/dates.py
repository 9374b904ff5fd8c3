"""Days as files name them: `2026-12-24`, or `12-24` for every year."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema

from core.filemodel import found, problem

FIRST_YEAR, LAST_YEAR = 1970, 2100
_DAY = re.compile(r"(?:([0-9]{4})-)?([0-9]{2})-([0-9]{2})", re.ASCII)
LEAP_YEAR = 2024


@dataclass(frozen=True, slots=True)
class Day:
    """A day of one year, or, with year 0, that day of every year which has it."""

    year: int
    month: int
    day: int

    def is_on(self, day: date) -> bool:
        return (self.month, self.day) == (day.month, day.day) and self.year in (0, day.year)

    def __str__(self) -> str:
        return (f"{self.year:04d}-" if self.year else "") + f"{self.month:02d}-{self.day:02d}"


def _read_day(value: Any) -> Day:
    match = _DAY.fullmatch(value) if isinstance(value, str) else None
    year, month, day = (int(part or 0) for part in match.groups()) if match else (0, 0, 0)
    try:
        date(year or LEAP_YEAR, month, day)
    except ValueError:
        message = f"expected a day such as 2026-12-24, or 12-24 for every year, found {found(value)}"
        raise problem("day", message) from None
    if year and not FIRST_YEAR <= year <= LAST_YEAR:
        raise problem("day", f"expected a year from {FIRST_YEAR} to {LAST_YEAR}, found {year}")
    return Day(year, month, day)


def _read_date(value: Any) -> date:
    day = _read_day(value)
    if not day.year:
        raise problem("day", f"expected a day with its year, such as 2026-{day}, found {found(value)}")
    return date(day.year, day.month, day.day)


NamedDay = Annotated[
    Day,
    PlainValidator(_read_day),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": f"^{_DAY.pattern}$",
            "description": "A day such as 2026-12-24, or 12-24 for every year.",
        }
    ),
]
Date = Annotated[
    date,
    PlainValidator(_read_date),
    WithJsonSchema(
        {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "description": "A day such as 2026-12-24."}
    ),
]
