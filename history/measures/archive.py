"""A report counted again from the recorded events, and where the two differ."""

from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from core.errors import GuichetError
from core.events import KINDS, Event
from history.measures.asked import Question
from history.measures.definitions import SINGLE_CONTACT_MS
from history.measures.recount import recount
from history.measures.report import make_report
from history.measures.tally import Tally
from history.measures.writing import TOTAL, label
from history.models import Contact, RecordedEvent

BEFORE_MS = 36 * 3_600_000
"""How far back it is looked for what agents did last before the interval."""


async def differences(engine: AsyncEngine, question: Question) -> list[str]:
    """A sentence for each figure that comes out otherwise when the events themselves are counted. GuichetError where
    there are contacts and no event is kept."""
    report = await make_report(engine, question)
    events, persons = await _archive(engine, question)
    if report.total.contacts and not any(question.since <= event.at < question.until for event in events):
        raise GuichetError(
            "Of these days contacts are kept, and none of the events that they were made from, as in a made-up history "
            "without events: there is nothing from which anything could be counted again."
        )
    again = recount(events, question, persons.get) if question.by else {}
    whole = recount(events, replace(question, by=None), persons.get)
    told = _compared(TOTAL, report.total, whole.get(None, Tally()))
    for key in sorted(again.keys() | report.parts.keys(), key=lambda key: (label(report, key), str(key))):
        told += _compared(label(report, key), report.parts.get(key, Tally()), again.get(key, Tally()))
    return told


def _compared(name: str, found: Tally, again: Tally) -> list[str]:
    pairs = zip(asdict(found).items(), asdict(again).values(), strict=True)
    return [
        f"{name}: {what} is {value}, and {other} from the events" for (what, value), other in pairs if value != other
    ]


async def _archive(engine: AsyncEngine, question: Question) -> tuple[list[Event], dict[str, Any]]:
    """All that was recorded around the interval, and whose each call is."""
    event, contact = RecordedEvent.__table__.c, Contact.__table__.c
    until = question.until + SINGLE_CONTACT_MS
    calls = select(contact.id, contact.person_id, contact.for_person_id).where(
        contact.started_at >= question.since - BEFORE_MS, contact.started_at < until
    )
    around = (event.at >= question.since - BEFORE_MS) & (event.at < until)
    later = select(event.call).where(around, event.call != "")  # a call may be coded days after it began
    wanted = select(event.id, event.kind, event.at, event.call, event.data).where(
        or_(around, event.call.in_(later) & (event.at < until))
    )
    async with engine.connect() as connection:
        persons = {id_: other or person for id_, person, other in await connection.execute(calls)}
        found = await connection.execute(wanted)
        events = [Event(id_, kind, at, call, data) for id_, kind, at, call, data in found if kind in KINDS]
    return events, persons
