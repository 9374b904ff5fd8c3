"""What every store does: one suite, run on the store in memory and on Valkey."""

import asyncio
from dataclasses import replace

import pytest

from core.events import Event
from queues.model import AgentState, AwayMessage, Device, EntryState, OfferMessage, Refusal, Setback, Status, Terms
from queues.store.port import DISPATCHER, REMOVED, RONA_EXCLUDED_MS, QueueClosed, Store
from tests.line import NOW, agent, entry, fence_of, kinds, offered, proposal, talking, told

SOON_MS = 10_000


STANDING = {"idle_since": NOW, "wrap_up_until": 0, "logged_in_at": 0, "calls": 0, "busy_ms": 0, "offered_at": 0}
"""What each event about an agent says who has done nothing yet."""


async def last(store: Store) -> Event:
    return (await store.follow("0", 0))[-1][1]


# --- entries ----------------------------------------------------------------------------------------------------------


async def test_a_call_put_in_line_is_there_as_it_was_given(store: Store) -> None:
    given = entry(required={"civil": 2}, priority=3, ring_ms=15_000, wrap_up_ms=0, asterisk="pbx1")
    assert await store.enqueue(given)
    assert await store.entry("e1") == given
    event = await last(store)
    assert (event.id, event.kind, event.at, event.call) == ("e1-entered", "entry.entered", NOW, "call-e1")
    assert event.data == {
        "entry": "e1", "queue": "civil", "since": NOW, "priority": 3, "ring_ms": 15_000,
        "requirement": [{"skills": {"civil": 2}}], "strategy": "least-over-qualified", "members": {}, "preferred": {},
        "kind": "call", "due": 0, "skills": {},
    }  # fmt: skip


async def test_a_call_is_put_in_line_once(store: Store) -> None:
    await store.enqueue(entry())
    assert not await store.enqueue(entry(queue="roads"))
    assert (await store.entry("e1")).queue == "civil"
    assert await kinds(store) == ["entry.entered"]


async def test_what_was_given_or_got_is_nobody_elses(store: Store) -> None:
    given = entry(required={"civil": 1})
    await store.enqueue(given)
    given.requirement[0]["skills"]["civil"] = 9
    got = await store.entry("e1")
    got.requirement[0]["skills"]["civil"] = 8
    got.state = EntryState.ENDED
    assert await store.entry("e1") == entry(required={"civil": 1})


async def test_another_node_takes_an_entry_over(store: Store) -> None:
    await store.enqueue(entry())
    assert await store.adopt("e1", "n2", "chan-9") == (entry(node="n2", channel="chan-9"), None)
    assert await store.entry("e1") == entry(node="n2", channel="chan-9")
    assert await store.adopt("e2", "n2", "chan-9") is None


async def test_who_takes_an_offered_entry_over_is_told_of_the_offer(store: Store) -> None:
    await offered(store)
    taken, message = await store.adopt("e1", "n2", "chan-1")
    assert taken.state is EntryState.OFFERED
    assert message == OfferMessage("o1", "e1", "call-e1", "a1", "101", 20_000)


async def test_who_takes_a_connected_entry_over_is_told_of_no_offer(store: Store) -> None:
    await talking(store)
    taken, message = await store.adopt("e1", "n2", "chan-1")
    assert (taken.state, message) == (EntryState.CONNECTED, None)


async def test_a_caller_leaves_the_line(store: Store) -> None:
    await store.enqueue(entry(since=-5000))
    assert await store.leave("e1", "abandoned", NOW) is None
    assert await store.entry("e1") is None
    event = await last(store)
    assert (event.id, event.kind) == ("e1-left", "entry.left")
    assert event.data == {"entry": "e1", "queue": "civil", "reason": "abandoned", "waited_ms": 5000}


async def test_a_caller_leaves_once(store: Store) -> None:
    await store.enqueue(entry())
    await store.leave("e1", "abandoned", NOW)
    assert await store.leave("e1", "abandoned", NOW) is Refusal.ENTRY_GONE
    assert await kinds(store) == ["entry.entered", "entry.left"]


async def test_a_caller_who_leaves_while_a_phone_rings_frees_the_agent_who_keeps_the_place_among_the_idle(
    store: Store,
) -> None:
    await offered(store)
    await store.ringing("e1", "o1", NOW + 1500)
    assert await store.leave("e1", "abandoned", NOW + 2000) is None
    assert await store.agent("a1") == agent(offered_at=NOW + 1000)
    assert (await told(store))[-2:] == [("entry.left", "e1-left"), ("agent.state", "o1-agent-left")]


async def test_who_talks_does_not_leave_the_line(store: Store) -> None:
    await talking(store)
    assert await store.leave("e1", "abandoned", NOW + 4000) is Refusal.ENTRY_NOT_WAITING


# --- what people and rules do with those who wait ---------------------------------------------------------------------

ROADS: Terms = {
    "requirement": [{"skills": {"roads": 2}, "for_ms": 5_000}, {}],
    "strategy": "linear",
    "members": {"a1": {"priority": 1, "delay_ms": 0, "place": 1}},
    "ring_ms": 9_000,
    "wrap_up_ms": 0,
    "wrap_up_most_ms": 0,
    "until_coded": False,
}


async def move(store: Store, *, keep_place: bool = True, at: int = 2000) -> Refusal | None:
    return await store.move("e1", "roads", ROADS, keep_place, "asked", "boss", NOW + at)


async def test_a_call_moved_keeps_its_place_and_waits_on_the_other_queues_terms(store: Store) -> None:
    await store.enqueue(entry(since=-5000, priority=2, preferred={"agents": ["a9"], "for_ms": 100}))
    assert await move(store) is None
    moved = entry(since=-5000, priority=2, **{"queue": "roads", **ROADS})
    assert await store.entry("e1") == replace(moved, entered=NOW + 2000)
    event = await last(store)
    assert (event.kind, event.at, event.call) == ("entry.moved", NOW + 2000, "call-e1")
    assert event.data == {
        "entry": "e1", "from": "civil", "queue": "roads", "since": NOW - 5000, "priority": 2, "ring_ms": 9_000,
        "requirement": ROADS["requirement"], "strategy": "linear", "members": ROADS["members"], "preferred": {},
        "kind": "call", "due": 0, "reason": "asked", "author": "boss", "waited_ms": 7000,
    }  # fmt: skip


