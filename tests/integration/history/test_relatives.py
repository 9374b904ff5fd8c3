"""Somebody calls for somebody else: what is begun in that call belongs to whom it is about, and so it does once that
person is erased or let go."""

from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from core.clock import HandClock
from core.events import Event
from history.models import Case, Contact, Person, Phone, Promise
from history.retention import DAY_MS, Retention, Terms
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


# --- letting go ----------------------------------------------------------------------------------------------------


async def let_go(engine: AsyncEngine, after_days: int) -> int:
    """How many persons are let go that night."""
    clock = HandClock(START + after_days * DAY_MS)
    return (await Retention(engine, Terms(), clock, lambda _: None, breath_s=0).apply())["persons"]


async def names(engine: AsyncEngine) -> list[str | None]:
    return [person["name"] for person in await rows(engine, Person) if person["key"]]


async def test_whose_matter_somebody_called_about_lately_is_not_forgotten(engine: AsyncEngine):
    await recorded(engine, a_son_calls_for_his_mother())
    await recorded(engine, [said("case.changed", 40, case="c1", status="closed")])
    lately = 1_080 * DAY_MS
    await recorded(engine, [arrived("again", SON, lately), ended(lately + 9, call="again")])
    await recorded(engine, [said("contact.spoke_for", lately + 5, "again", person=ADAS_KEY, relation="child")])
    assert (await let_go(engine, 1_100), await names(engine)) == (0, ["Ada Lovelace", None])
    spoken_for = {row["id"]: row["relation"] for row in await rows(engine, Contact) if row["for_person_id"]}
    assert spoken_for == {"son": "child", "again": "child"}
    assert await let_go(engine, 1_080 + 1_096) == 2


async def test_to_whom_something_was_promised_lately_is_not_forgotten_nor_who_waits_for_it(engine: AsyncEngine):
    lately = 1_080 * DAY_MS
    soon = {"kind": "send", "text": "a form", "person": ADAS_KEY}
    await recorded(engine, [arrived("ada", ADA), ended(9, call="ada")])
    await recorded(engine, [said("promise.made", lately, promise="p1", **soon)])
    assert await let_go(engine, 1_100) == 0
    assert [row["text"] for row in await rows(engine, Promise)] == ["a form"]
    assert await let_go(engine, 1_080 + 1_096) == 1


async def test_whose_case_was_closed_lately_is_not_forgotten(engine: AsyncEngine):
    await recorded(engine, a_son_calls_for_his_mother())
    await recorded(engine, [said("case.changed", 1_080 * DAY_MS, case="c1", status="closed")])
    assert (await let_go(engine, 1_100), await names(engine)) == (1, ["Ada Lovelace"])
    assert await let_go(engine, 1_080 + 1_096) == 1


async def test_who_was_merged_is_let_go_as_one_and_kept_as_one(engine: AsyncEngine):
    other, lately = RULES.pseudonyms.person(SON), 1_080 * DAY_MS
    await recorded(engine, a_son_calls_for_his_mother()[:5])
    await recorded(engine, [said("person.merged", 50, person=ADAS_KEY, other=other, reason="the same")])
    kept = [arrived("b", "0688888888", lately), ended(lately + 9, call="b")]
    kept += [said("contact.spoke_for", lately + 5, "b", person=ADAS_KEY, relation="child")]
    await recorded(engine, kept)
    assert await let_go(engine, 1_100) == 0
    assert await let_go(engine, 1_080 + 1_096) == 2
    assert [(row["key"], row["name"], row["merged_into_id"]) for row in await rows(engine, Person)] == [
        (None, None, None)
    ] * 3
    assert await rows(engine, Phone) == []


async def test_the_caller_is_let_go_though_the_case_of_who_was_erased_was_begun_in_their_call(
    engine: AsyncEngine, tmp_path: Path
):
    await recorded(engine, a_son_calls_for_his_mother())
    await erasures(engine, tmp_path, HandClock(LATER)).erase(ADAS_KEY, "admin")
    await recorded(engine, [said("contact.coded", LATER, "son", topic="care")])
    assert await let_go(engine, 1_100) == 1
