"""Several Asterisks and engines on one store, and a store that was wiped: in memory and on Valkey."""

from typing import Any

from queues.model import AgentState, Device, EntryState, Kind, OfferMessage, Refusal, Setback, Status
from queues.store.port import DISPATCHER, Recalled, Store, Thrown
from tests.line import NOW, agent, entry, fence_of, kinds, proposal

# --- where a phone is -------------------------------------------------------------------------------------------------


async def where(store: Store) -> tuple[Device, str]:
    known = await store.agent("a1")
    return known.device, known.asterisk


async def test_an_asterisk_that_does_not_know_the_phone_does_not_make_it_unreachable(store: Store) -> None:
    await store.put_agent(agent(device=Device.UNREACHABLE), NOW)
    await store.set_device("a1", Device.FREE, NOW, "north")
    await store.set_device("a1", Device.UNREACHABLE, NOW, "south")
    assert await where(store) == (Device.FREE, "north")
    assert await kinds(store) == ["agent.profile", "agent.device"]


async def test_a_phone_that_moved_is_rung_where_it_registered_last(store: Store) -> None:
    await store.put_agent(agent(device=Device.UNREACHABLE), NOW)
    await store.set_device("a1", Device.FREE, NOW, "north")
    await store.set_device("a1", Device.FREE, NOW, "south")
    assert await where(store) == (Device.FREE, "south")
    await store.set_device("a1", Device.UNREACHABLE, NOW, "south")
    assert await where(store) == (Device.FREE, "north")
    await store.set_device("a1", Device.UNREACHABLE, NOW, "north")
    assert await where(store) == (Device.UNREACHABLE, "")


async def test_a_phone_that_talks_anywhere_is_busy(store: Store) -> None:
    await store.put_agent(agent(device=Device.UNREACHABLE), NOW)
    await store.set_device("a1", Device.BUSY, NOW, "north")
    await store.set_device("a1", Device.FREE, NOW, "south")
    assert await where(store) == (Device.BUSY, "south")
    await store.set_device("a1", Device.FREE, NOW, "north")
    assert await where(store) == (Device.FREE, "south")


async def test_the_offer_says_where_the_phone_is(store: Store) -> None:
    await store.put_agent(agent(device=Device.UNREACHABLE), NOW)
    await store.set_device("a1", Device.FREE, NOW, "south")
    await store.enqueue(entry(asterisk="north"))
    assert await store.offer(await fence_of(store), [proposal()]) == [None]
    [(_, message)] = await store.inbox("n1", "0", 0)
    assert message.asterisk == "south"
    _, again = await store.adopt("e1", "n2", "chan-e1")
    assert again == message


# --- engines ----------------------------------------------------------------------------------------------------------


async def test_engines_join_are_heard_of_and_are_forgotten(store: Store) -> None:
    first = await store.announce("n1", "north", NOW)
    assert first.fresh
    assert first.begun
    again = await store.announce("n1", "north", NOW + 1000)
    other = await store.announce("n2", "south", NOW + 1000)
    assert (again.begun, again.fresh, other.begun, other.fresh) == (first.begun, False, first.begun, False)
    assert [(node.name, node.asterisk) for node in await store.nodes()] == [("n1", "north"), ("n2", "south")]
    assert await store.forget_node("n1", "silent", NOW)
    assert not await store.forget_node("n1", "silent", NOW)
    assert [node.name for node in await store.nodes()] == ["n2"]
    assert await kinds(store) == ["store.begun", "node.joined", "node.joined", "node.left"]
    assert (await store.snapshot()).begun == first.begun


async def test_a_store_that_no_engine_has_announced_itself_to_has_no_beginning(store: Store) -> None:
    assert (await store.snapshot()).begun == 0
    assert await store.nodes() == []


async def test_fences_begin_with_the_time_so_that_a_wiped_store_gives_no_old_one_again(store: Store) -> None:
    assert await store.take_lease(DISPATCHER, "d1", 1000) > 1_600_000_000_000


# --- what a wiped store is told again ---------------------------------------------------------------------------------


