"""Times of a day as people write them: `08:30-12:00, 13:30-17:00`, or `closed`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema

from core.filemodel import Problem, found, problems

DAY_MIN = 24 * 60
CLOSED = "closed"
MOST_IN_A_DAY = 12
EXAMPLE = "08:30-12:00, 13:30-17:00"

_OPENING = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])\s*-\s*([01][0-9]|2[0-4]):([0-5][0-9])", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Opening:
    """From `begin` up to `end`, in minutes of the wall clock since the day's midnight. One that goes over midnight ends
    after DAY_MIN, and belongs to the day on which it begins."""

    begin: int
    end: int

    def __str__(self) -> str:
        return f"{_clock(self.begin)}-{_clock(self.end if self.end <= DAY_MIN else self.end - DAY_MIN)}"


Openings = tuple[Opening, ...]
"""Of one day, in order; none of them overlap."""


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _opening_in(text: str) -> Opening | Problem:
    match = _OPENING.fullmatch(text)
    if match is None:
        return Problem("opening", f"expected times such as {EXAMPLE}, or closed, found {found(text)}")
    begin, end = int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])
    if end > DAY_MIN:
        return Problem("opening", f"the day ends at 24:00, found {found(text)}")
    if begin == end:
        return Problem("opening", f"{text} lasts no time; all day is 00:00-24:00")
    return Opening(begin, end if end > begin else end + DAY_MIN)


def openings_in(value: Any) -> Openings | Problem:
    """The openings that a value of a file says, or what is wrong with it."""
    if value == CLOSED:
        return ()
    if not isinstance(value, str):
        return Problem("wrong-type", f"expected times such as {EXAMPLE}, or closed, found {found(value)}")
    openings: list[Opening] = []
    for text in value.split(","):
        opening = _opening_in(text.strip())
        if isinstance(opening, Problem):
            return opening
        openings.append(opening)
    openings.sort()
    if len(openings) > MOST_IN_A_DAY:
        return Problem("out-of-range", f"expected at most {MOST_IN_A_DAY} openings in a day, found {len(openings)}")
    return _overlap(openings) or tuple(openings)


def _overlap(openings: Sequence[Opening]) -> Problem | None:
    for one, other in pairwise(openings):
        if other.begin < one.end:
            return Problem("overlapping-times", f"{one} and {other} overlap")
    return None


def _read_openings(value: Any) -> Openings:
    openings = openings_in(value)
    if isinstance(openings, Problem):
        raise problems([openings])
    return openings


OPENINGS_SCHEMA = {"type": "string", "minLength": 1, "description": f"Times such as {EXAMPLE}, or closed."}
DayOpenings = Annotated[Openings, PlainValidator(_read_openings), WithJsonSchema(OPENINGS_SCHEMA)]
