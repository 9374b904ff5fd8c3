"""What all counting shares: the key of a row, the limits, sums of conditions."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, CompoundSelect, Integer, Select, case, func, literal
from sqlalchemy.ext.asyncio import AsyncConnection

from history.measures.asked import HOUR_MS, By, Question
from history.measures.tally import Tally

Key = str | int | None
Tallies = dict[Key, Tally]
Number = ColumnElement[Any]


class Counted(NamedTuple):
    """What in all is not the sum of the parts; no parts where the question does not split."""

    total: Tally
    parts: Tallies


def count_if(condition: ColumnElement[bool]) -> Number:
    return func.sum(case((condition, 1), else_=0))


def sum_if(condition: ColumnElement[bool], value: Number) -> Number:
    return func.sum(case((condition, func.coalesce(value, 0)), else_=0))


def key_of(question: Question, at: Number, names: Mapping[By, Number]) -> Number:
    """What a row counts under. `names`: the column of each name that it may be split by."""
    if question.by is None:
        return literal(0, Integer)
    if question.by is By.HOUR:
        return hour_of(question, at)
    if question.by is By.DAY:
        return day_of(question, at)
    return func.coalesce(names[question.by], "")


def grouped(question: Question, *keys: Number) -> Sequence[Number]:
    """What to group by: nothing, where the question does not split."""
    return () if question.by is None else keys


def hour_of(question: Question, at: Number) -> Number:
    """The number of the hour since the beginning."""
    return (at - question.since) // HOUR_MS


def day_of(question: Question, at: Number) -> Number:
    """The number of the day: days with a change of the clock are not like others."""
    lengths = {end - begin for begin, end in zip(question.starts, question.starts[1:], strict=False)}
    if len(lengths) == 1:
        return (at - question.since) // lengths.pop()
    ends = question.starts[1:]
    return case(*((at < end, number) for number, end in enumerate(ends)), else_=len(ends) - 1)


def inside(question: Question, at: Number) -> ColumnElement[bool]:
    return (at >= question.since) & (at < question.until)


def limited(question: Question, names: Mapping[By, Number]) -> list[ColumnElement[bool]]:
    return [names[name] == value for name, value in question.limits.items()]


def asks_for(question: Question, *names: By) -> bool:
    """True when any of these is needed to split or to limit."""
    return question.by in names or any(name in names for name in question.limits)


async def tallies(
    connection: AsyncConnection, question: Question, statement: Select[*tuple[Any, ...]], names: Sequence[str]
) -> Tallies:
    """Run `SELECT key, …` whose further columns are the tally's `names`."""
    found: Tallies = {}
    for row in (await connection.execute(statement)).all():
        if all(value is None for value in row[1:]):
            continue  # of nothing at all
        key = None if question.by is None else row[0]
        counts = {name: value if value is None else int(value) for name, value in zip(names, row[1:], strict=True)}
        found[key] = Tally(**{name: value for name, value in counts.items() if value is not None})
    return found


async def total_and_parts(
    connection: AsyncConnection, statement: Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]],
    names: Sequence[str],
) -> Counted:  # fmt: skip
    """Run a statement whose rows are `1, nothing, …` for all and `0, key, …` for a part; the other columns are the
    tally's `names`."""
    counted = Counted(Tally(), {})
    for whole, key, *values in (await connection.execute(statement)).all():
        tally = Tally(**{name: int(value) for name, value in zip(names, values, strict=True) if value is not None})
        if whole:
            counted.total.add(tally)
        else:
            counted.parts[key] = tally
    return counted
