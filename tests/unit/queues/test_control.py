"""What supervisors and agents do to the line, on the store in memory."""

from typing import Any

import pytest

from core.clock import HandClock
from core.ids import counted_ids
from queues.control import LiveControl, NotNow, Unknown
from queues.definition import Queue
from queues.model import AgentState, AwayMessage, EntryState, Kind, Setback, Status
from queues.store.memory import MemoryStore
from queues.store.port import QueueClosed
from tests.line import NOW, agent, entry, fence_of, offered, proposal, talking

MINUTE = 60_000


def queue(name: str, **more: Any) -> Queue:
    return Queue.model_validate({"queue": name, **more})


QUEUES = {each.name: each for each in (
    queue("civil", require=[{"skills": {"civil": 2}, "for": "1m"}, {"skills": {"civil": 1}}]),
    queue("roads", require=[{"skills": {"roads": 1}}], strategy="linear", wrap_up="0s"),
    queue("desk", members={"a1": {}}),
)}  # fmt: skip


@pytest.fixture
def clock() -> HandClock:
    return HandClock(NOW)


@pytest.fixture
def store(clock: HandClock) -> MemoryStore:
    return MemoryStore(clock, counted_ids("event"))


@pytest.fixture
def control(store: MemoryStore, clock: HandClock) -> LiveControl:
    return LiveControl(store, lambda: QUEUES, clock)


async def authors(store: MemoryStore, kind: str) -> list[str]:
    return [event.data["author"] for _, event in await store.follow("0", 0) if event.kind == kind]


# --- agents -----------------------------------------------------------------------------------------------------------


async def test_an_agent_is_paused_for_a_reason_and_called_back(control: LiveControl, store: MemoryStore) -> None:
    await store.put_agent(agent(), NOW)
    await control.pause("a1", " fire\u202e drill\n", "boss")
    paused = await store.agent("a1")
    assert paused is not None
    assert (paused.status, paused.reason) == (Status.PAUSED, "fire drill")
    await control.make_available("a1", "a1")
    await control.log_out("a1", "boss")
    assert await authors(store, "agent.status") == ["boss", "a1", "boss"]


async def test_an_agent_who_did_not_respond_is_back_with_one_click(control: LiveControl, store: MemoryStore) -> None:
    await offered(store)
    await store.withdraw("e1", "o1", Setback.NO_ANSWER, NOW + 1)
    await store.offer(await fence_of(store), [proposal("o2")])
    await store.withdraw("e1", "o2", Setback.NO_ANSWER, NOW + 2)
    assert (await store.agent("a1")).state is AgentState.NOT_RESPONDING
    await control.make_available("a1", "a1")
    assert (await store.agent("a1")).ready


async def test_an_agent_whom_nobody_knows_is_told_with_the_nearest_name(
    control: LiveControl, store: MemoryStore
) -> None:
    await store.put_agent(agent("camille", extension="101"), NOW)
    with pytest.raises(Unknown, match=r"There is no agent 'camile' at work; did you mean camille\?"):
        await control.pause("camile", "", "boss")
    with pytest.raises(Unknown):
        await control.end_wrap_up("camile", "boss")


async def test_a_wrap_up_is_ended_by_the_agent_or_a_supervisor(control: LiveControl, store: MemoryStore) -> None:
    with pytest.raises(NotNow, match="a1 is not in wrap-up"):
        await talking(store)
        await control.end_wrap_up("a1", "a1")
    await store.finish("e1", 1, NOW)
    await control.end_wrap_up("a1", "a1")
    assert (await store.agent("a1")).ready


async def test_a_wrap_up_until_coded_is_coded_by_the_agent_and_cut_by_others_only(
    control: LiveControl, store: MemoryStore
) -> None:
    await talking(store, until_coded=True)
    await store.finish("e1", 1, NOW)
    with pytest.raises(NotNow, match="what the outcome was"):
        await control.end_wrap_up("a1", "a1")
    with pytest.raises(NotNow, match="no end"):
        await control.extend_wrap_up("a1", MINUTE, "a1")
    await control.code("a1", "settled", "a1")
    assert (await store.agent("a1")).ready
    with pytest.raises(NotNow):
        await control.code("a1", "settled", "a1")