async def test_a_waiting_call_is_put_back_in_its_place(store: Store) -> None:
    assert await store.restore(entry(priority=2), NOW + 9000)
    assert await store.entry("e1") == entry(priority=2)
    assert not await store.restore(entry(), NOW + 9000)
    assert await kinds(store) == ["entry.restored"]


async def test_a_conversation_goes_on_and_ends_as_any(store: Store) -> None:
    await store.put_agent(agent(), NOW)
    stood = entry(state=EntryState.CONNECTED, agent="a1", offer="o1", offered_at=NOW + 1, answered_at=NOW + 2)
    assert await store.restore(stood, NOW + 9000)
    known = await store.agent("a1")
    assert (known.state, known.entry, known.offer) == (AgentState.TALKING, "e1", "o1")
    assert await store.answer("e1", "o1", NOW + 2) is None
    assert await store.finish("e1", 20_000, NOW + 20_000) is None
    assert (await store.agent("a1")).state is AgentState.WRAP_UP


async def test_an_agent_who_is_being_rung_stays_so(store: Store) -> None:
    await store.put_agent(agent(), NOW)
    await store.enqueue(entry("e2"))
    await store.restore(entry(state=EntryState.OFFERED, agent="a1", offer="o1", offered_at=NOW), NOW + 9000)
    assert await store.offer(await fence_of(store), [proposal("o2", "e2")]) == [Refusal.AGENT_NOT_READY]
    assert await store.ringing("e1", "o1", NOW) is None
    assert await store.answer("e1", "o1", NOW) is None


async def test_what_does_not_fit_what_the_store_knows_is_not_put_back(store: Store) -> None:
    stood = entry(state=EntryState.CONNECTED, agent="a1", offer="o1")
    assert not await store.restore(stood, NOW)
    await store.put_agent(agent(), NOW)
    await store.enqueue(entry("e2"))
    assert await store.offer(await fence_of(store), [proposal("o2", "e2")]) == [None]
    assert not await store.restore(stood, NOW)
    assert await store.entry("e1") is None


async def test_the_queue_says_for_how_long_an_agent_is_left_out(store: Store) -> None:
    await store.put_agent(agent(status=Status.AVAILABLE), NOW)
    await store.enqueue(entry(left_out_ms=5000))
    await store.offer(await fence_of(store), [proposal()])
    await store.withdraw("e1", "o1", Setback.NO_ANSWER, NOW + 20_000)
    assert (await store.entry("e1")).excluded == {"a1": NOW + 25_000}


async def test_what_rules_did_for_a_call_is_told_with_it_again(store: Store) -> None:
    history: dict[str, Any] = {
        "also": {"general": [{"skills": {"y": 1}}]}, "followed": {"civil/1": NOW + 5}, "hops": 2,
        "exits": {"1": "callback"}, "announced": {"at": NOW + 6, "position": 3},
    }  # fmt: skip
    assert await store.restore(entry(**history), NOW + 9000)
    [(_, restored)] = await store.follow("0", 0)
    assert {name: restored.data[name] for name in history} == history


async def test_a_store_is_told_once_in_its_life_what_agents_had_chosen(store: Store) -> None:
    assert not (await store.snapshot()).agents_told
    begun = (await store.announce("n1", "north", NOW)).begun
    assert not await store.agents_told(begun - 1, "n1", True, NOW)
    assert not (await store.snapshot()).agents_told
    assert await store.agents_told(begun, "n1", True, NOW + 1000)
    assert not await store.agents_told(begun, "n2", False, NOW + 2000)
    assert (await store.snapshot()).agents_told
    [said] = [event for _, event in await store.follow("0", 0) if event.kind == "store.agents_told"]
    assert (said.at, said.data) == (NOW + 1000, {"node": "n1", "known": True})


# --- what the history knows, told again -------------------------------------------------------------------------------

MESSAGE: dict[str, Any] = {"kind": Kind.VOICEMAIL, "file": "call-e1-0123abcd", "due": NOW + 60_000, "asterisk": "north"}
CLOSED = {"position": "closed", "at": NOW, "until": 0, "because": "Panne", "author": "sophie"}


