"""Cases, promises and persons, as an agent states them from the call: authorised, looked up, and shown again."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from core.clock import wall_clock
from core.events import Event
from history.case_numbers import read_case_number, with_check_digits
from history.models import Case, Person
from queues.model import Status
from tests.integration.web.conftest import Desktop, Line, Page, Recorded, Stories


@pytest.fixture
async def camille(desktop: Desktop, line: Line) -> AsyncIterator[Page]:
    """Camille, to whom call-1 is offered."""
    await line.agent("camille", Status.AVAILABLE)
    page = await desktop.page("camille")
    await page.told("state", status="available")
    await line.offer(await line.waits("call-1"), "camille")
    await page.told("pop", call="call-1")
    yield page


async def said(line: Line, *kinds: str) -> list[Event]:
    return [event for _, event in await line.store.follow("0", 0) if event.kind in kinds]


async def test_a_case_gets_a_number_with_check_digits_and_the_call_belongs_to_it(camille: Page, line: Line) -> None:
    done = await camille.asked("open_case", call="call-1", title="Lampadaire  en panne", topic="voirie")
    assert read_case_number(done["made"]) == done["made"]
    opened, linked = await said(line, "case.opened", "contact.linked")
    assert (opened.data["title"], opened.data["number"], opened.data["author"], opened.call) == (
        "Lampadaire en panne",
        done["made"],
        "camille",
        "call-1",
    )
    assert linked.data["case"] == opened.data["case"]


async def test_what_was_said_is_shown_again_once_it_is_recorded(camille: Page, stories: Stories) -> None:
    stories.known = {**stories.known, "cases": [{"number": "1234567890"}]}
    assert await camille.ask("open_case", call="call-1", title="Trou", topic="") == "done"
    story = await camille.told("story", call="call-1")
    assert story["story"]["cases"] == [{"number": "1234567890"}]


async def test_a_case_is_linked_by_the_number_that_the_caller_reads_out(
    camille: Page, line: Line, recorded: Recorded, engine: AsyncEngine
) -> None:
    number = (await camille.asked("open_case", call="call-1", title="Trou", topic=""))["made"]
    await recorded()
    spaced = " ".join(number[at : at + 2] for at in range(0, 10, 2))
    assert await camille.ask("link_case", call="call-1", number=spaced) == "done"
    linked = (await said(line, "contact.linked"))[-1]
    async with engine.connect() as connection:
        assert linked.data["case"] == await connection.scalar(select(Case.id).where(Case.number == number))


@pytest.mark.parametrize(
    ("do", "more", "error"),
    [
        ("link_case", {"number": "1234567899"}, "wrong_number"),
        ("link_case", {"number": with_check_digits(10_000_000)}, "no_case"),
        ("link_case", {"case": "nowhere"}, "no_case"),
        ("set_case", {"case": "nowhere", "status": "closed"}, "no_case"),
        ("promise", {"kind": "send", "case": "nowhere"}, "no_case"),
        ("end_promise", {"promise": "nowhere", "outcome": "kept"}, "no_promise"),
        ("confirm", {"person": "nobody"}, "no_person"),
        ("merge", {"person": "nobody", "other": "somebody", "reason": "x"}, "no_person"),
        ("merge", {"person": "same", "other": "same", "reason": "x"}, "same_person"),
        ("spoke_for", {"person": "nobody"}, "no_person"),
        ("open_case", {"title": "   "}, "no_title"),
    ],
)
async def test_what_is_not_there_is_refused_and_nothing_is_stated(
    camille: Page, line: Line, do: str, more: dict[str, Any], error: str
) -> None:
    before = len(await line.store.follow("0", 0))
    assert await camille.ask(do, call="call-1", **more) == error
    assert len(await line.store.follow("0", 0)) == before


MATTERS = [
    ("open_case", {"title": "Trou"}),
    ("link_case", {"case": ""}),
    ("set_case", {"case": "c", "status": "closed"}),
    ("promise", {"kind": "callback"}),
    ("end_promise", {"promise": "p", "outcome": "kept"}),
    ("confirm", {"person": ""}),
    ("merge", {"person": "a", "other": "b", "reason": "x"}),
    ("spoke_for", {"name": "X"}),
]


@pytest.mark.parametrize(("do", "more"), MATTERS)
async def test_nobody_speaks_of_a_call_that_was_not_theirs(
    camille: Page, desktop: Desktop, line: Line, do: str, more: dict[str, Any]
) -> None:
    stranger = await desktop.page("sacha")
    before = len(await line.store.follow("0", 0))
    assert await stranger.ask(do, call="call-1", **more) == "not_now"
    supervisor = await desktop.page("chef")
    assert await supervisor.ask(do, call="call-1", **more) == "forbidden"
    assert len(await line.store.follow("0", 0)) == before


async def test_a_promise_has_its_kind_its_end_and_its_case_and_is_kept_by_a_call(
    camille: Page, line: Line, recorded: Recorded, engine: AsyncEngine
) -> None:
    await camille.asked("open_case", call="call-1", title="Trou", topic="")
    case = (await said(line, "case.opened"))[0].data["case"]
    await recorded()
    due = wall_clock() + 3_600_000
    assert (
        await camille.ask("promise", call="call-1", kind="callback", text="Demain", due_until=due, case=case) == "done"
    )
    (made,) = await said(line, "promise.made")
    assert (made.data["kind"], made.data["due_until"], made.data["case"]) == ("callback", due, case)
    await recorded()
    assert await camille.ask("end_promise", call="call-1", promise=made.data["promise"], outcome="kept") == "done"
    (ended,) = await said(line, "promise.ended")
    assert (ended.data["outcome"], ended.data["contact"]) == ("kept", "call-1")


async def test_a_person_is_confirmed_by_name_and_others_are_merged_into_them(
    camille: Page, line: Line, recorded: Recorded, engine: AsyncEngine
) -> None:
    assert await camille.ask("confirm", call="call-1", person="", name="  Ana <b>Ruiz</b> ") == "done"
    assert await camille.ask("spoke_for", call="call-1", name="Luis Ruiz", relation="fils") == "done"
    confirmed, spoke_for = await said(line, "person.confirmed", "contact.spoke_for")
    await recorded()
    ana, luis = confirmed.data["person"], spoke_for.data["person"]
    async with engine.connect() as connection:
        names = {row.key: row.name for row in await connection.execute(select(Person.key, Person.name))}
    assert (names[ana], names[luis], spoke_for.data["relation"]) == ("Ana <b>Ruiz</b>", "Luis Ruiz", "fils")
    assert await camille.ask("merge", call="call-1", person=luis, other=ana, reason="la même personne") == "done"
    (merged,) = await said(line, "person.merged")
    assert (merged.data["person"], merged.data["other"], merged.data["author"]) == (luis, ana, "camille")
