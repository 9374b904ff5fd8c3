"""An agent sends the caller they talk with elsewhere."""

import pytest

from core.clock import wall_clock
from queues.model import Entry, EntryState, Kind, Status
from tests.integration.web.conftest import Desktop, Line, Page

MOVE = {"call": "call-1", "to": "queue:accueil", "how": "blind", "keep_place": True, "cause": ""}


async def talks(line: Line, agent: str = "camille", call: str = "call-1") -> None:
    await line.agent(agent, Status.AVAILABLE)
    entry = await line.waits(call)
    offer = await line.offer(entry, agent)
    await line.store.answer(entry.id, offer, wall_clock())


@pytest.fixture
async def page(desktop: Desktop, line: Line) -> Page:
    await talks(line)
    return await desktop.page("camille")


async def test_to_another_queue_as_the_call_s_entry_says_from_then_on(page: Page, line: Line) -> None:
    assert await page.ask("move_to", **MOVE) == "done"
    onward = (await line.store.entry("call-1-1")).onward
    assert (onward["how"], onward["to"], onward["author"], onward["keep_place"]) == (
        "blind", "queue:accueil", "camille", True,
    )  # fmt: skip


async def test_to_a_colleague_who_is_at_work_and_to_a_service_that_is_open(page: Page, line: Line) -> None:
    await line.agent("sacha", Status.AVAILABLE)
    for to in ("agent:sacha", "service:mairie"):
        assert await page.ask("move_to", **{**MOVE, "to": to}) == "done"
        assert (await line.store.entry("call-1-1")).onward["to"] == to


@pytest.mark.parametrize("how", ["blind", "consult"])
async def test_a_service_that_may_know_is_told_what_the_agent_said_the_call_is_about(
    page: Page, line: Line, how: str
) -> None:
    assert await page.ask("move_to", **{**MOVE, "to": "service:ateliers", "how": how}) == "done"
    onward = (await line.store.entry("call-1-1")).onward
    assert (onward["topic"], onward["case"]) == ("chaussee", "2600000397")


async def test_a_service_that_need_not_know_is_not(page: Page, line: Line) -> None:
    assert await page.ask("move_to", **{**MOVE, "to": "service:mairie"}) == "done"
    assert not {"topic", "case"} & set((await line.store.entry("call-1-1")).onward)


@pytest.mark.parametrize(
    ("to", "why"),
    [
        ("queue:nulle-part", "unknown_target"), ("agent:personne", "unknown_target"),
        ("service:rien", "unknown_target"),
        ("queue:voirie", "target_closed"), ("service:musee", "target_closed"), ("service:caf", "not_allowed"),
        ("agent:sacha", "target_away"), ("agent:camille", "own_target"),
    ],
)  # fmt: skip
async def test_what_cannot_be_reached_is_refused_and_says_why(page: Page, line: Line, to: str, why: str) -> None:
    await line.agent("sacha")
    await line.store.close_queue("voirie", "chef", wall_clock())
    assert await page.ask("move_to", **{**MOVE, "to": to}) == why
    assert (await line.store.entry("call-1-1")).onward == {}


async def test_somebody_else_s_call_is_not_moved(page: Page, desktop: Desktop, line: Line) -> None:
    await line.agent("sacha", Status.AVAILABLE)
    other, chief = await desktop.page("sacha"), await desktop.page("chef")
    assert await other.ask("move_to", **MOVE) == "no_conversation"
    assert await chief.ask("move_to", **MOVE) == "forbidden"
    assert (await line.store.entry("call-1-1")).onward == {}


async def test_what_is_no_target_at_all_ends_the_page_s_line(page: Page) -> None:
    await page.socket.send_json({"do": "move_to", "ref": 1, **MOVE, "to": "number:0899"})
    assert (await page.told("bye"))["reason"] == "unreadable"


@pytest.mark.parametrize(("cause", "step"), [("wrong_service", ""), ("wrong_queue", ""), ("flow", "voirie/rue")])
async def test_why_the_caller_was_at_the_wrong_place_is_stated(page: Page, line: Line, cause: str, step: str) -> None:
    assert await page.ask("move_to", **{**MOVE, "cause": cause}) == "done"
    (told,) = [event.data for _, event in await line.store.follow("0", 0) if event.kind == "contact.reoriented"]
    assert told == {
        "author": "camille", "came_from": "queue:voirie", "sent_to": "queue:accueil", "cause": cause, "step": step,
    }  # fmt: skip


async def test_a_move_that_goes_its_normal_way_is_no_reorientation(page: Page, line: Line) -> None:
    assert await page.ask("move_to", **MOVE) == "done"
    assert not [event for _, event in await line.store.follow("0", 0) if event.kind == "contact.reoriented"]


async def test_the_page_is_told_to_whom_a_call_may_be_sent(page: Page, line: Line) -> None:
    await line.agent("sacha", Status.AVAILABLE)
    assert await page.ask("targets") == "done"
    told = await page.told("targets")
    assert told["agents"] == [{"id": "sacha", "name": "Sacha", "state": "free"}]
    assert [(s["name"], s["open"], s["allowed"]) for s in told["services"]] == [
        ("mairie", True, True), ("musee", False, True), ("caf", True, False), ("ateliers", True, True),
    ]  # fmt: skip


