"""What supervisors type while callers wait and agents work."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.bench.house import OwnHouse
from app.install.native import Native
from core.errors import GuichetError
from tests.acceptance.conftest import FIRST_PORT, LAST_PORT
from tests.acceptance.house import AgentPhone, Caller, House, hear_each_other

TOWN = Path(__file__).parent / "control"
WRAP_UP_S = 20
"""Of queue mairie."""


@pytest.fixture(scope="module")
def own_house(native: Native) -> Iterator[OwnHouse]:
    with OwnHouse(TOWN, first_port=FIRST_PORT, last_port=LAST_PORT) as own:
        own.run("agents", "skills", "camille", "mairie=1")
        own.run("agents", "skills", "sacha", "voirie=2")
        yield own


async def typed(house: House, *words: str) -> str:
    return await asyncio.to_thread(house.own.run, *words)


async def in_line(house: House, queue: str = "mairie") -> list[dict[str, Any]]:
    return json.loads(await typed(house, "queues", "show", queue, "--json"))["waiting"]


async def waits(house: House, caller: Caller) -> tuple[Any, str]:
    """The caller dials and is in line; gives the call and its id."""
    call = await caller.dial()
    await call.answered.wait()
    return call, (await house.contact(caller.number, lambda row: row["entered_at"]))["id"]


async def test_a_new_agent_registers_a_phone_and_takes_calls_in_the_house_that_runs(house: House) -> None:
    added = await typed(house, "agents", "add", "noa", "--skill", "mairie=2")
    words = added.split()
    extension, password = words[2].strip(","), words[4].strip(";")
    house.accounts["noa"] = {"id": "noa", "extension": extension, "password": password}
    noa: AgentPhone = await house.agent("noa", available=True)
    assert {"id": "noa", "extension": extension, "password": password, "skills": {"mairie": 2}} in (
        await asyncio.to_thread(house.own.status)
    )["agents"]

    caller = await house.caller()
    call = await caller.dial()
    conversation = await noa.answer()
    await hear_each_other(call, conversation)
    await conversation.hang_up()
    await call.ended.wait()
    await typed(house, "agents", "end-wrap-up", "noa")
    cut = await house.event("agent.state", agent="noa", cause="cut")
    assert cut["data"]["author"]

    await typed(house, "agents", "remove", "noa")
    waiting, _ = await waits(house, await house.caller())
    assert noa.phone.incoming.empty()
    del house.accounts["noa"]
    house.forget(noa)
    await waiting.hang_up()


async def test_skills_count_at_once_for_those_who_wait(house: House) -> None:
    dominique = await house.agent("dominique", available=True)
    caller = await house.caller()
    call, _ = await waits(house, caller)
    assert "mairie 1" in await typed(house, "agents", "skills", "dominique", "mairie=1")
    rings = await dominique.answer()
    assert rings.other.user == caller.number
    await call.hang_up()
    await typed(house, "agents", "skills", "dominique", "mairie=0")


async def test_a_call_pulled_to_the_front_is_served_before_those_who_came_first(house: House) -> None:
    first, second = await house.caller(), await house.caller()
    _, _ = await waits(house, first)
    _, second_id = await waits(house, second)
    await typed(house, "queues", "front", second_id)
    assert next(each["call"] for each in await in_line(house)) == second_id
    camille = await house.agent("camille", available=True)
    assert (await camille.answer()).other.user == second.number
    event = await house.event("entry.prioritised", second_id)
    assert event["data"]["reason"] == "front"


async def test_a_call_is_moved_and_keeps_its_place(house: House) -> None:
    caller = await house.caller()
    _, call_id = await waits(house, caller)
    sacha = await house.agent("sacha", available=True)
    await typed(house, "queues", "move", call_id, "voirie")
    assert (await sacha.answer()).other.user == caller.number
    contact = await house.contact(caller.number, lambda row: row["answered_at"])
    assert contact["queue"] == "voirie"


async def test_a_closed_queue_admits_nobody_and_sends_those_away_who_wait_by_their_flows_exit(house: House) -> None:
    early, late, later = await house.caller(), await house.caller(), await house.caller()
    waiting, _ = await waits(house, early)
    await typed(house, "queues", "close", "mairie")
    turned_away = await late.dial()
    await turned_away.ended.wait(20)
    assert len(await in_line(house)) == 1

    await typed(house, "queues", "close", "mairie", "--send-away")
    await waiting.ended.wait(20)
    contact = await house.ended_contact(early.number)
    assert (contact["outcome"], contact["reason"], contact["path"][-1]) == ("left", "closed", "parti")
    assert (await house.ended_contact(late.number))["path"][-1] == "parti"

    await typed(house, "queues", "open", "mairie")
    await waits(house, later)


async def test_a_supervisor_pauses_and_logs_an_agent_out(house: House) -> None:
    camille = await house.agent("camille", available=True)
    await typed(house, "agents", "pause", "camille", "--reason", "fire drill")
    caller = await house.caller()
    await waits(house, caller)
    assert camille.phone.incoming.empty()
    shown = json.loads(await typed(house, "agents", "list", "--json"))["agents"]
    (now,) = (each for each in shown if each["id"] == "camille")
    assert (now["status"], now["reason"]) == ("paused", "fire drill")
    await typed(house, "agents", "available", "camille")
    # The wrap-up of a former call of hers may have some seconds left.
    assert (await camille.next_call(WRAP_UP_S + 5)).other.user == caller.number
    await typed(house, "agents", "logout", "camille")
    author = (await house.event("agent.status", agent="camille", status="offline"))["data"]["author"]
    assert author and author != "camille"


async def test_a_mistake_is_answered_with_a_sentence(house: House) -> None:
    for words, sentence in (
        (("agents", "pause", "camile"), "There is no agent 'camile' at work; did you mean camille?"),
        (("queues", "close", "voiri"), "There is no queue 'voiri'; did you mean voirie?"),
        (("queues", "front", "9999"), "No call '9999' waits: `./guichet queues show QUEUE` shows those that do."),
        (("agents", "add", "camille"), "There is an agent 'camille' or an extension"),
        (("agents", "remove", "camile"), "There is no agent 'camile'; did you mean camille?"),
    ):
        with pytest.raises(GuichetError) as said:
            await typed(house, *words)
        assert sentence in str(said.value)