async def test_a_call_moved_to_the_end_has_waited_since_then(store: Store) -> None:
    await store.enqueue(entry(since=-5000))
    assert await move(store, keep_place=False) is None
    assert (await store.entry("e1")).since == NOW + 2000


async def test_a_move_said_twice_is_told_once(store: Store) -> None:
    await store.enqueue(entry())
    assert [await move(store), await move(store)] == [None, None]
    assert await kinds(store) == ["entry.entered", "entry.moved"]


async def test_only_who_waits_is_moved_and_only_into_an_open_queue(store: Store) -> None:
    assert await move(store) is Refusal.ENTRY_GONE
    await offered(store)
    assert await move(store) is Refusal.ENTRY_NOT_WAITING
    await store.withdraw("e1", "o1", Setback.BUSY, NOW + 1500)
    await store.close_queue("roads", "boss", NOW)
    before = await told(store)
    assert await move(store) is Refusal.QUEUE_CLOSED
    assert (await store.entry("e1")).queue == "civil"
    assert await told(store) == before


async def test_a_call_that_is_prioritised_keeps_since_when_it_waits(store: Store) -> None:
    await store.enqueue(entry())
    for _ in (1, 2):
        assert await store.prioritise("e1", 7, "front", "boss", NOW + 10) is None
    assert await store.entry("e1") == entry(priority=7)
    assert await kinds(store) == ["entry.entered", "entry.prioritised"]
    assert (await last(store)).data == {
        "entry": "e1", "queue": "civil", "priority": 7, "reason": "front", "author": "boss"
    }  # fmt: skip


async def test_who_talks_has_no_priority_any_more(store: Store) -> None:
    assert await store.prioritise("e1", 7, "front", "boss", NOW) is Refusal.ENTRY_GONE
    await talking(store)
    assert await store.prioritise("e1", 7, "front", "boss", NOW) is Refusal.ENTRY_NOT_WAITING


async def test_a_call_that_is_sent_away_is_told_so_by_its_node_once(store: Store) -> None:
    await store.enqueue(entry())
    for _ in (1, 2):
        assert await store.send_away("e1", "closed", "boss", NOW + 10) is None
    assert await store.entry("e1") == entry(sent_away="closed")
    assert [notice for _, notice in await store.inbox("n1", "0", 0)] == [AwayMessage("e1", "call-e1", "closed")]
    assert await kinds(store) == ["entry.entered", "entry.sent_away"]
    assert (await last(store)).data == {"entry": "e1", "queue": "civil", "reason": "closed", "author": "boss"}
    taken, _ = await store.adopt("e1", "n2", "chan-1")
    assert taken.sent_away == "closed"
    assert await store.leave("e1", "closed", NOW + 20) is None


async def test_a_call_that_is_sent_away_while_a_phone_rings_may_still_be_answered(store: Store) -> None:
    await offered(store)
    assert await store.send_away("e1", "closed", "boss", NOW + 1500) is None
    assert await store.answer("e1", "o1", NOW + 2000) is None
    assert await store.send_away("e1", "closed", "boss", NOW + 2500) is Refusal.ENTRY_NOT_WAITING
    assert await store.send_away("e9", "closed", "boss", NOW + 2500) is Refusal.ENTRY_GONE


async def test_a_closed_queue_admits_nobody_new_until_it_is_opened(store: Store) -> None:
    await store.enqueue(entry("e1"))
    for _ in (1, 2):
        await store.close_queue("civil", "boss", NOW + 1)
    assert (await store.snapshot()).closed == {"civil"}
    with pytest.raises(QueueClosed, match="civil"):
        await store.enqueue(entry("e2"))
    assert not await store.enqueue(entry("e1"))
    assert await store.enqueue(entry("e3", queue="roads"))
    for _ in (1, 2):
        await store.open_queue("civil", "boss", NOW + 2)
    assert await store.enqueue(entry("e2"))
    assert (await store.snapshot()).closed == frozenset()
    assert await kinds(store) == ["entry.entered", "queue.closed", "entry.entered", "queue.opened", "entry.entered"]
    events = [event for _, event in await store.follow("0", 0)]
    assert [(event.at, event.data) for event in events if event.kind.startswith("queue.")] == [
        (NOW + 1, {"queue": "civil", "author": "boss"}), (NOW + 2, {"queue": "civil", "author": "boss"})
    ]  # fmt: skip


# --- offers -----------------------------------------------------------------------------------------------------------


async def test_an_offer_binds_entry_and_agent_and_is_told_to_the_node(store: Store) -> None:
    await offered(store)
    waiting, idle = await store.entry("e1"), await store.agent("a1")
    assert waiting == entry(state=EntryState.OFFERED, agent="a1", offer="o1", offered_at=NOW + 1000)
    assert idle == agent(state=AgentState.OFFERED, entry="e1", offer="o1", offered_at=NOW + 1000)
    assert [message for _, message in await store.inbox("n1", "0", 0)] == [
        OfferMessage("o1", "e1", "call-e1", "a1", "101", 20_000)
    ]
    events = [event for _, event in await store.follow("0", 0)][-2:]
    assert [(event.id, event.kind, event.at) for event in events] == [
        ("o1-offered", "entry.offered", NOW + 1000),
        ("o1-agent-offered", "agent.state", NOW + 1000),
    ]
    assert events[0].data == {
        "entry": "e1", "queue": "civil", "agent": "a1", "offer": "o1", "waited_ms": 1000, "why": "only one"
    }  # fmt: skip
    assert events[1].data == {
        "agent": "a1", "from": "idle", "to": "offered", "cause": "offered", **STANDING,
        "offered_at": NOW + 1000,
    }  # fmt: skip


async def test_offers_are_committed_each_by_itself(store: Store) -> None:
    for number in (1, 2, 3):
        await store.enqueue(entry(f"e{number}"))
    for number in (1, 2):
        await store.put_agent(agent(f"a{number}"), NOW)
    await store.put_agent(agent("a3", device=Device.BUSY), NOW)
    await store.put_agent(agent("a4", status=Status.PAUSED), NOW)
    asked = [
        proposal("o1", "e1", "a1"),
        proposal("o2", "e1", "a2"),
        proposal("o3", "e2", "a1"),
        proposal("o4", "e2", "a3"),
        proposal("o5", "e2", "a4"),
        proposal("o6", "e9", "a2"),
        proposal("o7", "e2", "a9"),
        proposal("o8", "e3", "a2"),
    ]
    assert await store.offer(await fence_of(store), asked) == [
        None,
        Refusal.ENTRY_NOT_WAITING,
        Refusal.AGENT_NOT_READY,
        Refusal.AGENT_NOT_READY,
        Refusal.AGENT_NOT_READY,
        Refusal.ENTRY_GONE,
        Refusal.AGENT_GONE,
        None,
    ]
    assert [message.offer for _, message in await store.inbox("n1", "0", 0)] == ["o1", "o8"]
    assert (await kinds(store)).count("entry.offered") == 2


