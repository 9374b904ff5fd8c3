"""A queue that rings everybody: the first to answer has the call."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.bench.house import OwnHouse
from app.install.native import Native
from tests.acceptance.conftest import FIRST_PORT, LAST_PORT
from tests.acceptance.house import House, hear_each_other

TOWN = Path(__file__).parent / "control"
NUMBER = "3940"


@pytest.fixture(scope="module")
def own_house(native: Native) -> Iterator[OwnHouse]:
    with OwnHouse(TOWN, first_port=FIRST_PORT, last_port=LAST_PORT) as own:
        for agent in ("camille", "dominique", "sacha"):
            own.run("agents", "skills", agent, "--only", "ensemble=1")
        yield own


async def test_two_phones_ring_one_answers_and_the_other_stops(house: House) -> None:
    camille = await house.agent("camille", available=True)
    dominique = await house.agent("dominique", available=True)
    caller = await house.caller()
    call = await caller.dial(NUMBER)
    rings, others = await asyncio.gather(camille.next_call(), dominique.next_call())
    rings.answer()
    await others.ended.wait()
    await hear_each_other(call, rings)
    await rings.hang_up()
    await call.ended.wait()

    contact = await house.ended_contact(caller.number)
    assert (contact["agent"], contact["offers"]) == ("camille", 2)
    withdrawn = await house.event("entry.withdrawn", contact["id"])
    assert (withdrawn["data"]["agent"], withdrawn["data"]["reason"]) == ("dominique", "answered_elsewhere")

    second = await house.caller()
    await second.dial(NUMBER)
    assert (await dominique.next_call()).other.user == second.number, "dominique missed nothing"


async def test_nobody_answers_and_the_caller_keeps_the_place(house: House) -> None:
    camille = await house.agent("camille", available=True)
    dominique = await house.agent("dominique", available=True)
    caller = await house.caller()
    await caller.dial(NUMBER)
    rings = await asyncio.gather(camille.next_call(), dominique.next_call())
    for each in rings:
        await each.ended.wait(20)
    sacha = await house.agent("sacha", available=True)
    assert (await sacha.answer()).other.user == caller.number
    reasons = {(e["data"]["agent"], e["data"]["reason"]) for e in house.events("entry.withdrawn")[-2:]}
    assert reasons == {("camille", "no_answer"), ("dominique", "no_answer")}


async def test_a_busy_phone_does_not_hold_the_others_up(house: House) -> None:
    camille = await house.agent("camille", available=True)
    dominique = await house.agent("dominique", available=True)
    caller = await house.caller()
    call = await caller.dial(NUMBER)
    rings, busy = await asyncio.gather(camille.next_call(), dominique.next_call())
    busy.reject(486)
    contact = await house.contact(caller.number, lambda row: row["offers"])
    withdrawn = await house.event("entry.withdrawn", contact["id"], agent="dominique")
    assert withdrawn["data"]["reason"] == "busy"
    rings.answer()
    await hear_each_other(call, rings)