async def asks(page: Page, line: Line) -> str:
    """Camille asks sacha, who is rung; gives the entry of that."""
    await line.agent("sacha", Status.AVAILABLE)
    assert await page.ask("move_to", **{**MOVE, "to": "agent:sacha", "how": "consult"}) == "done"
    first = await line.store.entry("call-1-1")
    now, asked = wall_clock(), first.onward["consult"]
    await line.store.enqueue(Entry(asked, "call-1", "voirie", since=now, entered=now, kind=Kind.CONSULT))
    return asked


async def test_the_page_is_told_how_far_a_consultation_has_come(page: Page, line: Line) -> None:
    asked = await asks(page, line)
    await page.told("asking", state="waiting", to="agent:sacha")
    offer = await line.offer(await line.store.entry(asked), "sacha")
    await page.told("asking", state="ringing")
    await line.store.answer(asked, offer, wall_clock())
    await page.told("asking", state="reached")
    assert await page.ask("consulted", call="call-1", then="join") == "done"
    await page.told("asking", state="joined")


async def test_whom_nobody_has_reached_yet_cannot_be_handed_the_call(page: Page, line: Line) -> None:
    assert await page.ask("consulted", call="call-1", then="complete") == "not_asking"
    await asks(page, line)
    for then in ("complete", "join"):
        assert await page.ask("consulted", call="call-1", then=then) == "not_reached"
    assert await page.ask("move_to", **MOVE) == "asking_now"
    assert await page.ask("park", call="call-1") == "asking_now"
    assert await page.ask("consulted", call="call-1", then="cancel") == "done"
    await page.told("asking", state="back")


async def test_who_is_asked_sees_the_story_and_moves_nobody(page: Page, desktop: Desktop, line: Line) -> None:
    asked = await asks(page, line)
    other = await desktop.page("sacha")
    offer = await line.offer(await line.store.entry(asked), "sacha")
    assert (await other.told("pop"))["call"] == "call-1"
    await line.store.answer(asked, offer, wall_clock())
    assert await other.ask("move_to", **MOVE) == "asking_now"


async def test_a_call_is_parked_in_the_first_free_slot_and_taken_by_who_is_free(
    page: Page, desktop: Desktop, line: Line
) -> None:
    assert await page.ask("park", call="call-1") == "done"
    onward = (await line.store.entry("call-1-1")).onward
    assert (onward["how"], onward["to"]) == ("park", "park:1")
    now = wall_clock()
    parked = {"slot": 1, "by": "camille", "until": now + 60_000}
    await line.store.enqueue(Entry("call-2-2", "call-2", "voirie", since=now, entered=now, parked=parked))
    await line.store.step_aside("call-2-2", "parked", now)
    await line.agent("sacha", Status.AVAILABLE)
    other = await desktop.page("sacha")
    told = await other.told("parked", lambda message: message["calls"])
    assert [(each["slot"], each["by"], each["name"]) for each in told["calls"]] == [(1, "camille", "Camille")]
    assert await page.ask("take", call="call-2") == "not_free"
    assert await other.ask("take", call="call-9") == "not_parked"
    assert await other.ask("take", call="call-2") == "done"
    taken = await line.store.entry("call-2-2")
    assert (taken.state, taken.onward["to"]) == (EntryState.ASIDE, "agent:sacha")
    assert await other.ask("take", call="call-2") == "not_parked"
    await other.told("parked", lambda message: not message["calls"])


async def test_an_agent_calls_somebody_of_the_history_back(desktop: Desktop, line: Line) -> None:
    await line.agent("camille", Status.AVAILABLE)
    await line.store.announce("n1", "", wall_clock())
    page = await desktop.page("camille")
    assert await page.ask("call_back", contact="old-1") == "done"
    (entry,) = (await line.store.snapshot()).entries
    assert (entry.kind, entry.file, entry.queue, list(entry.members)) == (
        Kind.CALLBACK, "+33612345678", "voirie", ["camille"],
    )  # fmt: skip
    (told,) = [event for _, event in await line.store.follow("0", 0) if event.kind == "call.arrived"]
    assert (told.call, told.data["number"], told.data["medium"]) == (entry.call, "+33612345678", "callback")


@pytest.mark.parametrize("contact", ["old-2", "nobody"])
async def test_nobody_is_called_back_who_may_not_be_dialled(desktop: Desktop, line: Line, contact: str) -> None:
    await line.agent("camille", Status.AVAILABLE)
    page = await desktop.page("camille")
    assert await page.ask("call_back", contact=contact) == "no_way_back"
    assert (await line.store.snapshot()).entries == ()


async def test_who_is_not_free_calls_nobody_back(page: Page, desktop: Desktop) -> None:
    assert await page.ask("call_back", contact="old-1") == "not_free"
    assert await (await desktop.page("audit")).ask("call_back", contact="old-1") == "forbidden"
