"""Moving a call where agents have plain phones: what the house does, without any page. Real Asterisk, real SIP."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path

import pytest

from app.bench.house import OwnHouse
from app.install.native import Native
from core.clock import wall_clock
from queues.model import Entry
from queues.store.redis import RedisStore
from telephony.phone import PhoneCall
from tests.acceptance.conftest import FIRST_PORT, LAST_PORT
from tests.acceptance.house import House, hear_each_other, until

TOWN = Path(__file__).parent / "moves_town"
_ids = count(1)


@pytest.fixture(scope="module")
def own_house(native: Native) -> Iterator[OwnHouse]:
    with OwnHouse(TOWN, first_port=FIRST_PORT, last_port=LAST_PORT) as own:
        yield own


@pytest.fixture
async def store(house: House) -> AsyncIterator[RedisStore]:
    store = RedisStore(house.own.settings.store_url)
    yield store
    await store.close()


async def entry_of(store: RedisStore, agent: str) -> Entry:
    """The conversation that the agent has."""
    known = await store.agent(agent)
    entry = await store.entry(known.entry) if known else None
    assert entry, f"{agent} has no call"
    return entry


async def want(store: RedisStore, agent: str, how: str, to: str = "agent:sacha") -> None:
    """What the agent's page would say."""
    entry, said = await entry_of(store, agent), f"m{next(_ids)}"
    onward = {"id": said, "how": how, "to": to, "author": agent, "keep_place": True}
    onward["consult"] = entry.onward.get("consult") or f"{entry.call}-{said}"
    assert await store.direct(entry.id, agent, onward, wall_clock()) is None


async def state_is(store: RedisStore, agent: str, state: str) -> None:
    for _ in range(250):
        if (known := await store.agent(agent)) and known.state == state:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"{agent} is {known.state if known else 'nobody'}, not {state}")


async def consulting(house: House, store: RedisStore) -> tuple[PhoneCall, PhoneCall, PhoneCall]:
    """Camille asks sacha, who answers: the calls of the caller, of camille and of sacha."""
    caller = await house.caller()
    camille = await house.agent("camille", available=True)
    call = await caller.wait_in_line()
    hers = await camille.answer()
    await hear_each_other(call, hers)
    sacha = await house.agent("sacha", available=True)
    await want(store, "camille", "consult")
    theirs = await sacha.answer()
    await hear_each_other(hers, theirs)
    await call.wait_sound()  # music
    return call, hers, theirs


async def test_the_caller_is_handed_over(house: House, store: RedisStore) -> None:
    call, hers, theirs = await consulting(house, store)
    await want(store, "camille", "complete")
    await hear_each_other(call, theirs)
    await hers.ended.wait(5)
    await state_is(store, "camille", "wrap_up")
    await theirs.hang_up()
    await call.ended.wait(20)


async def test_all_three_talk_and_the_first_agent_leaves(house: House, store: RedisStore) -> None:
    call, hers, theirs = await consulting(house, store)
    await want(store, "camille", "join")
    call.play_tone(440)
    for each in (hers, theirs):
        await each.wait_tone(440)
    call.be_quiet()
    theirs.play_tone(1000)
    for each in (hers, call):
        await each.wait_tone(1000)
    theirs.be_quiet()
    await hers.hang_up()
    await state_is(store, "camille", "wrap_up")
    await hear_each_other(call, theirs)
    await call.hang_up()
    await theirs.ended.wait(5)


async def test_back_to_the_caller(house: House, store: RedisStore) -> None:
    call, hers, theirs = await consulting(house, store)
    await want(store, "camille", "cancel")
    await theirs.ended.wait(5)
    await hear_each_other(call, hers)
    await hers.hang_up()
    await call.ended.wait(20)


async def test_the_second_hangs_up_and_the_agent_has_the_caller_again(house: House, store: RedisStore) -> None:
    call, hers, theirs = await consulting(house, store)
    await theirs.hang_up()
    await hear_each_other(call, hers)
    await want(store, "camille", "blind", "queue:voirie")
    await hers.ended.wait(5)
    await until(lambda: house.rows("SELECT 1 FROM entry WHERE queue = 'voirie'"), "the other queue")
    await call.hang_up()


async def test_the_caller_hangs_up_while_they_wait(house: House, store: RedisStore) -> None:
    call, hers, theirs = await consulting(house, store)
    await call.hang_up()
    await state_is(store, "camille", "wrap_up")
    await hers.hang_up()
    await theirs.ended.wait(5)