async def test_no_offers_are_no_trouble(store: Store) -> None:
    assert await store.offer(await fence_of(store), []) == []


async def test_a_dispatcher_whose_lease_went_to_another_one_commits_nothing(store: Store) -> None:
    await store.put_agent(agent(), NOW)
    await store.enqueue(entry())
    stale = await fence_of(store, "d1")
    await store.release_lease(DISPATCHER, "d1")
    current = await fence_of(store, "d2")
    assert await store.offer(stale, [proposal()]) == [Refusal.STALE_FENCE]
    assert await store.inbox("n1", "0", 0) == []
    assert await store.offer(current, [proposal()]) == [None]


async def test_without_any_lease_no_offer_is_committed(store: Store) -> None:
    await store.put_agent(agent(), NOW)
    await store.enqueue(entry())
    assert await store.offer(7, [proposal()]) == [Refusal.STALE_FENCE]


async def test_an_offer_said_twice_is_made_once(store: Store) -> None:
    await offered(store)
    before = await told(store)
    assert await store.offer(await fence_of(store), [proposal()]) == [None]
    await store.withdraw("e1", "o1", Setback.AGENT_LEFT, NOW + 2000)
    assert await store.offer(await fence_of(store), [proposal()]) == [None]
    assert (await store.entry("e1")).state is EntryState.WAITING
    assert (await told(store))[: len(before)] == before
    assert (await kinds(store)).count("entry.offered") == 1
    assert len(await store.inbox("n1", "0", 0)) == 1


async def test_the_phone_rings(store: Store) -> None:
    await offered(store)
    assert await store.ringing("e1", "o1", NOW + 1500) is None
    assert await store.ringing("e1", "o1", NOW + 1600) is None
    assert (await store.agent("a1")).state is AgentState.RINGING
    assert (await told(store))[-2:] == [("entry.ringing", "o1-ringing"), ("agent.state", "o1-agent-ringing")]
    assert (await kinds(store)).count("entry.ringing") == 1


async def test_the_agent_answers(store: Store) -> None:
    await offered(store)
    await store.ringing("e1", "o1", NOW + 1500)
    assert await store.answer("e1", "o1", NOW + 3000) is None
    answered = await store.entry("e1")
    assert (answered.state, answered.answered_at, answered.agent) == (EntryState.CONNECTED, NOW + 3000, "a1")
    assert (await store.agent("a1")).state is AgentState.TALKING
    events = [event for _, event in await store.follow("0", 0)][-2:]
    assert events[0].id == "o1-answered"
    assert events[0].data == {"entry": "e1", "queue": "civil", "agent": "a1", "offer": "o1", "waited_ms": 3000}
    assert (events[1].data["from"], events[1].data["to"]) == ("ringing", "talking")


async def test_an_answer_said_twice_is_told_once(store: Store) -> None:
    await talking(store)
    assert await store.answer("e1", "o1", NOW + 9000) is None
    assert (await store.entry("e1")).answered_at == NOW + 3000
    assert (await kinds(store)).count("entry.answered") == 1


async def test_another_offer_than_the_one_in_force_is_refused(store: Store) -> None:
    await offered(store)
    before = await told(store)
    assert await store.ringing("e1", "o9", NOW) is Refusal.OTHER_OFFER
    assert await store.answer("e1", "o9", NOW) is Refusal.OTHER_OFFER
    assert await store.withdraw("e1", "o9", Setback.BUSY, NOW) is Refusal.OTHER_OFFER
    assert await told(store) == before


async def test_an_entry_that_is_gone_is_refused(store: Store) -> None:
    assert await store.ringing("e1", "o1", NOW) is Refusal.ENTRY_GONE
    assert await store.answer("e1", "o1", NOW) is Refusal.ENTRY_GONE
    assert await store.withdraw("e1", "o1", Setback.BUSY, NOW) is Refusal.ENTRY_GONE
    assert await store.leave("e1", "abandoned", NOW) is Refusal.ENTRY_GONE
    assert await store.finish("e1", 0, NOW) is Refusal.ENTRY_GONE
    assert await store.entry("e1") is None
    assert await kinds(store) == []


async def test_who_talks_is_neither_rung_nor_taken_back(store: Store) -> None:
    await talking(store)
    assert await store.ringing("e1", "o1", NOW) is Refusal.ENTRY_NOT_WAITING
    assert await store.withdraw("e1", "o1", Setback.EXPIRED, NOW) is Refusal.ENTRY_NOT_WAITING


async def test_nobody_answers_and_the_caller_is_back_with_the_place_untouched(store: Store) -> None:
    await offered(store, priority=2)
    await store.ringing("e1", "o1", NOW + 1500)
    assert await store.withdraw("e1", "o1", Setback.NO_ANSWER, NOW + 21_000) is None
    until = NOW + 21_000 + RONA_EXCLUDED_MS
    assert await store.entry("e1") == entry(priority=2, withdrawn="o1", excluded={"a1": until})
    assert await store.agent("a1") == agent(missed=1, offered_at=NOW + 1000)
    events = [event for _, event in await store.follow("0", 0)][-2:]
    assert [event.id for event in events] == ["o1-withdrawn", "o1-agent-withdrawn"]
    assert events[0].data == {
        "entry": "e1", "agent": "a1", "offer": "o1", "reason": "no_answer", "excluded_until": until
    }  # fmt: skip
    assert (events[1].data["to"], events[1].data["cause"]) == ("idle", "no_answer")


async def test_a_withdrawal_said_twice_is_told_once(store: Store) -> None:
    await offered(store)
    for _ in (1, 2):
        assert await store.withdraw("e1", "o1", Setback.NO_ANSWER, NOW + 21_000) is None
    assert (await store.agent("a1")).missed == 1
    assert (await kinds(store)).count("entry.withdrawn") == 1


