"""Several phones rung at once for one call: one suite, run on the store in memory and on Valkey."""

from dataclasses import replace

from queues.model import AgentState, EntryState, OfferMessage, Proposal, Refusal, Setback, Status
from queues.store.port import RONA_EXCLUDED_MS, Store
from tests.line import NOW, agent, entry, fence_of, kinds, proposal

A2, A3 = {"offer": "o2", "agent": "a2"}, {"offer": "o3", "agent": "a3"}


def together() -> Proposal:
    return replace(proposal(), beside=[A2, A3])


async def rung(store: Store, *, paused: tuple[str, ...] = ()) -> Refusal | None:
    """e1 is offered to a1, a2 and a3 at once."""
    for name in ("a1", "a2", "a3"):
        await store.put_agent(agent(name, status=Status.PAUSED if name in paused else Status.AVAILABLE), NOW)
    await store.enqueue(entry())
    [refusal] = await store.offer(await fence_of(store), [together()])
    return refusal


async def states(store: Store) -> list[str]:
    return [(await store.agent(name)).state.value for name in ("a1", "a2", "a3")]


async def reasons(store: Store) -> list[tuple[str, str]]:
    events = [event for _, event in await store.follow("0", 0) if event.kind == "entry.withdrawn"]
    return [(event.data["offer"], event.data["reason"]) for event in events]


async def test_all_are_held_by_offers_of_their_own_and_the_node_is_told_once(store: Store) -> None:
    assert await rung(store) is None
    held = await store.entry("e1")
    assert held == entry(state=EntryState.OFFERED, agent="a1", offer="o1", offered_at=NOW + 1000, beside=[A2, A3])
    assert await states(store) == ["offered"] * 3
    phones = [{**A2, "extension": "102", "asterisk": ""}, {**A3, "extension": "103", "asterisk": ""}]
    message = OfferMessage("o1", "e1", "call-e1", "a1", "101", 20_000, phones)
    assert [notice for _, notice in await store.inbox("n1", "0", 0)] == [message]
    assert (await store.adopt("e1", "n2", "chan-1")) == (replace(held, node="n2", channel="chan-1"), message)
    offered = next(event for _, event in await store.follow("0", 0) if event.kind == "entry.offered")
    assert (offered.data["agent"], offered.data["beside"]) == ("a1", [A2, A3])


async def test_who_is_not_ready_any_more_is_left_out(store: Store) -> None:
    assert await rung(store, paused=("a1",)) is None
    held = await store.entry("e1")
    assert (held.agent, held.offer, held.beside) == ("a2", "o2", [A3])
    assert await states(store) == ["idle", "offered", "offered"]


async def test_with_one_left_it_is_an_offer_like_any_other(store: Store) -> None:
    assert await rung(store, paused=("a1", "a3")) is None
    held = await store.entry("e1")
    assert (held.agent, held.beside) == ("a2", [])
    offered = next(event for _, event in await store.follow("0", 0) if event.kind == "entry.offered")
    assert "beside" not in offered.data


async def test_with_nobody_left_nothing_is_offered(store: Store) -> None:
    assert await rung(store, paused=("a1", "a2", "a3")) is Refusal.AGENT_NOT_READY
    assert await store.entry("e1") == entry()


async def test_the_same_offers_are_made_once(store: Store) -> None:
    await rung(store, paused=("a1",))
    before = await kinds(store)
    assert await store.offer(await fence_of(store), [together()]) == [None]
    assert await kinds(store) == before
    other = replace(proposal("o9"), beside=[{"offer": "o8", "agent": "a2"}])
    assert await store.offer(await fence_of(store), [other]) == [Refusal.ENTRY_NOT_WAITING]


async def test_the_first_to_answer_has_the_call_and_the_others_missed_nothing(store: Store) -> None:
    await rung(store)
    for offer in ("o1", "o2"):
        assert await store.ringing("e1", offer, NOW + 1500) is None
    assert await states(store) == ["ringing", "ringing", "offered"]
    for _ in (1, 2):
        assert await store.answer("e1", "o2", NOW + 3000) is None
    assert await states(store) == ["idle", "talking", "idle"]
    taken = await store.entry("e1")
    assert (taken.agent, taken.offer, taken.beside, taken.excluded) == ("a2", "o2", [], {})
    assert await reasons(store) == [("o1", "answered_elsewhere"), ("o3", "answered_elsewhere")]
    first = await store.agent("a1")
    assert (first.missed, first.idle_since) == (0, NOW)
    assert await store.answer("e1", "o1", NOW + 3001) is Refusal.OTHER_OFFER
    assert await store.finish("e1", 1000, NOW + 4000) is None
    assert await states(store) == ["idle", "wrap_up", "idle"]


async def test_where_nobody_answers_all_have_missed_it_and_the_call_waits_after_the_last(store: Store) -> None:
    await rung(store)
    assert await store.withdraw("e1", "o1", Setback.NO_ANSWER, NOW + 21_000) is None
    held = await store.entry("e1")
    assert (held.state, held.agent, held.offer, held.beside) == (EntryState.OFFERED, "a2", "o2", [A3])
    for offer in ("o2", "o3"):
        assert await store.withdraw("e1", offer, Setback.NO_ANSWER, NOW + 21_000) is None
    until = NOW + 21_000 + RONA_EXCLUDED_MS
    assert await store.entry("e1") == entry(withdrawn="o3", excluded={"a1": until, "a2": until, "a3": until})
    assert [(await store.agent(name)).missed for name in ("a1", "a2", "a3")] == [1, 1, 1]


async def test_a_busy_phone_is_let_go_while_the_others_ring(store: Store) -> None:
    await rung(store)
    assert await store.withdraw("e1", "o3", Setback.BUSY, NOW + 1500) is None
    assert await states(store) == ["offered", "offered", "idle"]
    assert await store.answer("e1", "o1", NOW + 2000) is None
    assert await reasons(store) == [("o3", "busy"), ("o2", "answered_elsewhere")]


async def test_a_caller_who_leaves_frees_them_all(store: Store) -> None:
    await rung(store)
    assert await store.leave("e1", "abandoned", NOW + 2000) is None
    assert await states(store) == ["idle"] * 3


async def test_an_account_that_is_removed_leaves_the_others_ringing(store: Store) -> None:
    await rung(store)
    await store.remove_agent("a1", NOW + 2000)
    held = await store.entry("e1")
    assert (held.agent, held.beside, await store.agent("a1")) == ("a2", [A3], None)
    assert (await store.agent("a2")).state is AgentState.OFFERED