async def test_a_wrap_up_is_extended_as_far_as_the_queue_allows(control: LiveControl, store: MemoryStore) -> None:
    await talking(store, wrap_up_ms=MINUTE, wrap_up_most_ms=2 * MINUTE)
    await store.finish("e1", 1, NOW)
    assert await control.extend_wrap_up("a1", 10 * MINUTE, "a1") == NOW + 2 * MINUTE
    with pytest.raises(NotNow, match="wrap_up_most"):
        await control.extend_wrap_up("a1", MINUTE, "a1")


# --- deferred work beside calls ---------------------------------------------------------------------------------------


async def test_messages_held_beside_calls_are_done_or_given_back(control: LiveControl, store: MemoryStore) -> None:
    await store.put_agent(agent(), NOW)
    await control.set_capacity("a1", 2, "boss")
    for name, since in (("m1", 0), ("m2", -MINUTE)):
        await store.enqueue(entry(name, since, kind=Kind.VOICEMAIL, file=name))
    fence = await fence_of(store)
    assert await store.offer(fence, [proposal("o1", "m1", "a1"), proposal("o2", "m2", "a1")]) == [None, None]
    assert [each.id for each in await control.work_of("a1")] == ["m2", "m1"]
    await control.finish_work("a1", "m1")
    await control.give_back("a1", "m2")
    assert await control.work_of("a1") == []
    assert [each.id for each in await control.waiting("civil")] == ["m2"]
    with pytest.raises(NotNow, match="a1 does not have m2"):
        await control.finish_work("a1", "m2")
    with pytest.raises(NotNow, match="0 to 20 messages, not 21"):
        await control.set_capacity("a1", 21, "boss")
    with pytest.raises(Unknown):
        await control.set_capacity("a9", 1, "boss")
    assert await authors(store, "agent.work") == ["boss", "", "", "", ""]


# --- calls ------------------------------------------------------------------------------------------------------------


async def test_a_call_pulled_to_the_front_is_next_and_the_others_keep_their_order(
    control: LiveControl, store: MemoryStore
) -> None:
    for name, since in (("e1", -5 * MINUTE), ("e2", -4 * MINUTE), ("e3", 0)):
        await store.enqueue(entry(name, since))
    await store.enqueue(entry("other", -90 * MINUTE, queue="roads"))
    await control.pull_to_front("call-e3", "boss")
    assert [each.id for each in await control.waiting("civil")] == ["e3", "e1", "e2"]
    assert (await store.entry("e3")).since == NOW
    await control.pull_to_front("e2", "boss")
    assert [each.id for each in await control.waiting("civil")] == ["e2", "e3", "e1"]
    await control.pull_to_front("e2", "boss")
    assert await authors(store, "entry.prioritised") == ["boss", "boss"]


async def test_a_call_is_known_by_the_end_of_its_id_where_no_other_has_it(
    control: LiveControl, store: MemoryStore
) -> None:
    await store.enqueue(entry("e1", call="guichet-1732.17"))
    await store.enqueue(entry("e2", call="guichet-1732.27"))
    with pytest.raises(Unknown, match=r"Several calls end in '7': guichet-1732\.17, guichet-1732\.27"):
        await control.pull_to_front("7", "boss")
    with pytest.raises(Unknown, match="No call '9' waits"):
        await control.pull_to_front("9", "boss")
    assert (await control.pull_to_front(".27", "boss")).id == "e2"


async def test_a_call_is_moved_with_what_its_flow_asked_for(control: LiveControl, store: MemoryStore) -> None:
    await store.enqueue(entry("e1", -MINUTE, skills={"english": 1}, required={"civil": 2, "english": 1}))
    await control.move("e1", "roads", "boss")
    moved = await store.entry("e1")
    assert moved is not None
    assert (moved.queue, moved.since, moved.strategy, moved.wrap_up_ms) == ("roads", NOW - MINUTE, "linear", 0)
    assert moved.requirement == [{"skills": {"roads": 1, "english": 1}}]
    assert await authors(store, "entry.moved") == ["boss"]
    await control.move("e1", "civil", "boss", keep_place=False)
    assert (await store.entry("e1")).since == NOW


