"""Contacts: who had to call again, who got what they wanted, who was led astray, what was promised."""

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Subquery,
    alias,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from history.measures.asked import By, Question
from history.measures.definitions import CONTAINMENT_MS, MOST_TRIES, SINGLE_CONTACT_MS
from history.measures.sql.common import (
    Counted,
    Number,
    Tallies,
    asks_for,
    count_if,
    day_of,
    grouped,
    inside,
    key_of,
    limited,
    tallies,
    total_and_parts,
)
from history.models import ANSWERED, SELF_SERVICE, Contact, Promise, PromiseOutcome, Reorientation

CALLBACK = "callback"
NOBODY = 0
"""No person has this id."""

_contact, _promise, _sent_on = Contact.__table__.c, Promise.__table__.c, Reorientation.__table__.c
_NAMES = {
    By.QUEUE: _contact.queue, By.AGENT: _contact.agent, By.TOPIC: _contact.topic, By.SERVICE: _contact.service,
}  # fmt: skip
_person = func.coalesce(_contact.for_person_id, _contact.person_id)
"""Whose matter it is."""
_over = _contact.ended_at.is_not(None)
_identified = _over & _person.is_not(None)


async def count_contacts(connection: AsyncConnection, question: Question) -> Tallies:
    """Single contact and containment, with what is ripe for each, in one pass."""
    ripe = _identified & (_contact.started_at <= question.now - SINGLE_CONTACT_MS)
    ripe_a_day = _identified & (_contact.started_at <= question.now - CONTAINMENT_MS)
    alone = (_contact.outcome == SELF_SERVICE) & _contact.entered_at.is_(None)
    counts = {
        "contacts": func.count(),
        "identified": count_if(_identified),
        "anonymous": count_if(_over & _person.is_(None)),
        "ripe": count_if(ripe),
        "single": _count_unless(ripe & _contact.settled.is_(True), _again(SINGLE_CONTACT_MS, same_topic=True)),
        "ripe_a_day": count_if(ripe_a_day),
        "contained": _count_unless(ripe_a_day & alone, _again(CONTAINMENT_MS, same_topic=False)),
    }
    key = key_of(question, _contact.started_at, _NAMES).label("key")
    statement = (
        select(key, *counts.values())
        .where(inside(question, _contact.started_at), *limited(question, _NAMES))
        .group_by(*grouped(question, key))
    )
    return await tallies(connection, question, statement, list(counts))


async def count_persons(connection: AsyncConnection, question: Question) -> Counted:
    """Persons by day: those who called, and those who reached an answer or a person: in that call, or because they were
    called back that day as it was promised them then. Who called in two queues is in both, and one in all. When we call
    somebody, they try nothing; and whoever listened to a message reached nobody."""
    key = key_of(question, _contact.started_at, _NAMES).label("key")
    person, day = _person.label("person"), day_of(question, _contact.started_at).label("day")
    heard = case((_contact.answers.is_not(None), func.json_array_length(_contact.answers) > 0), else_=False)
    started, kept = _contact.started_at, _kept_callbacks(question)
    same_day = inside(question, kept.c.ended_at) & (day_of(question, kept.c.ended_at) == day_of(question, started))
    reached = case(((_contact.outcome == ANSWERED) | heard | same_day, 1), else_=0)
    theirs = func.coalesce(_contact.medium, "") != CALLBACK
    each = (
        select(key, person, day, func.max(reached).label("reached"))
        .select_from(Contact.__table__.outerjoin(kept, kept.c.call == _contact.id))
        .where(inside(question, started), _over, theirs, _person.is_not(None), *limited(question, _NAMES))
        .group_by(*grouped(question, key), person, day)
        .cte("each")
    )
    once = select(func.max(each.c.reached).label("reached")).group_by(each.c.person, each.c.day).subquery("once")
    whole = select(literal(1), cast(null(), each.c.key.type), func.count(), func.sum(once.c.reached)).select_from(once)
    part = select(literal(0), each.c.key, func.count(), func.sum(each.c.reached)).group_by(each.c.key)
    statement = whole if question.by is None else union_all(whole, part)
    return await total_and_parts(connection, statement, ("tried", "reached"))


