"""The loop around the router, on the store in memory and with a clock moved by hand."""

import asyncio
from collections.abc import Sequence

import pytest

from core.clock import HandClock
from core.ids import counted_ids
from queues.chores import OFFER_GRACE_MS
from queues.dispatcher import TOLD_WITHIN_MS, Dispatcher
from queues.model import AgentState, EntryState, Proposal, Refusal, Setback
from queues.store.memory import MemoryStore
from queues.store.port import DISPATCHER, RONA_EXCLUDED_MS, StoreAway
from tests.line import NOW, agent, entry, kinds


@pytest.fixture
def clock() -> HandClock:
    return HandClock(NOW)


@pytest.fixture
def store(clock: HandClock) -> MemoryStore:
    return MemoryStore(clock, counted_ids("event"))


@pytest.fixture
def dispatcher(store: MemoryStore, clock: HandClock) -> Dispatcher:
    return Dispatcher(store, "d1", clock, counted_ids("offer"), lease_ms=3_600_000)


async def turns(dispatcher: Dispatcher, count: int = 3) -> None:
    for _ in range(count):
        await dispatcher.turn(0)


async def offers(store: MemoryStore) -> list[tuple[str, str]]:
    return [(message.entry, message.agent) for _, message in await store.inbox("n1", "0", 0)]


async def test_a_call_that_waits_is_offered_to_the_agent_who_is_ready(
    store: MemoryStore, dispatcher: Dispatcher
) -> None:
    await store.put_agent(agent(), NOW)
    await turns(dispatcher)
    await store.enqueue(entry())
    await turns(dispatcher)
    assert await offers(store) == [("e1", "a1")]
    assert (await store.entry("e1")).state is EntryState.OFFERED


async def test_what_stood_there_before_the_dispatcher_came_is_served_too(
    store: MemoryStore, dispatcher: Dispatcher
) -> None:
    await store.put_agent(agent(), NOW)
    await store.enqueue(entry())
    await turns(dispatcher)
    assert await offers(store) == [("e1", "a1")]


async def test_many_calls_and_agents_are_matched_in_their_order(store: MemoryStore, dispatcher: Dispatcher) -> None:
    for number in range(500):
        await store.enqueue(entry(f"e{number:03}", since=number))
        await store.put_agent(agent(f"a{number:03}", idle=number), NOW)
    await turns(dispatcher)
    assert await offers(store) == [(f"e{number:03}", f"a{number:03}") for number in range(500)]


async def test_a_running_dispatcher_offers_as_soon_as_something_happens(
    store: MemoryStore, dispatcher: Dispatcher
) -> None:
    running = asyncio.create_task(dispatcher.run())
    await store.put_agent(agent(), NOW)
    await store.enqueue(entry())
    async with asyncio.timeout(5):
        [(_, message)] = await store.inbox("n1", "0", 5000)
    assert message.entry == "e1"
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert await store.take_lease(DISPATCHER, "d2", 1000) is not None, "the lease was given back"


async def test_wrap_up_ends_at_its_time_and_the_next_call_is_offered(
    store: MemoryStore, dispatcher: Dispatcher, clock: HandClock
) -> None:
    await store.put_agent(agent(), NOW)
    await store.enqueue(entry("e1", wrap_up_ms=30_000))
    await turns(dispatcher)
    offer = (await store.entry("e1")).offer
    await store.answer("e1", offer, clock())
    await store.finish("e1", 1, clock())
    await store.enqueue(entry("e2"))
    clock.advance(29_999)
    await turns(dispatcher)
    assert (await store.agent("a1")).state is AgentState.WRAP_UP
    clock.advance(1)
    await turns(dispatcher)
    assert await offers(store) == [("e1", "a1"), ("e2", "a1")]


async def test_an_offer_that_no_engine_takes_up_goes_to_the_next_agent(
    store: MemoryStore, dispatcher: Dispatcher, clock: HandClock
) -> None:
    await store.put_agent(agent("a1", idle=-9), NOW)
    await store.put_agent(agent("a2"), NOW)
    await store.enqueue(entry(ring_ms=20_000))
    await turns(dispatcher)
    clock.advance(20_000 + OFFER_GRACE_MS)
    await turns(dispatcher, 4)
    assert await offers(store) == [("e1", "a1"), ("e1", "a2")]
    assert (await store.agent("a1")).state is AgentState.IDLE


