"""The store forgets everything under calls: the calls, their order and their agents do not."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from redis import Redis

from telephony.phone import PhoneCall
from tests.acceptance.house import AgentPhone, House, hear_each_other, until

Two = tuple[House, House]

CALLERS, CALLS_EACH = 6, 4
ALL = CALLERS * CALLS_EACH


@contextmanager
def store_of(house: House) -> Iterator[Redis]:
    with Redis.from_url(house.own.settings.store_url, decode_responses=True) as store:
        yield store


async def all_wait(houses: Two, count: int) -> tuple[list[str], list[PhoneCall]]:
    """Callers at both, one after the other: their numbers in that order."""
    numbers, calls = [], []
    for place in range(count):
        caller = await houses[place % 2].caller()
        numbers.append(caller.number)
        calls.append(await caller.wait_in_line())
        await houses[0].contact(caller.number, lambda row: row["entered_at"])
    return numbers, calls


async def served_by(agent: AgentPhone, count: int) -> list[str]:
    served = []
    for _ in range(count):
        rings = await agent.answer(15)
        served.append(rings.other.user)
        await rings.hang_up()
    return served


@pytest.mark.timeout(180)
async def test_a_wiped_store_has_the_line_again_in_its_order_and_who_talks_and_who_was_there(two_houses: Two) -> None:
    north, south = two_houses
    talking, ready, paused = (
        await north.agent("camille", available=True, at=south),
        await north.agent("dominique"),
        await north.agent("sacha", available=True),
    )
    await sacha_pauses(north, paused)
    caller = await north.caller()
    call = await caller.wait_in_line()
    rings = await talking.answer()
    await hear_each_other(call, rings)
    numbers, calls = await all_wait(two_houses, 6)
    with store_of(north) as store:
        store.flushall()
    await until(lambda: len(restored(north)) == 7, "all to be restored", 10)
    await hear_each_other(call, rings)
    await rings.hang_up()
    await call.ended.wait()
    contact = await north.ended_contact(caller.number)
    assert (contact["agent"], contact["outcome"]) == ("camille", "answered")

    await north.event("agent.status", agent="sacha", status="paused")
    # camille is available again without a word: what she had chosen is known
    served = await served_by(talking, 2)
    await ready.become_available()
    both = await asyncio.gather(served_by(talking, 2), served_by(ready, 2))
    assert served == numbers[:2]
    assert sorted(number for each in both for number in each) == sorted(numbers[2:])
    assert paused.phone.incoming.empty()
    await asyncio.gather(*(each.ended.wait(20) for each in calls))


@pytest.mark.timeout(180)
async def test_a_wipe_in_which_the_engines_die_too_is_mended_by_what_the_lines_know(two_houses: Two) -> None:
    north, south = two_houses
    numbers, _ = await all_wait(two_houses, 4)
    dead = {name: await north.kill(name) for name in ("engine", "engine-2")}
    with store_of(north) as store:
        store.flushall()
    for name, pid in dead.items():
        await north.own.restarted(name, pid)
    await until(lambda: len(restored(north)) == 11, "all to be restored", 15)
    agent = await north.agent("dominique", available=True, at=south)
    assert await served_by(agent, 4) == numbers


async def sacha_pauses(house: House, sacha: AgentPhone) -> None:
    await sacha.pause()
    await house.event("agent.status", agent="sacha", status="paused")


def restored(house: House) -> list[str]:
    return [event["data"]["entry"] for event in house.events("entry.restored")]