async def test_two_unanswered_offers_in_a_row_make_an_agent_not_responding(store: Store) -> None:
    await offered(store)
    await store.withdraw("e1", "o1", Setback.NO_ANSWER, NOW + 21_000)
    await store.enqueue(entry("e2"))
    fence = await fence_of(store)
    assert await store.offer(fence, [proposal("o2", "e2", at=22_000)]) == [None]
    await store.withdraw("e2", "o2", Setback.NO_ANSWER, NOW + 42_000)
    assert await store.agent("a1") == agent(missed=2, state=AgentState.NOT_RESPONDING, offered_at=NOW + 22_000)
    assert await store.offer(fence, [proposal("o3", "e2", at=43_000)]) == [Refusal.AGENT_NOT_READY]


async def test_an_answer_between_two_unanswered_offers_clears_the_count(store: Store) -> None:
    await offered(store)
    await store.withdraw("e1", "o1", Setback.NO_ANSWER, NOW + 21_000)
    fence = await fence_of(store)
    await store.offer(fence, [proposal("o2", "e1", at=90_000)])
    await store.answer("e1", "o2", NOW + 91_000)
    assert (await store.agent("a1")).missed == 0


async def test_a_busy_an_unreachable_and_an_untaken_offer_exclude_but_are_not_the_agents_fault(store: Store) -> None:
    for number, setback in enumerate((Setback.BUSY, Setback.UNREACHABLE, Setback.EXPIRED), 1):
        await store.put_agent(agent(f"a{number}"), NOW)
        await store.enqueue(entry(f"e{number}"))
        asked = proposal(f"o{number}", f"e{number}", f"a{number}")
        assert await store.offer(await fence_of(store), [asked]) == [None]
        assert await store.withdraw(asked.entry, asked.offer, setback, NOW + 5000) is None
        assert await store.agent(asked.agent) == agent(asked.agent, offered_at=NOW + 1000)
        assert (await store.entry(asked.entry)).excluded == {asked.agent: NOW + 5000 + RONA_EXCLUDED_MS}


async def test_exclusions_that_are_over_are_forgotten_at_the_next_one(store: Store) -> None:
    await store.put_agent(agent("a2"), NOW)
    await offered(store)
    await store.withdraw("e1", "o1", Setback.BUSY, NOW + 5000)
    await store.offer(await fence_of(store), [proposal("o2", "e1", "a2", at=70_000)])
    await store.withdraw("e1", "o2", Setback.BUSY, NOW + 71_000)
    assert (await store.entry("e1")).excluded == {"a2": NOW + 71_000 + RONA_EXCLUDED_MS}


async def test_the_talk_ends_and_the_agent_wraps_up(store: Store) -> None:
    await talking(store, wrap_up_ms=30_000)
    assert await store.finish("e1", 60_000, NOW + 63_000) is None
    assert await store.entry("e1") is None
    assert await store.agent("a1") == agent(
        state=AgentState.WRAP_UP,
        wrap_up_until=NOW + 93_000,
        wrap_up_latest=NOW + 93_000,
        calls=1,
        offered_at=NOW + 1000,
    )
    events = [event for _, event in await store.follow("0", 0)][-2:]
    assert [event.id for event in events] == ["e1-finished", "o1-agent-finished"]
    assert events[0].data == {"entry": "e1", "queue": "civil", "agent": "a1", "talk_ms": 60_000}
    assert events[1].data["wrap_up_until"] == NOW + 93_000


async def test_a_talk_ends_once(store: Store) -> None:
    await talking(store)
    await store.finish("e1", 60_000, NOW + 63_000)
    assert await store.finish("e1", 60_000, NOW + 64_000) is Refusal.ENTRY_GONE


async def test_a_caller_whose_agents_phone_is_lost_waits_again_for_that_agent(store: Store) -> None:
    await talking(store)
    assert await store.interrupt("e1", "o1", 30_000, NOW + 63_000) is None
    prefers = {"agents": ["a1"], "for_ms": 93_000}
    assert await store.entry("e1") == entry(preferred=prefers, answered_at=NOW + 3000, withdrawn="o1")
    assert await store.agent("a1") == agent(calls=1, busy_ms=62_000, offered_at=NOW + 1000)
    events = [event for _, event in await store.follow("0", 0)][-2:]
    assert [event.id for event in events] == ["o1-interrupted", "o1-agent-interrupted"]
    told = events[0].data
    assert (told["agent"], told["offer"], told["talk_ms"], told["entered"]) == ("a1", "o1", 60_000, NOW)
    assert told["preferred"] == prefers and (told["excluded"], told["also"]) == ({}, {})
    fence = await fence_of(store)
    assert await store.offer(fence, [proposal("o2", "e1", "a1", 70_000)]) == [None]
    assert await store.answer("e1", "o2", NOW + 71_000) is None
    assert await store.finish("e1", 5_000, NOW + 76_000) is None


async def test_an_interruption_said_twice_is_told_once(store: Store) -> None:
    await talking(store)
    for _ in range(2):
        assert await store.interrupt("e1", "o1", 30_000, NOW + 63_000) is None
    assert (await kinds(store)).count("entry.interrupted") == 1


async def test_who_had_chosen_a_break_meanwhile_is_not_waited_for(store: Store) -> None:
    await talking(store)
    await store.set_status("a1", Status.PAUSED, "lunch", "a1", NOW + 50_000)
    assert await store.interrupt("e1", "o1", 30_000, NOW + 63_000) is None
    assert (await store.entry("e1")).preferred == {}


async def test_an_agent_removed_while_they_talked_is_gone_when_their_phone_is_lost(store: Store) -> None:
    await talking(store)
    await store.remove_agent("a1", NOW + 50_000)
    assert await store.interrupt("e1", "o1", 30_000, NOW + 63_000) is None
    assert await store.agent("a1") is None
    assert (await store.entry("e1")).state is EntryState.WAITING


async def test_only_a_talk_is_interrupted(store: Store) -> None:
    await offered(store)
    assert await store.interrupt("e1", "o1", 30_000, NOW + 2000) is Refusal.ENTRY_NOT_WAITING
    assert await store.interrupt("e1", "o9", 30_000, NOW + 2000) is Refusal.OTHER_OFFER
    assert await store.interrupt("e9", "o1", 30_000, NOW + 2000) is Refusal.ENTRY_GONE


async def test_without_wrap_up_the_agent_is_idle_at_once(store: Store) -> None:
    await talking(store, wrap_up_ms=0)
    assert await store.finish("e1", 60_000, NOW + 63_000) is None
    assert await store.agent("a1") == agent(idle=63_000, calls=1, busy_ms=62_000, offered_at=NOW + 1000)
    event = await last(store)
    assert (event.data["to"], event.data["idle_since"]) == ("idle", NOW + 63_000)


