"""Work that is no call, in the same lines: one suite, run on the store in memory and on Valkey."""

from queues.model import AgentState, EntryState, Kind, OfferMessage, Refusal, Setback, Status
from queues.store.port import Store
from tests.line import NOW, agent, entry, fence_of, kinds, offered, proposal, talking

MESSAGE = {"kind": Kind.VOICEMAIL, "file": "pbx-1-abc", "due": NOW + 3_600_000}


async def test_a_message_is_there_as_it_was_given_and_told_to_be_one(store: Store) -> None:
    await store.enqueue(entry(**MESSAGE))
    assert await store.entry("e1") == entry(**MESSAGE)
    assert (await store.snapshot()).entries == (entry(**MESSAGE),)
    event = (await store.follow("0", 0))[-1][1]
    assert (event.data["kind"], event.data["due"]) == ("voicemail", NOW + 3_600_000)


async def test_who_is_offered_a_message_is_told_what_to_play(store: Store) -> None:
    await offered(store, **MESSAGE)
    expected = OfferMessage("o1", "e1", "call-e1", "a1", "101", 20_000, kind=Kind.VOICEMAIL, file="pbx-1-abc")
    assert [notice for _, notice in await store.inbox("n1", "0", 0)] == [expected]


async def test_a_closed_queue_takes_messages_all_the_same(store: Store) -> None:
    await store.close_queue("civil", "boss", NOW)
    assert await store.enqueue(entry(**MESSAGE))


async def test_an_agent_has_one_piece_of_work_whatever_its_kind(store: Store) -> None:
    await offered(store, **MESSAGE)
    await store.enqueue(entry("e2"))
    assert await store.offer(await fence_of(store), [proposal("o2", "e2")]) == [Refusal.AGENT_NOT_READY]
    assert await store.answer("e1", "o1", NOW + 2000) is None
    assert await store.offer(await fence_of(store), [proposal("o2", "e2")]) == [Refusal.AGENT_NOT_READY]
    assert await store.finish("e1", 1000, NOW + 3000) is None
    assert (await store.agent("a1")).state is AgentState.WRAP_UP


async def test_a_message_is_given_back_by_whoever_had_begun_with_it(store: Store) -> None:
    await talking(store, **MESSAGE)
    for _ in (1, 2):
        assert await store.withdraw("e1", "o1", Setback.RETURNED, NOW + 4000) is None
    back = await store.entry("e1")
    assert (back.state, back.agent, back.offer, back.excluded) == (EntryState.WAITING, "", "", {})
    assert back.since == NOW
    idle = await store.agent("a1")
    assert (idle.state, idle.missed) == (AgentState.IDLE, 0)
    assert (await kinds(store))[-2:] == ["entry.withdrawn", "agent.state"]


async def test_a_conversation_is_not_given_back(store: Store) -> None:
    await talking(store)
    assert await store.withdraw("e1", "o1", Setback.RETURNED, NOW + 4000) is Refusal.ENTRY_NOT_WAITING
    assert (await store.entry("e1")).state is EntryState.CONNECTED


async def test_a_message_that_only_rings_is_not_given_back_but_withdrawn(store: Store) -> None:
    await offered(store, **MESSAGE)
    assert await store.withdraw("e1", "o1", Setback.RETURNED, NOW + 4000) is Refusal.ENTRY_NOT_WAITING
    assert await store.withdraw("e1", "o1", Setback.NO_ANSWER, NOW + 4000) is None
    assert (await store.agent("a1")).missed == 1


async def test_whoever_takes_a_message_over_has_it(store: Store) -> None:
    await talking(store, **MESSAGE)
    taken, notice = await store.adopt("e1", "n2", "")
    assert (taken.node, taken.kind, taken.file, notice) == ("n2", Kind.VOICEMAIL, "pbx-1-abc", None)
    assert (await store.agent("a1")).entry == "e1"


# --- held beside calls ------------------------------------------------------------------------------------------------


async def holder(store: Store, holds: int = 2) -> None:
    """a1 may hold so much beside a call; m1, m2 and m3 are messages."""
    await store.put_agent(agent(), NOW)
    assert await store.set_holds("a1", holds, "boss", NOW) is None
    for name in ("m1", "m2", "m3"):
        await store.enqueue(entry(name, **MESSAGE))


