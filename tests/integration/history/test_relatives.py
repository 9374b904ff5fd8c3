"""Somebody calls for somebody else: what is begun in that call belongs to whom it is about, and so it does once that
person is erased or let go."""

from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from core.clock import HandClock
from core.events import Event
from history.models import Case, Contact, Person
from tests.integration.history.helping import RULES, erasures, recorded, rows
from tests.unit.history.told import START, arrived, ended

ADA, SON = "+33612345601", "+33699999999"
ADAS_KEY = RULES.pseudonyms.person(ADA)
LATER = START + 10_000_000


def said(kind: str, after: int, call: str = "", /, **data: Any) -> Event:
    return Event(f"{kind}-{after}", kind, START + after, call, {"author": "camille", **data})


def a_son_calls_for_his_mother() -> list[Event]:
    return [
        *(
            event
            for call, number in (("ada", ADA), ("son", SON))
            for event in (arrived(call, number), ended(9, call=call))
        ),
        said("person.described", 10, person=ADAS_KEY, name="Ada Lovelace"),
        said("contact.spoke_for", 20, "son", person=ADAS_KEY, relation="child"),
        said(
            "case.opened", 30, "son", case="c1", number="1234567889", title="A nurse for Ada Lovelace", person=ADAS_KEY
        ),
    ]


async def test_the_case_of_who_was_erased_never_becomes_the_callers(engine: AsyncEngine, tmp_path: Path):
    await recorded(engine, a_son_calls_for_his_mother())
    await erasures(engine, tmp_path, HandClock(LATER)).erase(ADAS_KEY, "admin")
    await recorded(engine, [said("contact.coded", LATER, "son", topic="care")])
    await recorded(engine, [said("case.changed", LATER + 1, "son", case="c1", status="closed")])
    (case,) = await rows(engine, Case)
    assert (case["person_id"], case["assigned_person_id"], case["title"]) == (None, None, "")
