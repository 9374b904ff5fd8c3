"""A desk as its page and its agent meet it, and somebody with worse in mind."""

from dataclasses import replace

import pytest
from aiohttp import ClientSession, WSServerHandshakeError

from app.desk_records import Records
from core.clock import wall_clock
from core.events import Event
from history.database import make_engine
from history.staff import StaffAccounts
from queues.model import Setback, Status
from tests.integration.web.conftest import AT, OURS, Desktop, Line, Published, Stories
from web.desk.choices import DeskFile

WHY = {
    "en": "camille is the only ready agent (idle 3 s)",
    "fr": "camille est le seul agent libre (libre depuis 3 s)",
}


async def test_a_page_is_told_who_sits_there_and_how_things_stand(desktop: Desktop, line: Line) -> None:
    await line.agent("camille")
    page = await desktop.page("camille")
    me = await page.told("me")
    assert me["name"] == "Camille <b>" and "own_state" in me["may"]
    assert me["reasons"] == [{"name": "repas", "title": {"fr": "Repas", "en": "Meal"}}]
    assert "réglé" in [code["name"] for code in me["codes"]]  # where the town says nothing
    assert (await page.told("state"))["status"] == "offline"
    queues = (await page.told("queues"))["queues"]
    assert [(queue["name"], queue["title"]) for queue in queues] == [("voirie", {"fr": "Voirie"}), ("accueil", {})]


async def test_open_pages_are_told_what_a_newly_published_town_lets_choose(
    desktop: Desktop, line: Line, published: Published
) -> None:
    await line.agent("camille")
    page = await desktop.page("camille")
    await page.told("queues")
    desk = DeskFile(desk="essai", topics={"voirie": "Roads"})
    published.town = replace(published.town, choices=desk.choices())
    await line.store.emit([Event("p", "town.published", wall_clock(), "", {"version": "v2"})])
    told = await page.told("choices")
    assert told["topics"] == [{"name": "voirie", "title": {"fr": "Roads", "en": "Roads"}}]


async def test_what_the_agent_chooses_holds_in_the_house_and_shows_on_the_page(desktop: Desktop, line: Line) -> None:
    await line.agent("camille")
    page = await desktop.page("camille")
    assert await page.ask("available") == "done"
    assert await page.ask("pause", reason="repas") == "done"
    await page.told("state", status="paused", reason="repas")
    assert await page.ask("offline") == "done"
    known = await line.store.agent("camille")
    assert known and known.status is Status.OFFLINE


async def test_the_story_is_on_the_screen_with_the_offer(desktop: Desktop, line: Line) -> None:
    await line.agent("camille", Status.AVAILABLE)
    page = await desktop.page("camille")
    await page.told("state", status="available")
    await line.offer(await line.waits("call-1", name="<img src=x onerror=alert(1)>"), "camille")
    pop = await page.told("pop")
    assert (pop["call"], pop["queue"], pop["title"], pop["why"]) == (
        "call-1",
        "voirie",
        {"fr": "Voirie"},
        WHY,
    )
    assert (pop["number"], pop["name"]) == ("+33612345678", "<img src=x onerror=alert(1)>")
    assert pop["waited_ms"] >= 5_000 and pop["guide"] == {"fr": "Demandez la rue."}
    assert pop["path"] == [
        {"step": "sujet", "text": {"fr": "essai: sujet ?"}},
        {"step": "voirie/rue", "text": {"fr": "voirie: rue ?"}},
    ]
    assert pop["choices"] == [{"step": "sujet", "digits": "2", "choice": "voirie"}]


async def test_a_withheld_number_is_not_shown(desktop: Desktop, line: Line) -> None:
    await line.agent("camille", Status.AVAILABLE)
    page = await desktop.page("camille")
    await page.told("state", status="available")
    await line.offer(await line.waits("call-1", withheld=True), "camille")
    assert (await page.told("pop"))["number"] == ""


