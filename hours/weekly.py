"""The hours of a week, by days as people name them: `monday`, `monday-friday`, or several: `monday, wednesday`."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema

from core.filemodel import Problem, found, nearest, problem, problems
from hours.openings import DAY_MIN, EXAMPLE, OPENINGS_SCHEMA, Openings, openings_in

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

Weekly = Mapping[int, Openings]
"""By the day of the week, 0 for Monday; a day that is not there is closed."""


def _days_in(key: str) -> list[int] | Problem:
    days: list[int] = []
    for part in key.split(","):
        first, dash, last = (piece.strip() for piece in part.partition("-"))
        for name in (first, last) if dash else (first,):
            if name not in DAYS:
                message = f"expected days such as monday or monday-friday, found {found(name)}{nearest(name, DAYS)}"
                return Problem("weekday", message)
        begin, end = DAYS.index(first), DAYS.index(last if dash else first)
        days += range(begin, end + 1) if begin <= end else [*range(begin, 7), *range(end + 1)]
    return days


def _read_weekly(value: Any) -> Weekly:
    if not isinstance(value, dict) or not value:
        message = f"expected days and their times, such as monday-friday: {EXAMPLE}, found {found(value)}"
        raise problem("wrong-type", message)
    weekly: dict[int, Openings] = {}
    wrong: list[Problem] = []
    for key, times in value.items():
        days, openings = _days_in(key), openings_in(times)
        if isinstance(days, Problem):
            wrong.append(replace(days, inside=(key,), at_key=True))
            continue
        if isinstance(openings, Problem):
            wrong.append(replace(openings, inside=(key,)))
            continue
        for day in days:
            if day in weekly:
                wrong.append(Problem("duplicate-day", f"{DAYS[day]} has its times already", (key,), at_key=True))
            weekly.setdefault(day, openings)
    wrong += [] if wrong else _into_the_next_day(weekly)
    if wrong:
        raise problems(wrong)
    return MappingProxyType(weekly)


def _into_the_next_day(weekly: Weekly) -> list[Problem]:
    """An opening over midnight meets those of the day after."""
    wrong = []
    for day, openings in weekly.items():
        after = weekly.get((day + 1) % 7) or ()
        if openings and after and openings[-1].end - DAY_MIN > after[0].begin:
            message = f"{openings[-1]} of {DAYS[day]} overlaps {after[0]} of {DAYS[(day + 1) % 7]}"
            wrong.append(Problem("overlapping-times", message))
    return wrong


WeeklyOpenings = Annotated[
    Weekly,
    PlainValidator(_read_weekly),
    WithJsonSchema(
        {
            "type": "object",
            "additionalProperties": OPENINGS_SCHEMA,
            "minProperties": 1,
            "description": f"Days and their times, such as monday-friday: {EXAMPLE}. A day not named is closed.",
        }
    ),
]
