"""An agent says what is to become of the caller they talk with: one suite, run on the store in memory and on Valkey."""

from queues.model import DirectMessage, Kind, Refusal
from queues.store.port import Store
from tests.line import NOW, agent, entry, kinds, offered, talking

ONWARD = {"id": "m1", "how": "blind", "to": "queue:roads", "author": "a1", "keep_place": True}


async def test_where_the_caller_is_to_go_stands_in_the_entry_and_its_node_is_told(store: Store) -> None:
    await talking(store)
    assert await store.direct("e1", "a1", ONWARD, NOW + 4000) is None
    assert (await store.entry("e1")).onward == ONWARD
    notices = [notice for _, notice in await store.inbox("n1", "0", 0)]
    assert notices[-1] == DirectMessage("e1", "call-e1", ONWARD)
    event = (await store.follow("0", 0))[-1][1]
    told = {"entry": "e1", "queue": "civil", "agent": "a1", "id": "m1", "how": "blind", "to": "queue:roads"}
    assert (event.kind, event.at, dict(event.data)) == ("entry.directed", NOW + 4000, {**told, "author": "a1"})


async def test_saying_the_same_twice_changes_nothing_and_something_else_takes_its_place(store: Store) -> None:
    await talking(store)
    for at in (4000, 4500):
        assert await store.direct("e1", "a1", ONWARD, NOW + at) is None
    assert await store.direct("e1", "a1", {**ONWARD, "id": "m2", "to": "queue:town"}, NOW + 5000) is None
    assert (await store.entry("e1")).onward["to"] == "queue:town"
    assert (await kinds(store)).count("entry.directed") == 2


async def test_only_the_agent_who_talks_with_the_caller_says_so(store: Store) -> None:
    await talking(store)
    await store.put_agent(agent("a2"), NOW)
    assert await store.direct("e1", "a2", ONWARD, NOW + 4000) is Refusal.OTHER_OFFER
    assert await store.direct("e9", "a1", ONWARD, NOW + 4000) is Refusal.ENTRY_GONE
    assert (await store.entry("e1")).onward == {}
    assert "entry.directed" not in await kinds(store)


async def test_a_call_that_only_rings_and_a_message_are_sent_nowhere(store: Store) -> None:
    await offered(store)
    assert await store.direct("e1", "a1", ONWARD, NOW + 2000) is Refusal.ENTRY_NOT_WAITING


async def test_a_message_is_sent_nowhere(store: Store) -> None:
    await talking(store, kind=Kind.VOICEMAIL)
    assert await store.direct("e1", "a1", ONWARD, NOW + 4000) is Refusal.ENTRY_NOT_WAITING


async def test_a_conversation_is_not_finished_by_whoever_does_not_know_where_the_caller_is_to_go(store: Store) -> None:
    await talking(store)
    await store.direct("e1", "a1", ONWARD, NOW + 4000)
    assert await store.finish("e1", 1000, NOW + 5000, "") is Refusal.DIRECTED
    assert await store.finish("e1", 1000, NOW + 5000, "m1") is None
    assert await store.finish("e1", 1000, NOW + 5000, "m1") is Refusal.ENTRY_GONE


async def test_without_a_way_onward_it_is_finished_as_ever(store: Store) -> None:
    await talking(store)
    assert await store.finish("e1", 1000, NOW + 5000, "") is None


async def test_whom_an_agent_asked_has_the_caller_as_any_other_call_from_then_on(store: Store) -> None:
    await talking(store, kind=Kind.CONSULT)
    for _ in (1, 2):
        assert await store.hand_over("e1", "e0", NOW + 4000) is None
    assert (await store.entry("e1")).kind is Kind.CALL
    event = (await store.follow("0", 0))[-1][1]
    told = {"entry": "e1", "queue": "civil", "agent": "a1", "former": "e0"}
    assert (event.kind, dict(event.data)) == ("entry.handed_over", told)
    assert (await kinds(store)).count("entry.handed_over") == 1


async def test_nobody_has_a_caller_before_they_talk(store: Store) -> None:
    await offered(store, kind=Kind.CONSULT)
    assert await store.hand_over("e1", "e0", NOW + 2000) is Refusal.ENTRY_NOT_WAITING
    assert await store.hand_over("e9", "e0", NOW + 2000) is Refusal.ENTRY_GONE


async def test_a_consultation_in_a_closed_queue_goes_on_as_no_caller_comes_in(store: Store) -> None:
    await store.close_queue("civil", "boss", NOW)
    await talking(store, kind=Kind.CONSULT)
    assert (await store.entry("e1")).state == "connected"


async def test_any_agent_takes_a_caller_who_is_parked(store: Store) -> None:
    await store.enqueue(entry(parked={"slot": 1, "by": "a1", "until": NOW + 60_000}))
    take = {"id": "m3", "how": "take", "to": "agent:a2", "author": "a1"}
    assert await store.direct("e1", "a2", take, NOW + 1000) is Refusal.ENTRY_NOT_WAITING
    assert await store.step_aside("e1", "parked", NOW + 1000) is None
    assert await store.direct("e1", "a2", take, NOW + 2000) is None
    assert (await store.entry("e1")).onward == take
    assert [notice for _, notice in await store.inbox("n1", "0", 0)] == [DirectMessage("e1", "call-e1", take)]
