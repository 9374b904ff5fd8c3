"""Reading further: a person's page, the search, who read what; each with the right for it, and each stated."""

from typing import Any

import pytest
from aiohttp import ClientSession
from sqlalchemy.ext.asyncio import AsyncEngine

from app.desk_records import Records
from core.clock import wall_clock
from core.events import Event
from history.access import Usual
from history.sealing import Sealing
from queues.model import Status
from queues.store.port import StoreAway
from tests.integration.history.helping import recorded as record_all
from tests.integration.web.conftest import AT, OURS, Desktop, Line, Recorded, Stories
from web.desk.reading import whom

EVIL = "<img src=x onerror=alert(1)>"
ANA = f"Ana {EVIL}"


async def post(session: ClientSession, path: str, **given: Any) -> tuple[int, Any]:
    async with session.post(f"{AT}/api/{path}", json=given, headers=OURS) as answer:
        return answer.status, await answer.json() if answer.content_type == "application/json" else None


async def readings(line: Line) -> list[Event]:
    return [event for _, event in await line.store.follow("0", 0) if event.kind == "history.read"]


@pytest.fixture
async def ana(engine: AsyncEngine) -> str:
    """A person who called once, with a note and a case; her key."""
    now = wall_clock()
    called = {
        "number": "+33612345678",
        "name": "",
        "dialled": "3939",
        "flow": "essai",
        "version": "v",
        "language": "fr",
    }
    say = [
        Event("a1", "call.arrived", now - 9_000, "old-1", called),
        Event("a2", "person.confirmed", now - 8_000, "old-1", {"author": "camille", "person": "ana"}),
        Event("a3", "person.described", now - 8_000, "old-1", {"author": "camille", "person": "ana", "name": ANA}),
        Event("a4", "contact.noted", now - 7_000, "old-1", {"author": "camille", "note": "n1", "text": f"Trou {EVIL}"}),
        Event("a5", "case.opened", now - 6_000, "old-1", {"author": "camille", "case": "k1", "number": "1234567817",
                                                          "title": "Le trou", "status": "open"}),
        Event("a6", "call.ended", now - 5_000, "old-1", {"reason": "caller_hung_up"}),
    ]  # fmt: skip
    await record_all(engine, say)
    return "ana"


async def test_a_persons_page_tells_all_and_the_reading_is_stated(desktop: Desktop, line: Line, ana: str) -> None:
    session = await desktop.signed_in("camille")
    status, page = await post(session, "person", key=ana)
    assert status == 200
    assert (page["name"], page["numbers"]) == (ANA, ["+33612345678"])
    assert [contact["notes"][0]["text"] for contact in page["contacts"]] == [f"Trou {EVIL}"]
    assert [case["number"] for case in page["cases"]] == ["1234567817"]
    assert page["decisions"][0]["change"] == "assigned"
    (read,) = await readings(line)
    assert (read.data["reader"], read.data["what"], read.data["person"], read.call) == ("camille", "person", ana, "")
    assert (await post(session, "person", id=page["id"]))[1] == page


async def test_a_call_of_ones_own_is_the_reason_and_nobody_elses(desktop: Desktop, line: Line, ana: str) -> None:
    await line.agent("camille", Status.AVAILABLE)
    page = await desktop.page("camille")
    await page.told("state", status="available")
    await line.offer(await line.waits("call-1"), "camille")
    await page.told("pop")
    await post(page.session, "person", key=ana, call="call-1")
    await post(await desktop.signed_in("sacha"), "person", key=ana, call="call-1")
    assert [(read.data["reader"], read.call) for read in await readings(line)] == [("camille", "call-1"), ("sacha", "")]


async def test_nobody_is_nobody(desktop: Desktop, line: Line) -> None:
    session = await desktop.signed_in("camille")
    assert await post(session, "person", key="nobody") == (404, {"error": "no_person"})
    assert await readings(line) == []


async def test_the_search_finds_by_name_number_case_and_note_and_states_whom_it_shows(
    desktop: Desktop, line: Line, ana: str
) -> None:
    session = await desktop.signed_in("chef")
    for text, kind in (("ana", "person"), ("0612345678", "person"), ("1234567817", "case"), ("trou", "note")):
        status, found = await post(session, "search", text=text)
        assert status == 200 and kind in [hit["kind"] for hit in found["hits"]]
    shown = [(read.data["reader"], read.data["what"]) for read in await readings(line) if read.data["person"] == ana]
    assert shown == [("chef", f"search_{how}") for how in ("name", "number", "case", "note")]
    assert await post(session, "search", text="%") == (400, {"error": "search"})