def _kept_callbacks(question: Question) -> Subquery:
    """The first one of each contact: whoever was called back on the day of the contact was promised it on that day."""
    kept = (_promise.kind == CALLBACK) & (_promise.outcome == PromiseOutcome.KEPT.value)
    return (
        select(_promise.call, func.min(_promise.ended_at).label("ended_at"))
        .where(inside(question, _promise.made_at), kept)
        .group_by(_promise.call)
        .subquery("kept")
    )


async def count_reorientations(connection: AsyncConnection, question: Question) -> Tallies:
    key = key_of(question, _sent_on.at, _NAMES).label("key")
    statement = (
        select(key, func.count())
        .select_from(_with_contact(Reorientation.__table__, _sent_on.call, question))
        .where(inside(question, _sent_on.at), *limited(question, _NAMES))
        .group_by(*grouped(question, key))
    )
    return await tallies(connection, question, statement, ("reoriented",))


async def misleading_steps(connection: AsyncConnection, question: Question) -> dict[str, int]:
    """How often each flow step misled, as `flow/step`, the worst first."""
    times = func.count()
    statement = (
        select(_contact.flow, _sent_on.step, times)
        .select_from(Reorientation.__table__.join(Contact.__table__, _contact.id == _sent_on.call))
        .where(inside(question, _sent_on.at), _sent_on.step != "", *limited(question, _NAMES))
        .group_by(_contact.flow, _sent_on.step)
        .order_by(times.desc(), _contact.flow, _sent_on.step)
        .limit(100)
    )
    return {f"{flow}/{step}": count for flow, step, count in await connection.execute(statement)}


async def count_promises(connection: AsyncConnection, question: Question) -> Tallies:
    """Promises to call back."""
    names = {**_NAMES, By.QUEUE: _promise.queue}
    key = key_of(question, _promise.made_at, names).label("key")
    kept = _promise.outcome == PromiseOutcome.KEPT.value
    in_window = and_(
        or_(_promise.due_from.is_(None), _promise.ended_at >= _promise.due_from),
        or_(_promise.due_until.is_(None), _promise.ended_at <= _promise.due_until),
    )
    statement = (
        select(key, func.count(), count_if(kept & (_promise.tries <= MOST_TRIES)), count_if(kept & in_window))
        .select_from(_with_contact(Promise.__table__, _promise.call, question, By.AGENT, By.TOPIC, By.SERVICE))
        .where(inside(question, _promise.made_at), _promise.kind == CALLBACK, *limited(question, names))
        .group_by(*grouped(question, key))
    )
    return await tallies(connection, question, statement, ("promised", "called", "in_time"))


def _with_contact(table: FromClause, call: Number, question: Question, *needed_for: By) -> FromClause:
    """The contact is joined only where one of its columns is asked for."""
    if asks_for(question, *(needed_for or (By.QUEUE, By.AGENT, By.TOPIC, By.SERVICE))):
        return table.outerjoin(Contact.__table__, _contact.id == call)
    return table


def _count_unless(condition: ColumnElement[bool], again: list[ColumnElement[bool]]) -> Number:
    """How many fulfil the condition and none of `again`, which is looked up only for those."""
    return func.sum(case((~condition, 0), *((each, 0) for each in again), else_=1))


def _again(within_ms: int, *, same_topic: bool) -> list[ColumnElement[bool]]:
    """The same person's matter came up again: by themselves, or by somebody who called for them. A contact whose topic
    nobody coded may be on any."""
    later = alias(Contact.__table__, "later")
    column = later.c
    soon = (column.started_at > _contact.started_at) & (column.started_at <= _contact.started_at + within_ms)
    if same_topic:
        soon &= or_(column.topic == _contact.topic, column.topic.is_(None), _contact.topic.is_(None))
    # `IS NULL` behind a range makes PostgreSQL 18 believe that it must skip through the whole index
    themselves = (column.person_id == _person) & (func.coalesce(column.for_person_id, NOBODY) == NOBODY)
    return [
        exists().where(themselves, soon).correlate(Contact.__table__),
        exists().where(column.for_person_id == _person, soon).correlate(Contact.__table__),
    ]
