"""What overflow rules do to the line, and callers who step aside: on both stores."""

from typing import Any

import pytest

from queues.model import EntryState, Refusal, RuleMessage
from queues.overflow.deeds import Deed, Move
from queues.store.port import Store
from tests.line import NOW, agent, entry, fence_of, kinds, offered, proposal

TOLD = {"action": "say", "when": "length > 3", "values": {"length": 4}, "why": "many wait"}
GENERAL: Any = {
    "requirement": [{"skills": {"general": 1}}], "strategy": "linear", "members": {}, "ring_ms": 5_000,
    "wrap_up_ms": 0, "wrap_up_most_ms": 0, "until_coded": False,
}  # fmt: skip


def deed(name: str = "d1", **does: Any) -> Deed:
    return Deed(name, "e1", NOW + 1000, "civil/2", {**TOLD, "action": does.pop("action", "say")}, **does)


async def ruled(store: Store, *deeds: Deed) -> list[Refusal | None]:
    return await store.overflow(await fence_of(store), deeds)


async def last(store: Store, kind: str) -> dict[str, Any]:
    return dict([event for _, event in await store.follow("0", 0) if event.kind == kind][-1].data)


async def test_a_rule_is_told_with_its_reason_and_the_node_with_what_it_must_do(store: Store) -> None:
    await store.enqueue(entry())
    assert await ruled(store, deed(notice={"say": {"fr": "Patience."}})) == [None]
    assert await last(store, "entry.overflowed") == {
        "entry": "e1", "queue": "civil", "rule": "civil/2", "author": "civil/2", **TOLD,
    }  # fmt: skip
    [(_, notice)] = await store.inbox("n1", "0", 0)
    assert notice == RuleMessage("d1", "e1", "call-e1", "civil/2", {"say": {"fr": "Patience."}})
    kept = await store.entry("e1")
    assert kept is not None and kept.followed == {"civil/2": NOW + 1000}


async def test_a_deed_that_is_said_twice_is_done_once(store: Store) -> None:
    await store.enqueue(entry())
    told = deed(notice={"say": "Patience."})
    assert await ruled(store, told) == [None]
    assert await ruled(store, told) == [None]
    assert await kinds(store) == ["entry.entered", "entry.overflowed"]
    assert len(await store.inbox("n1", "0", 0)) == 1


async def test_a_move_keeps_the_time_waited_and_takes_the_other_queue_s_terms(store: Store) -> None:
    await store.enqueue(entry(since=-5000, priority=1, preferred={"agents": ["a9"], "for_ms": 100}))
    await ruled(store, deed("d0", action="offer", exits={"1": "callback"}))
    assert await ruled(store, deed(action="move", move=Move("general", GENERAL, NOW - 5000))) == [None]
    assert (await kinds(store))[-2:] == ["entry.overflowed", "entry.moved"]
    moved = await last(store, "entry.moved")
    assert (moved["from"], moved["queue"], moved["since"], moved["waited_ms"]) == ("civil", "general", NOW - 5000, 6000)
    assert (moved["reason"], moved["author"]) == ("overflow", "civil/2")
    kept = await store.entry("e1")
    assert kept is not None
    assert (kept.queue, kept.requirement, kept.ring_ms, kept.entered) == (
        "general", [{"skills": {"general": 1}}], 5_000, NOW + 1000,
    )  # fmt: skip
    assert (kept.hops, kept.exits, kept.preferred, kept.priority) == (1, {}, {}, 1)


async def test_whoever_moves_a_call_what_the_former_queue_s_rules_did_for_it_there_is_over(store: Store) -> None:
    await store.enqueue(entry(members={"a1": {}}))
    wider = deed(also={"general": [{"skills": {"y": 1}}]}, exits={"1": "callback"})
    told = Deed("d2", "e1", NOW + 2, "", announced={"at": NOW + 2, "position": 1})
    assert await ruled(store, wider, told) == [None, None]
    before = await store.entry("e1")
    assert before.also and before.exits and before.announced
    assert await store.move("e1", "general", GENERAL, True, "", "boss", NOW + 9) is None
    after = await store.entry("e1")
    assert (after.also, after.exits, after.announced) == ({}, {}, {})
    assert (after.followed, after.since) == (before.followed, before.since), "what was done stays done"


async def test_people_are_added_and_members_with_them(store: Store) -> None:
    await store.enqueue(entry(members={"a1": {"priority": 1}}))
    also: Any = {"general": [{"skills": {"general": 1}}, {}]}
    assert await ruled(store, deed(action="widen", also=also, members={"a1": {"priority": 9}, "a2": {}})) == [None]
    widened = await last(store, "entry.widened")
    assert (widened["also"], widened["members"]) == (also, {"a1": {"priority": 1}, "a2": {}})
    kept = await store.entry("e1")
    assert kept is not None and kept.also == also