async def test_a_search_that_shows_nobody_is_stated_too_and_never_what_was_typed(
    desktop: Desktop, line: Line, ana: str
) -> None:
    session = await desktop.signed_in("chef")
    for text in ("lovelace", "0699999999"):
        assert await post(session, "search", text=text) == (200, {"hits": []})
    nobody = {"reader": "chef", "what": "search", "person": ""}
    assert [read.data for read in await readings(line)] == [nobody, nobody]


async def test_what_a_search_showed_is_not_seen_where_it_cannot_be_stated(
    desktop: Desktop, line: Line, ana: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = await desktop.signed_in("chef")

    async def away(_: object) -> None:
        raise StoreAway("no answer")

    monkeypatch.setattr(line.store, "emit", away)
    assert await post(session, "search", text="trou") == (503, {"error": "away"})


def test_somebody_shown_by_several_things_is_stated_once_by_what_tells_the_most() -> None:
    hits = [{"person": "ana", "how": how} for how in ("case", "note", "name")]
    assert whom([*hits, {"person": "bob", "how": "number"}]) == {"ana": "search_note", "bob": "search_number"}


async def test_whose_story_a_call_brings_is_stated_once(desktop: Desktop, line: Line, stories: Stories) -> None:
    stories.known = {**stories.known, "person": {"person": "ana", "name": None}}
    await line.agent("camille", Status.AVAILABLE)
    page = await desktop.page("camille")
    await page.told("state", status="available")
    await line.offer(await line.waits("call-1"), "camille")
    await page.told("pop")
    await (await desktop.page("camille")).told("pop")  # the same page, opened again
    (read,) = await readings(line)
    assert (read.data["reader"], read.data["what"], read.data["person"], read.call) == (
        "camille",
        "pop",
        "ana",
        "call-1",
    )


async def test_auditors_read_who_read_what_and_nothing_else(desktop: Desktop, recorded: Recorded, ana: str) -> None:
    await post(await desktop.signed_in("camille"), "person", key=ana)
    await recorded()
    auditor = await desktop.signed_in("audit")
    status, told = await post(auditor, "audit")
    assert status == 200 and told["unusual"] == []
    assert [(row["reader"], row["what"], row["person"], row["name"]) for row in told["rows"]] == [
        ("camille", "person", ana, ANA)
    ]
    assert (await post(auditor, "audit", reader="sacha"))[1]["rows"] == []
    assert (await post(auditor, "audit", person=ana, before=told["rows"][0]["at"]))[1]["rows"] == []
    assert (await post(auditor, "person", key=ana))[0] == 403
    assert (await post(auditor, "search", text="ana"))[0] == 403


async def test_what_stands_out_on_the_page_of_auditors_is_what_the_settings_call_unusual(engine: AsyncEngine) -> None:
    shown = {"reader": "chef", "what": "search_name"}
    now = wall_clock()
    read = [Event(f"r{n}", "history.read", now - 1_000, "", {**shown, "person": f"person-{n}"}) for n in range(3)]
    await record_all(engine, read)
    strict = Records(engine, Sealing([]), "FR", wall_clock, Usual(found_an_hour=2))
    assert [(one["what"], one["count"]) for one in await strict.unusual()] == [("many_found", 3)]
    assert await Records(engine, Sealing([]), "FR", wall_clock).unusual() == []


@pytest.mark.parametrize(
    ("account", "path"), [("camille", "audit"), ("chef", "audit"), ("chef", "day"), ("audit", "day")]
)
async def test_what_a_role_may_not_read_is_refused(desktop: Desktop, line: Line, account: str, path: str) -> None:
    assert (await post(await desktop.signed_in(account), path))[0] == 403


async def test_ones_own_day_begins_with_nothing(desktop: Desktop, line: Line) -> None:
    status, day = await post(await desktop.signed_in("camille"), "day")
    assert status == 200 and (day["answered"], day["talk_ms"], day["pauses"]) == (0, 0, 0)


@pytest.mark.parametrize("path", ["person", "search", "audit", "day"])
async def test_foreign_pages_and_strangers_read_nothing(desktop: Desktop, line: Line, path: str) -> None:
    session = await desktop.signed_in("camille")
    foreign = {"Origin": "http://elsewhere.example"}
    async with session.post(f"{AT}/api/{path}", json={}, headers=foreign) as answer:
        assert answer.status == 403
    async with ClientSession() as stranger, stranger.post(f"{AT}/api/{path}", json={}, headers=OURS) as answer:
        assert answer.status == 401
    assert await readings(line) == []


@pytest.mark.parametrize("given", [{"text": "x" * 201}, {"text": 1}, {"more": 1}, {}])
async def test_what_no_page_of_ours_would_ask_is_refused(desktop: Desktop, line: Line, given: dict[str, Any]) -> None:
    assert (await post(await desktop.signed_in("camille"), "search", **given))[0] == 400