async def test_a_page_that_is_opened_again_shows_the_call_again(desktop: Desktop, line: Line) -> None:
    await line.agent("camille", Status.AVAILABLE)
    entry = await line.waits("call-1")
    offer = await line.offer(entry, "camille")
    await line.store.answer(entry.id, offer, wall_clock())
    page = await desktop.page("camille")
    assert (await page.told("pop"))["call"] == "call-1"


async def test_a_page_that_is_opened_again_in_the_wrap_up_shows_the_call_that_was(
    desktop: Desktop, line: Line, stories: Stories
) -> None:
    await line.agent("camille", Status.AVAILABLE)
    first = await desktop.page("camille")
    entry = await line.waits("call-1")
    offer = await line.offer(entry, "camille")
    await first.told("pop")
    await line.store.answer(entry.id, offer, wall_clock())
    await line.store.finish(entry.id, 1_000, wall_clock())
    stories.known = {**stories.known, "notes": [{"text": "Deux copies."}]}
    page = await desktop.page("camille")
    await page.told("state", state="wrap_up")
    pop = await page.told("pop", call="call-1")
    assert pop["story"]["notes"] == [{"text": "Deux copies."}] and pop["why"] == WHY
    assert await page.told("gone", call="call-1", reason="finished")


@pytest.mark.parametrize("end", ["withdrawn", "left", "finished"])
async def test_the_page_knows_when_the_call_is_not_its_own_any_more(desktop: Desktop, line: Line, end: str) -> None:
    await line.agent("camille", Status.AVAILABLE)
    page = await desktop.page("camille")
    await page.told("state", status="available")
    entry = await line.waits("call-1")
    offer = await line.offer(entry, "camille")
    await page.told("pop")
    if end == "withdrawn":
        await line.store.withdraw(entry.id, offer, Setback.NO_ANSWER, wall_clock())
    elif end == "left":
        await line.store.leave(entry.id, "abandoned", wall_clock())
    else:
        await line.store.answer(entry.id, offer, wall_clock())
        await line.store.finish(entry.id, 1_000, wall_clock())
    assert await page.told("gone", call="call-1", reason=end)


async def test_an_agent_finishes_the_wrap_up_early(desktop: Desktop, line: Line) -> None:
    await line.agent("camille", Status.AVAILABLE)
    entry = await line.waits("call-1")
    offer = await line.offer(entry, "camille")
    await line.store.answer(entry.id, offer, wall_clock())
    page = await desktop.page("camille")
    assert await page.ask("hold", held=True) == "done"
    assert await page.ask("finish") == "not_now"
    await line.store.finish(entry.id, 1_000, wall_clock())
    assert await page.ask("finish") == "done"
    await page.told("state", state="idle")
    assert await page.ask("hold", held=True) == "not_now"


async def test_the_call_is_shown_without_its_story_when_the_history_is_away(
    desktop: Desktop, line: Line, stories: Stories
) -> None:
    stories.away = True
    await line.agent("camille", Status.AVAILABLE)
    page = await desktop.page("camille")
    await page.told("state", status="available")
    await line.offer(await line.waits("call-1"), "camille")
    pop = await page.told("pop")
    assert (pop["call"], pop["story"]) == ("call-1", None)


async def test_notes_and_codes_are_stated_with_their_author(desktop: Desktop, line: Line) -> None:
    await line.agent("camille", Status.AVAILABLE)
    page = await desktop.page("camille")
    await page.told("state", status="available")
    await line.offer(await line.waits("call-1"), "camille")
    await page.told("pop")
    for text in ("Demande un", "Demande un acte <script>alert(1)</script>"):
        assert await page.ask("note", call="call-1", text=text) == "done"
    assert await page.ask("code", call="call-1", code="réglé", topic="état civil", settled=True) == "done"
    told = [event for _, event in await line.store.follow("0", 0) if event.kind.startswith("contact.")]
    assert [event.data["author"] for event in told] == ["camille"] * 3
    assert told[0].data["note"] == told[1].data["note"]
    assert told[1].data["text"] == "Demande un acte <script>alert(1)</script>"
    assert (told[2].data["code"], told[2].data["topic"], told[2].data["settled"]) == ("réglé", "état civil", True)