async def test_a_caller_who_is_set_aside_is_offered_to_nobody_until_back(store: Store) -> None:
    await store.put_agent(agent(), NOW)
    await store.enqueue(entry())
    assert await ruled(store, deed(action="then", aside=True, notice={"then": "voicemail"})) == [None]
    assert (await kinds(store))[-2:] == ["entry.overflowed", "entry.aside"]
    assert await store.offer(await fence_of(store), [proposal()]) == [Refusal.ENTRY_NOT_WAITING]
    adopted = await store.adopt("e1", "n2", "chan-2")
    assert adopted is not None
    assert (adopted[0].state, adopted[0].pending) == (EntryState.ASIDE, {"then": "voicemail"})
    assert await store.come_back("e1", NOW + 2000) is None
    assert await store.come_back("e1", NOW + 2001) is None
    assert (await kinds(store)).count("entry.back") == 1
    assert await store.offer(await fence_of(store), [proposal(at=3000)]) == [None]


async def test_who_is_aside_can_leave(store: Store) -> None:
    await store.enqueue(entry())
    assert await store.step_aside("e1", "callback", NOW + 500) is None
    assert await store.step_aside("e1", "callback", NOW + 600) is None
    assert await store.leave("e1", "callback", NOW + 1000) is None
    assert await kinds(store) == ["entry.entered", "entry.aside", "entry.left"]


async def test_nothing_is_done_for_a_caller_whom_a_phone_rings_for(store: Store) -> None:
    await offered(store)
    assert await ruled(store, deed(action="move", move=Move("general", GENERAL, NOW))) == [Refusal.ENTRY_NOT_WAITING]
    assert await store.step_aside("e1", "callback", NOW) is Refusal.ENTRY_NOT_WAITING
    assert await store.come_back("e1", NOW) is Refusal.ENTRY_NOT_WAITING
    assert "entry.overflowed" not in await kinds(store)


async def test_nothing_is_done_for_whoever_is_gone_or_is_to_leave(store: Store) -> None:
    assert await ruled(store, deed()) == [Refusal.ENTRY_GONE]
    assert await store.step_aside("e1", "callback", NOW) is Refusal.ENTRY_GONE
    assert await store.come_back("e1", NOW) is Refusal.ENTRY_GONE
    await store.enqueue(entry())
    await store.send_away("e1", "closed", "boss", NOW)
    assert await ruled(store, deed()) == [Refusal.ENTRY_NOT_WAITING]
    assert await store.step_aside("e1", "callback", NOW) is Refusal.ENTRY_NOT_WAITING


async def test_nobody_is_moved_into_a_closed_queue(store: Store) -> None:
    await store.enqueue(entry())
    await store.close_queue("general", "boss", NOW)
    assert await ruled(store, deed(action="move", move=Move("general", GENERAL, NOW))) == [Refusal.QUEUE_CLOSED]
    assert "entry.overflowed" not in await kinds(store)


async def test_a_dispatcher_that_was_succeeded_is_refused(store: Store) -> None:
    await store.enqueue(entry())
    fence = await fence_of(store, "d1")
    await store.release_lease("dispatcher", "d1")
    await fence_of(store, "d2")
    assert await store.overflow(fence, [deed(), deed("d2")]) == [Refusal.STALE_FENCE] * 2
    assert await kinds(store) == ["entry.entered"]


async def test_what_a_caller_is_told_of_the_wait_is_kept_and_told(store: Store) -> None:
    await store.enqueue(entry())
    said = {"position": 2, "from_min": 3, "to_min": 6, "expected_ms": 250_000}
    announced = Deed("d1", "e1", NOW + 1000, "", said, announced={"at": NOW + 1000, "position": 2, "to_min": 6})
    assert await ruled(store, announced) == [None]
    told = await last(store, "entry.announced")
    assert {name: told[name] for name in said} == said
    kept = await store.entry("e1")
    assert kept is not None and kept.announced == {"at": NOW + 1000, "position": 2, "to_min": 6}
    assert kept.followed == {}


@pytest.mark.parametrize("most", [1, 2, 100])
async def test_the_last_events_up_to_a_point_are_read_back(store: Store, most: int) -> None:
    await store.enqueue(entry())
    await store.step_aside("e1", "callback", NOW)
    snapshot = await store.snapshot()
    await store.come_back("e1", NOW)
    found = [event.kind for event in await store.recent(most, snapshot.cursor)]
    assert found == ["entry.entered", "entry.aside"][-most:]