async def test_an_agent_who_did_not_answer_is_tried_again_when_the_exclusion_is_over(
    store: MemoryStore, dispatcher: Dispatcher, clock: HandClock
) -> None:
    await store.put_agent(agent(), NOW)
    await store.enqueue(entry())
    await turns(dispatcher)
    await store.withdraw("e1", (await store.entry("e1")).offer, Setback.NO_ANSWER, clock())
    await turns(dispatcher)
    clock.advance(RONA_EXCLUDED_MS - 1)
    await turns(dispatcher)
    assert len(await offers(store)) == 1
    clock.advance(1)
    await turns(dispatcher)
    assert len(await offers(store)) == 2


async def test_the_second_dispatcher_waits_and_takes_over(
    store: MemoryStore, dispatcher: Dispatcher, clock: HandClock
) -> None:
    second = Dispatcher(store, "d2", clock, counted_ids("other"), lease_ms=3_600_000)
    assert await dispatcher.turn(0)
    assert not await second.turn(0)
    await store.release_lease(DISPATCHER, "d1")
    assert await second.turn(0)


async def test_a_dispatcher_that_slept_through_the_loss_of_its_lease_commits_nothing(
    store: MemoryStore, dispatcher: Dispatcher, clock: HandClock
) -> None:
    await store.put_agent(agent(), NOW)
    await turns(dispatcher)
    await store.release_lease(DISPATCHER, "d1")
    second = Dispatcher(store, "d2", clock, counted_ids("other"), lease_ms=3_600_000)
    assert await second.turn(0)
    await store.enqueue(entry())
    assert await dispatcher.turn(0), "it believes that it leads, and reads of the call"
    await dispatcher.turn(0)
    assert await offers(store) == []
    assert not await dispatcher.turn(0), "the refused fence told it"
    await turns(second)
    assert await offers(store) == [("e1", "a1")]


class RefusingStore(MemoryStore):
    """Refuses the first offers without any event that says why: as after a loss of data."""

    refusals = 1

    async def offer(self, fence: int, proposals: Sequence[Proposal]) -> list[Refusal | None]:
        if proposals and self.refusals:
            self.refusals -= 1
            return [Refusal.ENTRY_GONE] * len(proposals)
        return await super().offer(fence, proposals)


async def test_a_refusal_that_nothing_explains_makes_the_dispatcher_look_afresh(clock: HandClock) -> None:
    store = RefusingStore(clock)
    await store.put_agent(agent(), NOW)
    await store.enqueue(entry())
    await turns(Dispatcher(store, "d1", clock, lease_ms=3_600_000), 4)
    assert await offers(store) == [("e1", "a1")]


class AwayStore(MemoryStore):
    """Away for the first few questions."""

    away = 3

    async def take_lease(self, name: str, holder: str, ttl_ms: int) -> int | None:
        if self.away:
            self.away -= 1
            raise StoreAway("The store does not answer: see that it runs.")
        return await super().take_lease(name, holder, ttl_ms)


async def test_a_store_that_is_away_is_waited_for(clock: HandClock) -> None:
    store = AwayStore(clock)
    await store.put_agent(agent(), NOW)
    await store.enqueue(entry())
    running = asyncio.create_task(Dispatcher(store, "d1", clock).run())
    async with asyncio.timeout(5):
        assert len(await store.inbox("n1", "0", 5000)) == 1
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert "entry.offered" in await kinds(store)


async def test_a_store_that_has_just_begun_is_given_time_to_be_told_of_all_calls(
    store: MemoryStore, dispatcher: Dispatcher, clock: HandClock
) -> None:
    await store.announce("n1", "north", clock())
    await store.put_agent(agent(), NOW)
    await store.restore(entry("e2", since=5), clock())
    await turns(dispatcher)
    assert await offers(store) == []
    await store.restore(entry("e1"), clock())
    await turns(dispatcher)
    clock.advance(TOLD_WITHIN_MS)
    await turns(dispatcher)
    assert await offers(store) == [("e1", "a1")]


async def test_a_store_that_is_wiped_under_a_leading_dispatcher_is_too(
    store: MemoryStore, dispatcher: Dispatcher, clock: HandClock
) -> None:
    await store.put_agent(agent(), NOW)
    await turns(dispatcher)
    await store.announce("n1", "north", clock.advance(60_000))
    await store.enqueue(entry())
    await turns(dispatcher)
    assert await offers(store) == []
    clock.advance(TOLD_WITHIN_MS)
    await turns(dispatcher)
    assert await offers(store) == [("e1", "a1")]