async def test_only_a_talk_can_be_finished(store: Store) -> None:
    await offered(store)
    assert await store.finish("e1", 0, NOW + 2000) is Refusal.ENTRY_NOT_WAITING


# --- agents -----------------------------------------------------------------------------------------------------------


async def test_an_agent_made_known_is_there_as_given(store: Store) -> None:
    given = agent(name="a1", skills={"civil": 2, "roads": 1})
    await store.put_agent(replace(given, name="Camille"), NOW)
    assert await store.agent("a1") == replace(given, name="Camille")
    event = await last(store)
    assert event.kind == "agent.profile"
    assert event.data == {
        "agent": "a1", "extension": "101", "name": "Camille", "skills": {"civil": 2, "roads": 1}, "status": "available",
        "state": "idle", "device": "free", "author": "", "holds": -1, "held": 0, **STANDING,
    }  # fmt: skip
    assert await store.agent("a2") is None


async def test_a_changed_account_keeps_what_the_agent_does(store: Store) -> None:
    await talking(store)
    before = await store.agent("a1")
    await store.put_agent(agent(skills={"civil": 3}, extension="200", status=Status.OFFLINE, device=Device.BUSY), NOW)
    assert await store.agent("a1") == replace(before, skills={"civil": 3}, extension="200")
    assert (await last(store)).data["state"] == "talking"


async def test_an_account_put_again_unchanged_tells_nothing(store: Store) -> None:
    await store.put_agent(agent(skills={"civil": 3}), NOW)
    await store.put_agent(agent(skills={"civil": 3}), NOW + 5)
    assert await kinds(store) == ["agent.profile"]
    await store.put_agent(agent(skills={}), NOW + 5)
    assert await kinds(store) == ["agent.profile", "agent.profile"]
    assert (await store.agent("a1")).skills == {}


async def test_an_agent_removed_is_forgotten(store: Store) -> None:
    await store.put_agent(agent(), NOW)
    await store.remove_agent("a1", NOW + 1)
    await store.remove_agent("a1", NOW + 2)
    assert await store.agent("a1") is None
    assert await kinds(store) == ["agent.profile", "agent.status"]
    assert (await last(store)).data == {
        "agent": "a1", "status": "offline", "reason": REMOVED, "author": "", **STANDING
    }  # fmt: skip


async def test_an_agent_removed_while_the_phone_rings_gives_the_call_back(store: Store) -> None:
    await offered(store)
    await store.remove_agent("a1", NOW + 2000)
    assert await store.entry("e1") == entry(withdrawn="o1")
    assert await store.agent("a1") is None
    assert (await kinds(store))[-3:] == ["entry.withdrawn", "agent.state", "agent.status"]


async def test_an_agent_removed_while_talking_ends_the_talk_first(store: Store) -> None:
    await talking(store)
    await store.remove_agent("a1", NOW + 4000)
    assert (await store.agent("a1")).status is Status.OFFLINE
    assert await store.set_status("a1", Status.AVAILABLE, "", "a1", NOW + 5000) is Refusal.AGENT_GONE
    assert await store.finish("e1", 9000, NOW + 12_000) is None
    assert await store.agent("a1") is None


async def test_an_agent_removed_and_made_known_again_while_talking_still_talks(store: Store) -> None:
    await talking(store)
    await store.remove_agent("a1", NOW + 4000)
    await store.put_agent(agent(), NOW + 5000)
    assert (await store.agent("a1")).state is AgentState.TALKING
    assert await store.finish("e1", 9000, NOW + 12_000) is None
    assert (await store.agent("a1")).state is AgentState.WRAP_UP


async def test_an_agent_pauses_and_comes_back_at_the_end_of_the_idle(store: Store) -> None:
    await store.put_agent(agent(), NOW)
    assert await store.set_status("a1", Status.PAUSED, "lunch", "a1", NOW + 10) is None
    assert await store.agent("a1") == agent(status=Status.PAUSED, reason="lunch")
    assert await store.set_status("a1", Status.AVAILABLE, "", "boss", NOW + 20) is None
    assert await store.agent("a1") == agent(idle=20)
    assert (await last(store)).data == {
        "agent": "a1", "status": "available", "reason": "", "author": "boss", **STANDING, "idle_since": NOW + 20
    }  # fmt: skip


async def test_a_status_chosen_again_tells_nothing_and_keeps_the_place(store: Store) -> None:
    await store.put_agent(agent(), NOW)
    assert await store.set_status("a1", Status.AVAILABLE, "", "a1", NOW + 20) is None
    assert await store.agent("a1") == agent()
    assert await kinds(store) == ["agent.profile"]


async def test_an_agent_who_did_not_respond_clicks_and_is_idle_again(store: Store) -> None:
    await offered(store)
    await store.withdraw("e1", "o1", Setback.NO_ANSWER, NOW + 21_000)
    await store.offer(await fence_of(store), [proposal("o2", at=90_000)])
    await store.withdraw("e1", "o2", Setback.NO_ANSWER, NOW + 111_000)
    assert (await store.agent("a1")).state is AgentState.NOT_RESPONDING
    assert await store.set_status("a1", Status.AVAILABLE, "", "a1", NOW + 120_000) is None
    assert await store.agent("a1") == agent(idle=120_000, offered_at=NOW + 90_000)
    event = await last(store)
    assert event.data == {
        "agent": "a1", "from": "not_responding", "to": "idle", "cause": "came_back", **STANDING,
        "idle_since": NOW + 120_000, "offered_at": NOW + 90_000,
    }  # fmt: skip


async def test_a_caller_on_hold_is_taken_back(store: Store) -> None:
    await talking(store)
    assert await store.hold("e1", True, NOW + 4000) is None
    assert await store.hold("e1", True, NOW + 4001) is None
    assert (await store.agent("a1")).state is AgentState.HOLD
    assert (await store.entry("e1")).state is EntryState.CONNECTED
    assert await store.hold("e1", False, NOW + 9000) is None
    assert (await store.agent("a1")).state is AgentState.TALKING
    moves = [(event.data["from"], event.data["to"]) for _, event in await store.follow("0", 0) if "to" in event.data]
    assert moves[-2:] == [("talking", "hold"), ("hold", "talking")]