async def test_what_cannot_be_moved_stays_with_a_sentence_why(control: LiveControl, store: MemoryStore) -> None:
    await offered(store)
    with pytest.raises(Unknown, match=r"no queue 'rods'; did you mean roads\?"):
        await control.move("e1", "rods", "boss")
    with pytest.raises(NotNow, match="in the queue civil already"):
        await control.move("e1", "civil", "boss")
    with pytest.raises(NotNow, match="rings at a1 now"):
        await control.move("e1", "roads", "boss")
    await store.answer("e1", "o1", NOW)
    with pytest.raises(NotNow, match="speaks with a1 already"):
        await control.move("e1", "roads", "boss")
    await store.enqueue(entry("e2"))
    await control.close("roads", "boss")
    with pytest.raises(NotNow, match="guichet queues open roads"):
        await control.move("e2", "roads", "boss")


# --- queues -----------------------------------------------------------------------------------------------------------


async def test_a_closed_queue_keeps_those_who_wait_unless_told_otherwise(
    control: LiveControl, store: MemoryStore
) -> None:
    await offered(store)
    await store.enqueue(entry("e2"))
    await store.enqueue(entry("e3", queue="roads"))
    assert await control.close("civil", "boss") == 0
    with pytest.raises(QueueClosed):
        await store.enqueue(entry("e4"))
    inbox = [notice for _, notice in await store.inbox("n1", "0", 0) if isinstance(notice, AwayMessage)]
    assert inbox == []
    assert await control.close("civil", "boss", send_away=True) == 2
    inbox = [notice for _, notice in await store.inbox("n1", "0", 0) if isinstance(notice, AwayMessage)]
    assert [(notice.entry, notice.reason) for notice in inbox] == [("e1", "closed"), ("e2", "closed")]
    await control.open("civil", "boss")
    assert await store.enqueue(entry("e4"))
    assert await authors(store, "queue.closed") == await authors(store, "queue.opened") == ["boss"]
    with pytest.raises(Unknown):
        await control.close("cvil", "boss")


async def test_messages_are_counted_by_themselves_and_never_sent_away(control: LiveControl, store: MemoryStore) -> None:
    await store.enqueue(entry("e1"))
    await store.enqueue(entry("m1", -90 * MINUTE, kind=Kind.VOICEMAIL))
    civil = (await control.queues())[0]
    assert (civil.waiting, civil.messages, civil.longest_wait_ms) == (1, 1, 0)
    assert [each.id for each in await control.waiting("civil")] == ["m1", "e1"]
    assert await control.close("civil", "boss", send_away=True) == 1
    assert (await store.entry("m1")).sent_away == ""


async def test_how_the_queues_stand(control: LiveControl, store: MemoryStore, clock: HandClock) -> None:
    await store.put_agent(agent("a1", skills={"civil": 1, "roads": 1}), NOW)
    await store.put_agent(agent("a2", skills={"civil": 3}, status=Status.PAUSED), NOW)
    await store.put_agent(agent("a3", skills={"civil": 3}, status=Status.OFFLINE), NOW)
    await store.enqueue(entry("e1", -MINUTE))
    await store.enqueue(entry("e2"))
    await store.enqueue(entry("e3", queue="gone"))
    await control.close("roads", "boss")
    clock.advance(1000)
    civil, roads, desk, gone = await control.queues()
    assert (civil.queue, civil.waiting, civil.longest_wait_ms, civil.staffed, civil.idle) == (
        "civil", 2, MINUTE + 1000, 2, 1
    )  # fmt: skip
    assert (roads.closed, civil.closed, roads.staffed, desk.staffed, desk.idle) == (True, False, 1, 1, 1)
    assert (gone.queue, gone.waiting, gone.staffed) == ("gone", 1, 0)
    await store.offer(await fence_of(store), [proposal("o1", "e1", "a1")])
    assert (await control.queues())[0].offered == 1
    await store.answer("e1", "o1", NOW)
    civil = (await control.queues())[0]
    assert (civil.waiting, civil.offered, civil.talking, civil.idle) == (1, 0, 1, 0)
    assert (await store.entry("e1")).state is EntryState.CONNECTED
