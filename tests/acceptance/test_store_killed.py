"""The store is killed under calls, again and again: nothing that it acknowledged is lost, and calls go on."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisAway

from tests.acceptance.house import AgentPhone, House, Record, until

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
