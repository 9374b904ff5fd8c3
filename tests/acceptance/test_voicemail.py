"""A message is work for its queue: an agent's plain phone rings, and plays it."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from app.bench.house import OwnHouse
from app.install.native import Native
from tests.acceptance.conftest import FIRST_PORT, LAST_PORT
from tests.acceptance.house import House, until

TOWN = Path(__file__).parent / "control"
NUMBER = "3941"
TONE_HZ = 700
SPOKEN_S = 2.5


@pytest.fixture(scope="module")
def own_house(native: Native) -> Iterator[OwnHouse]:
    with OwnHouse(TOWN, first_port=FIRST_PORT, last_port=LAST_PORT) as own:
        for agent in ("camille", "dominique"):
            own.run("agents", "skills", agent, "--only", "messages=1")
        yield own


async def leave_a_message(house: House) -> str:
    """A tone of its own; gives the call's id. The caller hangs up before the end."""
    caller = await house.caller()
    call = await caller.reach(NUMBER)
    await call.wait_silence()
    call.play_tone(TONE_HZ)
    await asyncio.sleep(SPOKEN_S)
    await call.hang_up()
    left = (await house.ended_contact(caller.number))["id"]
    entered = await house.event("entry.entered", left, queue="messages")
    assert entered["data"]["due"] == entered["at"] + 3_600_000
    return str(entered["call"])


async def test_an_agents_phone_rings_and_plays_the_message_and_once_more_on_request(house: House) -> None:
    call = await leave_a_message(house)
    camille = await house.agent("camille", available=True)
    rings = await camille.answer()
    await rings.wait_tone(TONE_HZ, limit=15)
    await rings.wait_silence(over=1.0)
    await rings.press("*")
    await rings.wait_tone(TONE_HZ, limit=15)
    await rings.hang_up()
    finished = await house.event("entry.finished", call)
    assert finished["data"]["agent"] == "camille"
    assert house.event_kinds(call)[-5:] == [
        "entry.entered", "entry.offered", "entry.ringing", "entry.answered", "entry.finished"
    ]  # fmt: skip
    assert (await house.contact_of(call))["agent"] is None, "nobody spoke with the caller"


async def test_a_message_that_is_not_answered_goes_to_the_next_agent(house: House) -> None:
    dominique = await house.agent("dominique", available=True)
    call = await leave_a_message(house)
    rings = await dominique.next_call()
    await rings.ended.wait(20)
    withdrawn = await house.event("entry.withdrawn", call)
    assert (withdrawn["data"]["agent"], withdrawn["data"]["reason"]) == ("dominique", "no_answer")
    camille = await house.agent("camille", available=True)
    answered = await camille.answer()
    await answered.wait_tone(TONE_HZ, limit=15)
    await answered.ended.wait(30)
    assert (await house.event("entry.finished", call))["data"]["agent"] == "camille"


async def test_the_engine_dies_while_a_message_is_played_and_it_is_played_again(house: House) -> None:
    camille = await house.agent("camille", available=True)
    call = await leave_a_message(house)
    first = await camille.answer()
    await first.wait_tone(TONE_HZ, limit=15)
    await house.event("entry.answered", call)
    await house.own.restarted("engine", await house.kill("engine"))
    await first.hang_up()
    again = await camille.answer(limit=20)
    await again.wait_tone(TONE_HZ, limit=15)
    await again.hang_up()
    await house.event("entry.finished", call)
    assert [each["data"]["reason"] for each in house.events("entry.withdrawn") if each["call"] == call] == ["returned"]


async def typed(house: House, *words: str) -> str:
    return await asyncio.to_thread(house.own.run, *words)


def wipe(house: House) -> None:
    with Redis.from_url(house.own.settings.store_url) as store:
        store.flushall()


async def live_version(house: House) -> str:
    versions = json.loads(await typed(house, "versions", "--json"))["versions"]
    [live] = [version["version"] for version in versions if version["live"]]
    return str(live)


async def test_a_wiped_store_loses_no_message_and_opens_nothing_that_was_closed(house: House) -> None:
    call = await leave_a_message(house)
    await typed(house, "queues", "close", "voirie")
    await typed(house, "hours", "close", "guichet", "--because", "Panne")
    await house.event("hours.switched", hours="guichet", position="closed")
    live = await live_version(house)
    wipe(house)
    await house.event("store.told", entries=1, closed=1, switches=1)
    try:
        queues = json.loads(await typed(house, "queues", "list", "--json"))["queues"]
        assert [queue["queue"] for queue in queues if queue["closed"]] == ["voirie"]
        hours = json.loads(await typed(house, "hours", "status", "--json"))["hours"]
        assert (hours["guichet"]["open"], hours["guichet"]["because"]) == (False, "Panne")
        await house.event("town.published", how="restored")
        assert await live_version(house) == live
    finally:
        await typed(house, "queues", "open", "voirie")
        await typed(house, "hours", "normal", "guichet")

    camille = await house.agent("camille", available=True)
    rings = await camille.answer()
    await rings.wait_tone(TONE_HZ, limit=15)
    await house.event("entry.answered", call)
    before = len(house.events("store.told"))
    wipe(house)
    await until(lambda: len(house.events("store.told")) > before, "the store to be told again")
    await rings.hang_up()
    await house.event("entry.finished", call)
    assert house.event_kinds(call)[-6:] == [
        *("entry.restored", "entry.offered", "entry.ringing", "entry.answered"), "entry.restored", "entry.finished"
    ]  # fmt: skip
