"""The store dies under calls, or forgets everything: the calls, their order and their agents do not."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisAway

from telephony.phone import PhoneCall
from tests.acceptance.house import AgentPhone, House, Record, hear_each_other, until

Two = tuple[House, House]

CALLERS, CALLS_EACH = 6, 4
ALL = CALLERS * CALLS_EACH


@contextmanager
def store_of(house: House) -> Iterator[Redis]:
    with Redis.from_url(house.own.settings.store_url, decode_responses=True) as store:
        yield store


async def serve(agent: AgentPhone, served: list[str]) -> None:
    """Answer whatever rings, for ever."""
    await agent.become_available()
    while True:
        rings = await agent.answer(60)
        served.append(rings.other.user)
        await rings.hang_up()


async def back(store: Redis) -> float:
    """Wait until the server answers; gives the time."""
    while True:
        try:
            store.ping()
            return time.monotonic()
        except RedisAway:
            await asyncio.sleep(0.01)


async def commits(store: Redis, kind: str, after: str, limit: float = 30.0) -> float:
    """Wait until an event of that kind is appended after that point; gives the time."""
    end = time.monotonic() + limit
    while not any(f'"kind":"{kind}"' in item["e"] for _, item in store.xrange("{guichet}:events", f"({after}", "+")):
        agents = store.hvals("{guichet}:agents")
        assert time.monotonic() < end, f"no {kind} in {limit:g} s; the agents are {agents}"
        await asyncio.sleep(0.01)
    return time.monotonic()


@pytest.mark.timeout(240)
async def test_calls_come_and_are_answered_while_the_store_is_killed_again_and_again(
    house: House, record_property: Record
) -> None:
    numbers: list[str] = []
    served: list[str] = []
    agents = [await house.agent() for _ in range(4)]
    serving = [asyncio.create_task(serve(agent, served)) for agent in agents]

    async def somebody() -> None:
        for _ in range(CALLS_EACH):
            caller = await house.caller()
            numbers.append(caller.number)
            call = await caller.wait_in_line()
            await call.ended.wait(90)

    calling = [asyncio.create_task(somebody()) for _ in range(CALLERS)]
    for share in (0.25, 0.6):
        await until(lambda share=share: len(served) >= ALL * share, "calls to be served", 60)
        with store_of(house) as store:
            last = store.xinfo_stream("{guichet}:events")["last-generated-id"]
            await house.kill("valkey")
            returned = await back(store)
            goes_on = await commits(store, "entry.answered", last)
        record_property("goes_on_after_s", round(goes_on - returned, 2))
    await asyncio.gather(*calling)
    for task in serving:
        task.cancel()
    await asyncio.gather(*serving, return_exceptions=True)

    assert sorted(served) == sorted(numbers), "each caller spoke with one agent, once"
    for number in numbers:
        contact = await house.ended_contact(number)
        assert (contact["outcome"], contact["offers"] >= 1) == ("answered", True)


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
    await asyncio.gather(*(each.ended.wait(10) for each in calls))


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