async def test_nobody_writes_about_a_call_that_was_not_theirs(desktop: Desktop, line: Line) -> None:
    await line.agent("camille", Status.AVAILABLE)
    await line.offer(await line.waits("call-1"), "camille")
    page = await desktop.page("sacha")
    assert await page.ask("note", call="call-1", text="…") == "not_now"
    assert await page.ask("code", call="call-1", code="réglé", topic="", settled=None) == "not_now"


async def test_the_outcome_ends_a_wrap_up_that_waits_for_it(desktop: Desktop, line: Line) -> None:
    await line.agent("camille", Status.AVAILABLE)
    entry = await line.waits("call-1", until_coded=True)
    offer = await line.offer(entry, "camille")
    await line.store.answer(entry.id, offer, wall_clock())
    page = await desktop.page("camille")
    await page.told("pop")
    await line.store.finish(entry.id, 1_000, wall_clock())
    await page.told("state", state="wrap_up", wrap_up_until=0)
    assert await page.ask("finish") == "not_now"
    assert await page.ask("code", call="call-1", code="réglé", topic="", settled=None) == "done"
    await page.told("state", state="idle")


# --- supervisors --------------------------------------------------------------------------------------------------


async def test_a_supervisor_sees_all_and_steers(desktop: Desktop, line: Line) -> None:
    await line.agent("camille", Status.AVAILABLE)
    await line.waits("call-1")
    await line.waits("call-2")
    page = await desktop.page("chef")
    board = await page.told("board", lambda board: len(board["waiting"]) == 2)
    assert [agent["name"] for agent in board["agents"]] == ["Camille"]
    assert [waiting["call"] for waiting in board["waiting"]] == ["call-1", "call-2"]
    assert await page.ask("front", call="call-2") == "done"
    assert await page.ask("move", call="call-1", queue="accueil", keep_place=True) == "done"
    assert await page.ask("set_agent", agent="camille", status="paused", reason="repas") == "done"
    assert await page.ask("set_queue", queue="voirie", open=False, send_away=False) == "done"
    snapshot = await line.store.snapshot()
    assert {entry.call: entry.queue for entry in snapshot.entries} == {"call-1": "accueil", "call-2": "voirie"}
    assert snapshot.agents[0].status is Status.PAUSED and "voirie" in snapshot.closed
    told = [event for _, event in await line.store.follow("0", 0) if event.data.get("author")]
    assert {event.data["author"] for event in told if event.kind not in ("agent.profile",)} >= {"chef"}


@pytest.mark.parametrize(
    ("account", "do", "more"),
    [
        ("camille", "set_agent", {"agent": "sacha", "status": "offline"}),
        ("camille", "front", {"call": "call-1"}),
        ("camille", "move", {"call": "call-1", "queue": "accueil", "keep_place": True}),
        ("camille", "set_queue", {"queue": "voirie", "open": False, "send_away": True}),
        ("camille", "end_wrap_up", {"agent": "sacha"}),
        ("audit", "set_agent", {"agent": "sacha", "status": "offline"}),
        ("audit", "available", {}),
        ("chef", "available", {}),
    ],
)
async def test_what_a_role_may_not_do_is_refused_and_logged(
    desktop: Desktop, line: Line, caplog: pytest.LogCaptureFixture, account: str, do: str, more: dict[str, object]
) -> None:
    await line.agent("sacha", Status.AVAILABLE)
    await line.waits("call-1")
    before = await line.store.snapshot()
    page = await desktop.page(account)
    assert await page.ask(do, **more) == "forbidden"
    assert await line.store.snapshot() == before
    assert any(account in record.message and "may not" in record.message for record in caplog.records)