async def test_a_talk_may_end_on_hold_and_an_account_be_removed_meanwhile(store: Store) -> None:
    await talking(store)
    await store.hold("e1", True, NOW + 4000)
    await store.remove_agent("a1", NOW + 4500)
    assert (await store.agent("a1")).state is AgentState.HOLD
    assert await store.finish("e1", 2000, NOW + 5000) is None
    assert await store.agent("a1") is None


async def test_only_who_talks_is_put_on_hold(store: Store) -> None:
    await offered(store)
    assert await store.hold("e1", True, NOW + 2000) is Refusal.ENTRY_NOT_WAITING
    assert await store.hold("e9", True, NOW + 2000) is Refusal.ENTRY_GONE


async def test_a_wrap_up_is_extended_as_far_as_the_queue_allows(store: Store) -> None:
    await talking(store, wrap_up_ms=30_000, wrap_up_most_ms=120_000)
    await store.finish("e1", 1, NOW + 10_000)
    assert await store.extend_wrap_up("a1", NOW + 60_000, NOW + 20_000) is None
    assert await store.extend_wrap_up("a1", NOW + 50_000, NOW + 20_000) is None
    assert (await store.agent("a1")).wrap_up_until == NOW + 60_000
    assert await store.end_wrap_up("a1", NOW + 40_000) is Refusal.AGENT_NOT_READY
    assert await store.extend_wrap_up("a1", NOW + 900_000, NOW + 20_000) is None
    assert (await store.agent("a1")).wrap_up_until == NOW + 130_000
    assert [event.data["cause"] for _, event in await store.follow("0", 0) if "to" in event.data][-3:] == [
        "finished", "extended", "extended"
    ]  # fmt: skip


async def test_a_wrap_up_that_is_over_or_has_no_end_is_not_extended(store: Store) -> None:
    await talking(store, until_coded=True)
    assert await store.extend_wrap_up("a1", NOW + 60_000, NOW) is Refusal.AGENT_NOT_READY
    await store.finish("e1", 1, NOW + 10_000)
    assert await store.extend_wrap_up("a1", NOW + 60_000, NOW) is Refusal.AGENT_NOT_READY
    assert await store.extend_wrap_up("a9", NOW + 60_000, NOW) is Refusal.AGENT_GONE


async def test_a_wrap_up_until_coded_ends_when_the_agent_says_the_outcome(store: Store) -> None:
    await talking(store, wrap_up_ms=0, until_coded=True)
    await store.finish("e1", 1, NOW + 10_000)
    assert await store.end_wrap_up("a1", NOW + 3_600_000) is Refusal.AGENT_NOT_READY
    assert await store.code("a1", "settled", NOW + 20_000) is None
    assert await store.code("a1", "settled", NOW + 20_000) is None
    assert await store.agent("a1") == agent(idle=20_000, calls=1, busy_ms=19_000, offered_at=NOW + 1000)
    event = await last(store)
    assert (event.data["cause"], event.data["outcome"]) == ("coded", "settled")
    assert await store.code("a1", "settled", NOW + 30_000) is Refusal.AGENT_NOT_READY


async def test_a_wrap_up_of_any_kind_is_cut_short_by_somebody(store: Store) -> None:
    for until_coded in (False, True):
        await talking(store, wrap_up_ms=30_000, until_coded=until_coded)
        await store.finish("e1", 1, NOW + 10_000)
        for _ in (1, 2):
            assert await store.cut_wrap_up("a1", "boss", NOW + 12_000) is None
        assert (await store.agent("a1")).state is AgentState.IDLE
        event = await last(store)
        assert (event.data["cause"], event.data["author"]) == ("cut", "boss")
        assert await store.cut_wrap_up("a1", "boss", NOW + 13_000) is Refusal.AGENT_NOT_READY
        await store.remove_agent("a1", NOW + 14_000)
    assert await store.cut_wrap_up("a9", "boss", NOW) is Refusal.AGENT_GONE


async def test_what_was_done_to_an_agent_is_told_with_who_did_it(store: Store) -> None:
    await talking(store, wrap_up_ms=30_000, wrap_up_most_ms=90_000)
    await store.finish("e1", 1, NOW + 10_000)
    await store.extend_wrap_up("a1", NOW + 60_000, NOW + 20_000, "a1")
    assert (await last(store)).data["author"] == "a1"
    await store.code("a1", "settled", NOW + 21_000, "a1")
    assert (await last(store)).data["author"] == "a1"
    await store.put_agent(agent(skills={"x": 1}), NOW + 22_000, "boss")
    assert (await last(store)).data["author"] == "boss"
    await store.remove_agent("a1", NOW + 23_000, "boss")
    assert (await last(store)).data["author"] == "boss"


async def test_an_agents_own_wrap_up_counts_where_it_is_shorter(store: Store) -> None:
    await talking(store, wrap_up_ms=30_000)
    await store.put_agent(agent(wrap_up_ms=10_000), NOW + 5000)
    await store.finish("e1", 1, NOW + 10_000)
    assert (await store.agent("a1")).wrap_up_until == NOW + 20_000
    await store.put_agent(agent("a2", wrap_up_ms=90_000), NOW)
    await store.enqueue(entry("e2", wrap_up_ms=30_000))
    await store.offer(await fence_of(store), [proposal("o2", "e2", "a2")])
    await store.answer("e2", "o2", NOW + 3000)
    await store.finish("e2", 1, NOW + 10_000)
    assert (await store.agent("a2")).wrap_up_until == NOW + 40_000


async def test_what_an_agent_did_is_counted_from_the_log_in(store: Store) -> None:
    await talking(store, wrap_up_ms=0)
    await store.finish("e1", 1, NOW + 10_000)
    assert await store.agent("a1") == agent(idle=10_000, calls=1, busy_ms=9_000, offered_at=NOW + 1000)
    await store.set_status("a1", Status.PAUSED, "lunch", "a1", NOW + 11_000)
    await store.set_status("a1", Status.AVAILABLE, "", "a1", NOW + 12_000)
    assert (await store.agent("a1")).calls == 1
    await store.set_status("a1", Status.OFFLINE, "", "a1", NOW + 13_000)
    await store.set_status("a1", Status.AVAILABLE, "", "a1", NOW + 14_000)
    assert await store.agent("a1") == agent(idle=14_000, logged_in_at=NOW + 14_000)