def recalled() -> Recalled:
    thrown = Thrown(CLOSED, "hours.switched", {"hours": "mairie", **CLOSED})
    return Recalled([entry(**MESSAGE)], {"roads": "sophie"}, {"mairie": thrown})


async def test_a_new_store_is_to_be_told_what_the_history_knows_of_each_asterisk_once(store: Store) -> None:
    begun, _, told = await store.announce("n1", "north", NOW)
    assert not told
    assert await store.retell(begun, "n1", "north", recalled(), NOW + 5000)
    assert await store.entry("e1") == entry(**MESSAGE)
    assert (await store.snapshot()).closed == {"roads"}
    assert await store.switches() == {"mairie": CLOSED}
    assert (await store.announce("n2", "north", NOW)).told
    assert not (await store.announce("n3", "south", NOW)).told
    happened = [event for _, event in await store.follow("0", 0)]
    assert [(each.kind, each.at) for each in happened if each.kind not in ("node.joined", "store.begun")] == [
        ("queue.closed", NOW + 5000),
        ("hours.switched", NOW + 5000),
        ("entry.restored", NOW + 5000),
        ("store.told", NOW + 5000),
    ]
    by_kind = {each.kind: each.data for each in happened}
    assert by_kind["queue.closed"] == {"queue": "roads", "author": "sophie"}
    assert by_kind["hours.switched"] == {"hours": "mairie", **CLOSED}
    assert by_kind["store.told"] == {"node": "n1", "asterisk": "north", "entries": 1, "closed": 1, "switches": 1}


async def test_who_tries_to_tell_it_later_changes_nothing_whatever_was_done_meanwhile(store: Store) -> None:
    begun = (await store.announce("n1", "north", NOW)).begun
    assert await store.retell(begun, "n1", "north", recalled(), NOW)
    await store.leave("e1", "done", NOW)
    await store.open_queue("roads", "sophie", NOW)
    await store.set_switch("mairie", None, [])
    before = await kinds(store)
    assert not await store.retell(begun, "n2", "north", recalled(), NOW + 1)
    assert await store.entry("e1") is None
    assert not (await store.snapshot()).closed
    assert (await store.switches(), await kinds(store)) == ({}, before)


async def test_what_the_store_knows_already_is_left_as_it_is(store: Store) -> None:
    begun = (await store.announce("n1", "north", NOW)).begun
    opened = {**CLOSED, "position": "open"}
    await store.put_agent(agent(), NOW)
    await store.restore(entry(state=EntryState.CONNECTED, agent="a1", offer="o1", **MESSAGE), NOW)
    await store.close_queue("roads", "camille", NOW)
    await store.set_switch("mairie", opened, [])
    assert await store.retell(begun, "n1", "north", recalled(), NOW)
    known = await store.entry("e1")
    assert known is not None
    assert known.state is EntryState.CONNECTED
    assert await store.switches() == {"mairie": opened}
    told = [event.data for _, event in await store.follow("0", 0) if event.kind == "store.told"]
    assert [(each["entries"], each["closed"], each["switches"]) for each in told] == [(0, 0, 0)]


async def test_what_was_meant_for_a_store_that_began_at_another_time_is_not_told(store: Store) -> None:
    begun = (await store.announce("n1", "north", NOW)).begun
    assert not await store.retell(begun - 1, "n1", "north", recalled(), NOW)
    assert await store.entry("e1") is None
    assert not (await store.announce("n1", "north", NOW)).told


async def test_a_message_that_was_told_again_is_offered_as_any(store: Store) -> None:
    begun = (await store.announce("n1", "north", NOW)).begun
    await store.put_agent(agent(), NOW)
    assert await store.retell(begun, "n1", "north", recalled(), NOW)
    assert await store.offer(await fence_of(store), [proposal()]) == [None]
    [(_, notice)] = await store.inbox("n1", "0", 0)
    assert isinstance(notice, OfferMessage)
    assert (notice.kind, notice.file) == (Kind.VOICEMAIL, "call-e1-0123abcd")
    assert await store.answer("e1", "o1", NOW) is None
    assert await store.finish("e1", 1000, NOW + 1000) is None