async def test_agents_are_not_shown_to_agents(desktop: Desktop, line: Line) -> None:
    await line.agent("camille", Status.AVAILABLE)
    page = await desktop.page("sacha")
    await line.waits("call-1")
    queues = await page.told("queues", lambda told: told["queues"][0]["waiting"] == 1)
    assert "camille" not in str(queues).lower()
    await page.ask("offline")  # whatever was told before is here now
    assert not page.was_told("board")


# --- sessions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["signed out", "barred", "password"])
async def test_the_next_message_of_an_ended_session_is_refused(
    desktop: Desktop, staff: StaffAccounts, line: Line, end: str
) -> None:
    await line.agent("camille")
    page = await desktop.page("camille")
    if end == "signed out":
        await page.session.delete(f"{AT}/api/session", headers=OURS)
    elif end == "barred":
        await staff.change("camille", barred=True)
    else:
        await staff.change("camille", password="une tout autre phrase")
    await page.told("bye", reason="signed_out")
    assert await page.is_closed()
    assert (known := await line.store.agent("camille")) and known.status is Status.OFFLINE


async def test_a_desk_stays_open_while_the_database_is_away(
    desktop: Desktop, staff: StaffAccounts, records: Records, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What needs the store alone is done; the rest is refused by a word that the page has a sentence for."""
    away = make_engine("postgresql+asyncpg://nobody@127.0.0.1:1/none")
    await line.agent("camille")
    page = await desktop.page("camille")
    assert await page.ask("available") == "done"
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(staff, "_engine", away)
        meanwhile.setattr(records, "_engine", away)
        assert await page.ask("pause", reason="repas") == "done"
        assert (known := await line.store.agent("camille")) and known.status is Status.PAUSED
        assert await page.ask("available") == "done"
        await line.offer(await line.waits("c-1"), "camille")
        await page.told("pop", call="c-1")
        assert await page.ask("link_case", call="c-1", case="some case") == "away"
    await staff.change("camille", barred=True)
    await page.told("bye", reason="signed_out")
    await away.dispose()


async def test_a_role_that_was_taken_away_counts_at_the_next_message(
    desktop: Desktop, staff: StaffAccounts, line: Line
) -> None:
    await line.agent("sacha", Status.AVAILABLE)
    page = await desktop.page("chef")
    assert await page.ask("set_agent", agent="sacha", status="paused", reason="repas") == "done"
    await staff.change("chef", roles=["auditor"])
    assert await page.ask("set_agent", agent="sacha", status="available") == "forbidden"


@pytest.mark.parametrize(
    "message",
    [
        "",
        "{",
        "[]",
        '{"do": "fly", "ref": 1}',
        '{"do": "available"}',
        '{"do": "pause", "ref": -1, "reason": "repas"}',
        '{"do": "note", "ref": 1, "call": "c", "text": "' + "x" * 20_001 + '"}',
        '{"do": "available", "ref": 1, "more": 1}',
    ],
)
async def test_what_no_page_of_ours_would_say_ends_the_connection(desktop: Desktop, message: str) -> None:
    page = await desktop.page("camille")
    await page.socket.send_str(message)
    await page.told("bye", reason="unreadable")
    assert await page.is_closed()


async def test_a_message_of_a_megabyte_ends_the_connection(desktop: Desktop) -> None:
    page = await desktop.page("camille")
    await page.socket.send_str("x" * 1_000_000)
    assert await page.is_closed()


@pytest.mark.parametrize("headers", [{}, {"Origin": "http://elsewhere.example"}])
async def test_a_foreign_page_gets_no_desk(desktop: Desktop, headers: dict[str, str]) -> None:
    session = await desktop.signed_in("camille")
    with pytest.raises(WSServerHandshakeError) as refused:
        await session.ws_connect(f"{AT}/desk/socket", headers=headers)
    assert refused.value.status == 403


async def test_nobody_gets_a_desk_without_signing_in(desktop: Desktop) -> None:
    async with ClientSession() as session:
        with pytest.raises(WSServerHandshakeError) as refused:
            await session.ws_connect(f"{AT}/desk/socket", headers=OURS)
    assert refused.value.status == 401
