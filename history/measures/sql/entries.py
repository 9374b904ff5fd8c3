"""Calls in line, and the offers made for them."""

from typing import Any

from sqlalchemy import CTE, ColumnElement, FromClause, Select, case, cast, func, literal, null, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from history.measures.asked import By, Question
from history.measures.definitions import CHOSEN, REFUSED_OFFERS
from history.measures.sql.common import (
    Counted,
    Number,
    Tallies,
    asks_for,
    count_if,
    grouped,
    inside,
    key_of,
    limited,
    sum_if,
    tallies,
    total_and_parts,
)
from history.models import ABANDONED, ANSWERED, LEFT, Contact, Entry, Offer

CALLBACK = "callback"
KIND = "call"
"""Voicemails and callbacks in line are work of other kinds."""
PERCENT = (50, 90, 95)

_entry, _contact, _offer = Entry.__table__.c, Contact.__table__.c, Offer.__table__.c
_ENTRY_NAMES = {
    By.QUEUE: _entry.queue, By.AGENT: _entry.agent, By.TOPIC: _contact.topic, By.SERVICE: _contact.service,
}  # fmt: skip
_OFFER_NAMES = {
    By.QUEUE: _offer.queue, By.AGENT: _offer.agent, By.TOPIC: _contact.topic, By.SERVICE: _contact.service,
}  # fmt: skip


async def count_entries(connection: AsyncConnection, question: Question) -> Tallies:
    """O, A, B, F, C, W, waits, times and expected waits."""
    key = key_of(question, _entry.entered_at, _ENTRY_NAMES).label("key")
    counts = _counts(question)
    statement = (
        select(key, *counts.values())
        .select_from(_entries(question))
        .where(*_wanted(question))
        .group_by(*grouped(question, key))
    )
    return await tallies(connection, question, statement, list(counts))


async def find_waits(connection: AsyncConnection, question: Question) -> Counted:
    """The percentiles of the answered callers' waits: the least wait that so many in a hundred did not exceed."""
    waits = (
        select(key_of(question, _entry.entered_at, _ENTRY_NAMES).label("key"), _entry.waited_ms.label("wait"))
        .select_from(_entries(question))
        .where(*_wanted(question), _entry.outcome == ANSWERED, _entry.waited_ms.is_not(None))
        .cte("waits")
    )
    whole = _percentiles(1, cast(null(), waits.c.key.type), waits, None)
    part = _percentiles(0, waits.c.key, waits, waits.c.key)
    statement = whole if question.by is None else union_all(whole, part)
    return await total_and_parts(connection, statement, [f"wait_p{percent}" for percent in PERCENT])


def _percentiles(whole: int, key: Number, waits: CTE, of_each: Number | None) -> Select[*tuple[Any, ...]]:
    ranked = select(
        key.label("key"),
        waits.c.wait,
        func.row_number().over(partition_by=of_each, order_by=waits.c.wait).label("rank"),
        func.count().over(partition_by=of_each).label("of"),
    ).subquery()
    column = ranked.c
    found = (func.max(case((column.rank == (column.of * each + 99) // 100, column.wait))) for each in PERCENT)
    return select(literal(whole), column.key, *found).group_by(column.key)


async def count_offers(connection: AsyncConnection, question: Question) -> Tallies:
    key = key_of(question, _offer.at, _OFFER_NAMES).label("key")
    source: FromClause = Offer.__table__
    if asks_for(question, By.TOPIC, By.SERVICE):
        source = source.outerjoin(Contact.__table__, _contact.id == _offer.call)
    refused = _offer.result.in_(sorted(REFUSED_OFFERS))
    statement = (
        select(key, count_if((_offer.result == ANSWERED) | refused), count_if(refused))
        .select_from(source)
        .where(inside(question, _offer.at), *limited(question, _OFFER_NAMES))
        .group_by(*grouped(question, key))
    )
    return await tallies(connection, question, statement, ("offers", "not_accepted"))


def _entries(question: Question) -> FromClause:
    source: FromClause = Entry.__table__
    if asks_for(question, By.TOPIC, By.SERVICE):
        source = source.outerjoin(Contact.__table__, _contact.id == _entry.call)
    return source


def _wanted(question: Question) -> list[ColumnElement[bool]]:
    return [inside(question, _entry.entered_at), _entry.kind == KIND, *limited(question, _ENTRY_NAMES)]


def _counts(question: Question) -> dict[str, Number]:
    within: Number = literal(question.within_ms)
    if question.within:
        within = case(*((_entry.queue == queue, ms) for queue, ms in question.within.items()), else_=question.within_ms)
    answered, abandoned = _entry.outcome == ANSWERED, _entry.outcome == ABANDONED
    left, callback = _entry.outcome == LEFT, _entry.outcome == CALLBACK
    in_time = _entry.waited_ms <= within
    over = answered & _entry.finished_at.is_not(None)
    told = answered & _entry.expected_at.is_not(None) & _entry.expected_ms.is_not(None)
    truth = _entry.answered_at - _entry.expected_at
    least = _entry.expected_ms
    most = func.nullif(_entry.expected_most_ms, least)  # as older versions wrote an interval without a later end
    said = func.coalesce(_entry.foretold_ms, (least + func.coalesce(most, least)) // 2)
    return {
        "offered": func.count(),
        "answered": count_if(answered),
        "abandoned": count_if(abandoned),
        "left": count_if(left),
        "callbacks": count_if(callback),
        "waiting": count_if(_entry.outcome.is_(None)),
        "short_abandons": count_if(abandoned & (_entry.waited_ms <= question.short_abandon_ms)),
        "unwanted": count_if(left & func.coalesce(_entry.reason, "").not_in(sorted(CHOSEN))),
        "answered_within": count_if(answered & in_time),
        "abandoned_within": count_if(abandoned & in_time),
        "callbacks_within": count_if(callback & in_time),
        "wait_ms": sum_if(answered, _entry.waited_ms),
        "handled": count_if(over),
        "talk_ms": sum_if(over, _entry.talk_ms),
        "hold_ms": sum_if(over, _entry.hold_ms),
        "wrap_up_ms": sum_if(over, _entry.wrap_up_ms),
        "told": count_if(told),
        "told_wrong_ms": sum_if(told, func.abs(said - truth)),
        "told_over_ms": sum_if(told, said - truth),
        "told_right": count_if(told & (truth >= least) & (most.is_(None) | (truth <= most))),
    }