async def test_whom_a_call_asks_for_is_kept_and_told_as_it_was_given(store: Store) -> None:
    asks = {
        "requirement": [{"skills": {"civil": 2}, "for_ms": 60_000}, {"any": [{"civil": 1, "roads": 1}]}, {}],
        "strategy": "linear",
        "members": {"a1": {"priority": 1, "delay_ms": 0}, "a2": {}},
        "preferred": {"agents": ["a1"], "for_ms": 30_000},
    }
    await store.enqueue(entry(**asks))
    await store.adopt("e1", "n2", "chan-2")
    assert await store.entry("e1") == entry(node="n2", channel="chan-2", **asks)
    assert {name: (await last(store)).data[name] for name in asks} == asks


async def test_a_pause_does_not_touch_the_talk(store: Store) -> None:
    await talking(store)
    assert await store.set_status("a1", Status.PAUSED, "", "a1", NOW + 4000) is None
    assert (await store.agent("a1")).state is AgentState.TALKING
    assert (await store.entry("e1")).state is EntryState.CONNECTED


async def test_what_the_phone_does_is_told_when_it_changes(store: Store) -> None:
    await store.put_agent(agent(), NOW)
    assert await store.set_device("a1", Device.BUSY, NOW + 1) is None
    assert await store.set_device("a1", Device.BUSY, NOW + 2) is None
    assert (await store.agent("a1")).device is Device.BUSY
    assert await kinds(store) == ["agent.profile", "agent.device"]
    assert (await last(store)).data == {"agent": "a1", "device": "busy", "asterisk": ""}


async def test_nobody_knows_an_unknown_agent(store: Store) -> None:
    assert await store.set_status("a1", Status.PAUSED, "", "", NOW) is Refusal.AGENT_GONE
    assert await store.set_device("a1", Device.FREE, NOW) is Refusal.AGENT_GONE
    assert await store.end_wrap_up("a1", NOW) is Refusal.AGENT_GONE
    await store.remove_agent("a1", NOW)
    assert await kinds(store) == []


async def test_wrap_up_ends_at_its_time_and_not_before(store: Store) -> None:
    await talking(store, wrap_up_ms=30_000)
    await store.finish("e1", 60_000, NOW + 63_000)
    assert await store.end_wrap_up("a1", NOW + 92_999) is Refusal.AGENT_NOT_READY
    assert await store.end_wrap_up("a1", NOW + 93_000) is None
    assert await store.agent("a1") == agent(idle=93_000, calls=1, busy_ms=92_000, offered_at=NOW + 1000)
    assert (await last(store)).data["cause"] == "wrapped_up"


async def test_the_end_of_a_wrap_up_said_twice_is_told_once(store: Store) -> None:
    await talking(store, wrap_up_ms=1)
    await store.finish("e1", 60_000, NOW + 63_000)
    for _ in (1, 2):
        assert await store.end_wrap_up("a1", NOW + 93_000) is None
    assert await store.end_wrap_up("a1", NOW + 94_000) is Refusal.AGENT_NOT_READY
    assert [event.data.get("cause") for _, event in await store.follow("0", 0)].count("wrapped_up") == 1


# --- calls ------------------------------------------------------------------------------------------------------------

SESSION = {"call": "c1", "step": "menu", "variables": {"name": "Zoé \U0001f600"}, "path": ["a", "b"], "ended": False}
ARRIVED = Event("ev1", "call.arrived", NOW, "c1", {"number": "+33612345678", "withheld": False})
ENDED = Event("ev2", "call.ended", NOW + 5, "c1", {"reason": "flow_ended"})


async def test_a_calls_session_is_kept_with_its_events(store: Store) -> None:
    await store.save_call("c1", SESSION, [ARRIVED])
    assert await store.load_call("c1") == SESSION
    assert await store.load_call("c2") is None
    assert [event for _, event in await store.follow("0", 0)] == [ARRIVED]


async def test_the_newest_session_counts(store: Store) -> None:
    await store.save_call("c1", SESSION)
    await store.save_call("c1", {**SESSION, "step": "end"})
    await store.save_call("c2", SESSION)
    assert await store.live_calls() == {"c1": {**SESSION, "step": "end"}, "c2": SESSION}


async def test_a_switch_is_kept_told_and_forgotten(store: Store) -> None:
    thrown = Event("ev1", "hours.switched", NOW, "", {"hours": "mairie", "position": "closed"})
    back = Event("ev2", "hours.switched", NOW + 5, "", {"hours": "mairie", "position": ""})
    await store.set_switch("mairie", {"position": "closed", "because": "Panne \U0001f600"}, [thrown])
    await store.set_switch("*", {"position": "open"}, [])
    assert await store.switches() == {
        "mairie": {"position": "closed", "because": "Panne \U0001f600"},
        "*": {"position": "open"},
    }
    await store.set_switch("mairie", None, [back])
    assert await store.switches() == {"*": {"position": "open"}}
    assert [event for _, event in await store.follow("0", 0)] == [thrown, back]


async def test_a_call_ends_once(store: Store) -> None:
    await store.save_call("c1", SESSION)
    assert await store.drop_call("c1", [ENDED])
    assert not await store.drop_call("c1", [ENDED])
    assert await store.load_call("c1") is None
    assert await store.live_calls() == {}
    assert [event for _, event in await store.follow("0", 0)] == [ENDED]


async def test_events_are_appended_in_their_order(store: Store) -> None:
    await store.emit([ARRIVED, ENDED])
    await store.emit([])
    assert [event for _, event in await store.follow("0", 0)] == [ARRIVED, ENDED]


# --- the lease --------------------------------------------------------------------------------------------------------


async def test_one_holds_the_lease_and_renews_it(store: Store) -> None:
    fence = await store.take_lease(DISPATCHER, "d1", 60_000)
    assert await store.take_lease(DISPATCHER, "d1", 60_000) == fence
    assert await store.take_lease(DISPATCHER, "d2", 60_000) is None
    assert await store.take_lease("other", "d2", 60_000) is not None


async def test_a_new_holder_has_a_greater_fence(store: Store) -> None:
    first = await store.take_lease(DISPATCHER, "d1", 60_000)
    await store.release_lease(DISPATCHER, "d2")
    assert await store.take_lease(DISPATCHER, "d2", 60_000) is None
    await store.release_lease(DISPATCHER, "d1")
    assert await store.take_lease(DISPATCHER, "d2", 60_000) > first


