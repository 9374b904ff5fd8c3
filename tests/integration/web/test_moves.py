"""An agent sends the caller they talk with elsewhere."""

import pytest

from core.clock import wall_clock
from queues.model import Status
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
        ("mairie", True, True), ("musee", False, True), ("caf", True, False),
    ]  # fmt: skip