async def handed(store: Store, *names: str) -> list[Refusal | None]:
    fence = await fence_of(store)
    return await store.offer(fence, [proposal(f"o-{name}", name, "a1") for name in names])


async def test_how_much_an_agent_may_hold_is_told_once(store: Store) -> None:
    await store.put_agent(agent(), NOW)
    for _ in (1, 2):
        assert await store.set_holds("a1", 2, "boss", NOW) is None
    assert await kinds(store) == ["agent.profile", "agent.work"]
    event = (await store.follow("0", 0))[-1][1]
    assert event.data == {"agent": "a1", "holds": 2, "held": 0, "author": "boss"}
    await store.put_agent(agent(skills={"x": 1}), NOW)
    assert (await store.agent("a1")).holds == 2
    assert await store.set_holds("a9", 2, "boss", NOW) is Refusal.AGENT_GONE


async def test_messages_are_handed_over_up_to_what_the_agent_may_hold_and_calls_still_come(store: Store) -> None:
    await holder(store)
    assert await handed(store, "m1", "m2", "m3") == [None, None, Refusal.AGENT_NOT_READY]
    found = await store.agent("a1")
    assert (found.held, found.ready, found.state) == (["m1", "m2"], True, AgentState.IDLE)
    assert [(await store.entry(name)).state.value for name in ("m1", "m3")] == ["connected", "waiting"]
    assert await store.inbox("n1", "0", 0) == []
    await store.enqueue(entry("e1"))
    assert await store.offer(await fence_of(store), [proposal("o1", "e1", "a1")]) == [None]
    assert await store.answer("e1", "o1", NOW + 2000) is None
    assert await store.finish("m1", 5, NOW + 3000) is None
    talking = await store.agent("a1")
    assert (talking.held, talking.state, talking.entry) == (["m2"], AgentState.TALKING, "e1")


async def test_the_same_handing_over_is_done_once(store: Store) -> None:
    await holder(store)
    assert await handed(store, "m1") == await handed(store, "m1") == [None]
    assert (await store.agent("a1")).held == ["m1"]


async def test_who_is_not_ready_is_handed_nothing(store: Store) -> None:
    await holder(store)
    await store.set_status("a1", Status.PAUSED, "", "a1", NOW)
    assert await handed(store, "m1") == [Refusal.AGENT_NOT_READY]


async def test_what_is_held_is_given_back_or_done_without_a_wrap_up(store: Store) -> None:
    await holder(store)
    await handed(store, "m1", "m2")
    assert await store.withdraw("m1", "o-m1", Setback.RETURNED, NOW + 2000) is None
    assert await store.finish("m2", 1, NOW + 2000) is None
    assert await store.hold("m1", True, NOW) is Refusal.ENTRY_NOT_WAITING
    found = await store.agent("a1")
    assert (found.held, found.state, found.calls) == ([], AgentState.IDLE, 0)
    assert (await store.entry("m1")).state is EntryState.WAITING
    assert await store.entry("m2") is None


async def test_who_logs_off_or_is_removed_leaves_nothing_behind(store: Store) -> None:
    await holder(store)
    await handed(store, "m1", "m2")
    assert await store.hold("m1", True, NOW) is Refusal.ENTRY_NOT_WAITING
    await store.set_status("a1", Status.OFFLINE, "", "a1", NOW + 2000)
    assert [(await store.entry(name)).state.value for name in ("m1", "m2")] == ["waiting", "waiting"]
    await store.set_status("a1", Status.AVAILABLE, "", "a1", NOW + 3000)
    fence = await fence_of(store)
    assert await store.offer(fence, [proposal("o9", "m1", "a1"), proposal("o8", "m2", "a1")]) == [None, None]
    await store.remove_agent("a1", NOW + 4000)
    assert [(await store.entry(name)).state.value for name in ("m1", "m2")] == ["waiting", "waiting"]
    assert await store.agent("a1") is None
    reasons = [e.data["reason"] for _, e in await store.follow("0", 0) if e.kind == "entry.withdrawn"]
    assert reasons == ["agent_left"] * 4


async def test_one_who_may_hold_nothing_gets_no_messages(store: Store) -> None:
    await holder(store, holds=0)
    assert await handed(store, "m1") == [Refusal.AGENT_NOT_READY]