async def test_a_lease_that_is_not_renewed_goes_to_whoever_asks(store: Store) -> None:
    first = await store.take_lease(DISPATCHER, "d1", 20)
    second = None
    async with asyncio.timeout(5):
        while second is None:
            await store.follow("0", 5)
            second = await store.take_lease(DISPATCHER, "d2", 60_000)
    assert second > first
    assert await store.take_lease(DISPATCHER, "d1", 60_000) is None


# --- streams ----------------------------------------------------------------------------------------------------------


async def test_the_snapshot_and_what_follows_it_are_everything(store: Store) -> None:
    assert await store.snapshot() == type(await store.snapshot())((), (), "0")
    await offered(store)
    await store.enqueue(entry("e2"))
    snapshot = await store.snapshot()
    assert sorted(each.id for each in snapshot.entries) == ["e1", "e2"]
    assert snapshot.agents == (await store.agent("a1"),)
    assert await store.follow(snapshot.cursor, 0) == []
    await store.answer("e1", "o1", NOW + 3000)
    assert [event.id for _, event in await store.follow(snapshot.cursor, 0)] == ["o1-answered", "o1-agent-answered"]


async def test_who_follows_goes_on_from_the_cursor(store: Store) -> None:
    await store.emit([ARRIVED, ENDED])
    first = await store.follow("0", 0, most=1)
    assert [event for _, event in first] == [ARRIVED]
    assert [event for _, event in await store.follow(first[0][0], 0)] == [ENDED]


async def test_who_follows_is_woken_by_the_next_event(store: Store) -> None:
    following = asyncio.create_task(store.follow("0", SOON_MS))
    await asyncio.sleep(0)
    await store.emit([ARRIVED])
    async with asyncio.timeout(5):
        assert [event for _, event in await following] == [ARRIVED]


async def test_who_follows_waits_no_longer_than_asked(store: Store) -> None:
    async with asyncio.timeout(5):
        assert await store.follow("0", 20) == []
        assert await store.inbox("n1", "0", 20) == []


async def test_commits_do_not_wait_for_those_who_follow(store: Store) -> None:
    waiting = [asyncio.create_task(store.follow("0", SOON_MS)), asyncio.create_task(store.inbox("n1", "0", SOON_MS))]
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await store.save_call("c1", SESSION)
        assert not any(task.done() for task in waiting)
        await offered(store)
        await asyncio.gather(*waiting)


async def test_who_stops_following_harms_nobody(store: Store) -> None:
    waiting = asyncio.create_task(store.follow("0", SOON_MS))
    await asyncio.sleep(0.01)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await store.emit([ARRIVED])
    assert [event for _, event in await store.follow("0", SOON_MS)] == [ARRIVED]


async def test_each_node_has_its_own_inbox(store: Store) -> None:
    await store.put_agent(agent("a1"), NOW)
    await store.put_agent(agent("a2"), NOW)
    await store.enqueue(entry("e1", node="n1"))
    await store.enqueue(entry("e2", node="n2"))
    await store.offer(await fence_of(store), [proposal("o1", "e1", "a1"), proposal("o2", "e2", "a2")])
    [(cursor, first)] = await store.inbox("n1", "0", 0)
    assert first.offer == "o1"
    assert await store.inbox("n1", cursor, 0) == []
    assert [message.offer for _, message in await store.inbox("n2", "0", 0)] == ["o2"]


async def test_who_waits_for_a_nudge_is_woken_and_who_comes_later_knows_of_it(store: Store) -> None:
    assert await store.nudged("accounts", "0", 20) == "0"
    waiting = asyncio.create_task(store.nudged("accounts", "0", SOON_MS))
    await asyncio.sleep(0.01)
    await store.nudge("other")
    await store.nudge("accounts")
    async with asyncio.timeout(5):
        first = await waiting
    assert first != "0"
    assert await store.nudged("accounts", "0", 0) == first
    assert await store.nudged("accounts", first, 20) == first
    await store.nudge("accounts")
    assert await store.nudged("accounts", first, 0) not in ("0", first)


async def test_a_group_gets_each_event_once_acknowledged_or_again(store: Store) -> None:
    await store.emit([ARRIVED])
    await store.join_group("history")
    await store.join_group("history")
    assert await store.group_lag("history") == 1
    first = await store.read_group("history", "one", 0, 10)
    assert [event for _, event in first] == [ARRIVED]
    assert await store.read_group("history", "one", 0, 10) == first
    assert await store.group_lag("history") == 1
    await store.acknowledge("history", [cursor for cursor, _ in first])
    await store.acknowledge("history", [])
    assert await store.group_lag("history") == 0
    assert await store.read_group("history", "one", 0, 10) == []


async def test_a_group_shares_its_events_among_its_consumers(store: Store) -> None:
    await store.join_group("history")
    await store.emit([ARRIVED, ENDED])
    assert [event for _, event in await store.read_group("history", "one", 0, 1)] == [ARRIVED]
    assert [event for _, event in await store.read_group("history", "two", 0, 10)] == [ENDED]
    assert await store.group_lag("history") == 2


async def test_a_group_that_waits_is_woken(store: Store) -> None:
    await store.join_group("history")
    reading = asyncio.create_task(store.read_group("history", "one", SOON_MS, 10))
    await asyncio.sleep(0.01)
    await store.emit([ARRIVED])
    async with asyncio.timeout(5):
        assert [event for _, event in await reading] == [ARRIVED]


async def test_only_what_every_group_acknowledged_is_forgotten(store: Store) -> None:
    await store.join_group("history")
    await store.join_group("board")
    await store.emit([ARRIVED, ENDED])
    far = 9_000_000_000_000
    await store.trim(far)
    assert len(await store.follow("0", 0)) == 2
    for group in ("history", "board"):
        items = await store.read_group(group, "one", 0, 10)
        await store.acknowledge(group, [items[0][0]])
    await store.trim(0)
    assert len(await store.follow("0", 0)) == 2
    await store.trim(far)
    assert [event for _, event in await store.follow("0", 0)] == [ENDED]
    assert await store.group_lag("history") == 1


async def test_without_groups_age_alone_counts(store: Store) -> None:
    await store.trim(NOW)
    await store.emit([ARRIVED])
    await store.trim(0)
    assert len(await store.follow("0", 0)) == 1
    await store.trim(9_000_000_000_000)
    assert await store.follow("0", 0) == []
    await store.emit([ENDED])
    assert [event for _, event in await store.follow("0", 0)] == [ENDED]
