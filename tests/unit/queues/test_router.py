"""Who is offered to whom."""

from collections.abc import Iterable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from core.events import Event
from core.ids import counted_ids
from queues.chores import OFFER_GRACE_MS, OVERDUE_PRIORITY, OfferExpired, Overdue, WrapUpOver
from queues.model import Agent, AgentState, Device, Entry, EntryState, Kind, Proposal, Refusal, Snapshot, Status
from queues.requirement import fit
from queues.router import Router
from tests.line import NOW, agent, entry


def router(*things: Entry | Agent) -> Router:
    entries = tuple(thing for thing in things if isinstance(thing, Entry))
    agents = tuple(thing for thing in things if isinstance(thing, Agent))
    return Router(Snapshot(entries, agents, "0"), counted_ids("offer"))


def pairs(proposals: Iterable[Proposal]) -> list[tuple[str, str]]:
    return [(proposal.entry, proposal.agent) for proposal in proposals]


def event(kind: str, at: int = 0, /, **data: Any) -> Event:
    return Event(f"{kind}-{at}", kind, NOW + at, "", data)


HOLDS = {"holds": -1, "held": 0}


def entered(name: str, since: int = 0, **requirement: int) -> Event:
    told = {"entry": name, "queue": "civil", "since": NOW + since, "priority": 0, "ring_ms": 20_000}
    asks = {"requirement": [{"skills": requirement}], "strategy": "longest-idle", "members": {}, "preferred": {}}
    return event("entry.entered", since, **told, **asks, kind="call", due=0)


def standing(idle: int = 0, until: int = 0) -> dict[str, int]:
    """What each event about an agent says."""
    counted = {"logged_in_at": 0, "calls": 0, "busy_ms": 0, "offered_at": 0}
    return {"idle_since": NOW + idle, "wrap_up_until": NOW + until, **counted}


def moved(name: str, to: AgentState, idle: int = 0, until: int = 0) -> Event:
    told = {"agent": name, "from": "", "to": to.value, "cause": ""}
    return event("agent.state", idle, **told, **standing(idle, until))


# --- which call -------------------------------------------------------------------------------------------------------


def test_the_call_that_waits_longest_comes_first() -> None:
    assert pairs(router(entry("e1", since=-10), entry("e2", since=-20), agent()).decide(NOW)) == [("e2", "a1")]


def test_a_point_of_priority_is_worth_a_minute_of_waiting() -> None:
    urgent = entry("e1", since=-1_000, priority=1)
    assert pairs(router(urgent, entry("e2", since=-60_999), agent()).decide(NOW)) == [("e1", "a1")]
    assert pairs(router(urgent, entry("e2", since=-61_001), agent()).decide(NOW)) == [("e2", "a1")]


def test_on_equal_scores_the_older_contact_comes_first_and_then_the_id() -> None:
    assert pairs(router(entry("e1", priority=1), entry("e2", since=-60_000), agent()).decide(NOW)) == [("e2", "a1")]
    assert pairs(router(entry("e2"), entry("e1"), agent()).decide(NOW)) == [("e1", "a1")]


def test_a_call_keeps_the_time_of_its_first_queueing_when_it_moves() -> None:
    moved_here = Entry("e2", "c2", "roads", since=NOW - 90_000, entered=NOW)
    assert pairs(router(entry("e1", since=-60_000), moved_here, agent()).decide(NOW)) == [("e2", "a1")]


# --- which agent ------------------------------------------------------------------------------------------------------


def test_the_agent_who_is_idle_longest_is_asked() -> None:
    assert pairs(router(entry(), agent("a1", idle=-5), agent("a2", idle=-9)).decide(NOW)) == [("e1", "a2")]


def test_on_equal_idleness_the_id_decides() -> None:
    assert pairs(router(entry(), agent("a2"), agent("a1")).decide(NOW)) == [("e1", "a1")]


def test_only_agents_with_the_skills_at_their_level_are_asked() -> None:
    needs = entry(required={"civil": 2, "english": 1})
    assert pairs(router(needs, agent(skills={"civil": 3})).decide(NOW)) == []
    assert pairs(router(needs, agent(skills={"civil": 1, "english": 1})).decide(NOW)) == []
    assert pairs(router(needs, agent(skills={"civil": 3, "english": 1})).decide(NOW)) == [("e1", "a1")]


def test_an_agent_who_is_paused_busy_or_at_no_phone_is_not_asked() -> None:
    assert router(entry(), agent(status=Status.PAUSED)).decide(NOW) == []
    assert router(entry(), agent(device=Device.BUSY)).decide(NOW) == []
    assert router(entry(), agent(device=Device.UNREACHABLE)).decide(NOW) == []
    assert router(entry(), agent(state=AgentState.NOT_RESPONDING)).decide(NOW) == []


def test_a_call_that_nobody_can_take_does_not_hold_up_those_behind_it() -> None:
    first = entry("e1", since=-50, required={"roads": 1})
    second = entry("e2", required={"civil": 1})
    assert pairs(router(first, second, agent(skills={"civil": 1})).decide(NOW)) == [("e2", "a1")]


def test_one_matching_goes_over_all_queues() -> None:
    calls = entry("e1", since=-9), entry("e2", since=-8, queue="roads"), entry("e3", since=-7)
    found = router(*calls, agent("a1", idle=-1), agent("a2", idle=-2)).decide(NOW)
    assert pairs(found) == [("e1", "a2"), ("e2", "a1")]


def test_each_offer_says_when_it_expires_and_why() -> None:
    [offer] = router(entry(required={"civil": 1}, ring_ms=15_000), agent(idle=-42_500, skills={"civil": 1})).decide(NOW)
    assert (offer.offer, offer.at, offer.expires_at) == ("offer-1", NOW, NOW + 15_000 + OFFER_GRACE_MS)
    assert offer.why == "a1 is the only ready agent with civil >= 1 (idle 42 s)"
    others = [agent(f"a{number}", skills={"civil": number}) for number in (1, 2, 3)]
    [offer] = router(entry(required={"civil": 2}), *others).decide(NOW)
    assert offer.why == (
        "a2 is the least over-qualified (idle 0 s) of 2 ready agents with civil >= 2, "
        "before a3 (1 level above, idle 0 s); 1 other ready agent lacks the skills"
    )
    [offer] = router(entry(), *others).decide(NOW)
    assert offer.why == "a1 is the longest idle (idle 0 s) of 3 ready agents, before a2 (idle 0 s) and a3 (idle 0 s)"


# --- news -------------------------------------------------------------------------------------------------------------


def test_a_call_that_comes_is_offered_to_an_agent_who_is_ready() -> None:
    routing = router(agent(skills={"civil": 1}))
    assert routing.decide(NOW) == []
    routing.apply(entered("e1", civil=1))
    assert pairs(routing.decide(NOW)) == [("e1", "a1")]


def test_an_agent_who_becomes_ready_gets_the_call_that_waits() -> None:
    routing = router(entry(), agent(status=Status.PAUSED))
    routing.apply(event("agent.status", agent="a1", status="available", reason="", author="", **standing()))
    assert pairs(routing.decide(NOW)) == [("e1", "a1")]


def test_a_phone_that_becomes_free_gets_the_call_that_waits() -> None:
    routing = router(entry(), agent(device=Device.BUSY))
    routing.apply(event("agent.device", agent="a1", device="free"))
    assert pairs(routing.decide(NOW)) == [("e1", "a1")]


def test_what_was_proposed_is_not_proposed_again() -> None:
    routing = router(entry(), agent("a1"))
    routing.decide(NOW)
    routing.apply(entered("e2"))
    routing.apply(event("agent.device", agent="a1", device="free"))
    assert routing.decide(NOW) == []


def test_a_caller_who_left_is_not_offered() -> None:
    routing = router(entry(), agent(status=Status.PAUSED))
    routing.apply(event("entry.left", entry="e1", queue="civil", reason="abandoned", waited_ms=0))
    routing.apply(event("agent.status", agent="a1", status="available", reason="", author="", **standing()))
    assert routing.decide(NOW) == []


def test_a_skill_that_an_agent_gained_counts_at_once() -> None:
    routing = router(entry(required={"roads": 1}), agent())
    told = {
        "agent": "a1",
        "extension": "101",
        "name": "",
        "status": "available",
        "state": "idle",
        "device": "free",
        "holds": -1,
        "held": 0,
    }
    routing.apply(event("agent.profile", **told, skills={"roads": 1}, **standing()))
    assert pairs(routing.decide(NOW)) == [("e1", "a1")]


def test_an_agent_who_was_removed_is_not_asked() -> None:
    routing = router(agent())
    routing.apply(event("agent.status", agent="a1", status="offline", reason="removed", author="", **standing()))
    routing.apply(entered("e1"))
    assert routing.decide(NOW) == []


def test_events_about_what_is_not_known_change_nothing() -> None:
    routing = router(agent())
    routing.apply(event("entry.left", entry="e9", queue="civil", reason="abandoned", waited_ms=0))
    routing.apply(moved("a9", AgentState.IDLE))
    routing.apply(Event("x", "call.arrived", NOW, "c1", {}))
    assert routing.decide(NOW) == []


def test_a_call_that_is_moved_waits_on_the_other_queues_terms_with_its_place() -> None:
    routing = router(entry("e1", since=-9, required={"civil": 1}), entry("e2", since=-8), agent(status=Status.PAUSED))
    asked = {
        "kind": "call",
        "due": 0,
        "since": NOW - 9,
        "priority": 0,
        "ring_ms": 9,
        "requirement": [{}],
        "strategy": "linear",
        "members": {},
    }
    routing.apply(event("entry.moved", entry="e1", queue="roads", preferred={}, **{"from": "civil"}, **asked))
    routing.apply(event("agent.status", agent="a1", status="available", reason="", author="", **standing()))
    assert pairs(routing.decide(NOW)) == [("e1", "a1")]


def test_a_call_that_is_prioritised_overtakes() -> None:
    routing = router(entry("e1", since=-9), entry("e2", since=-8), agent(status=Status.PAUSED))
    routing.decide(NOW)
    routing.apply(event("entry.prioritised", entry="e2", queue="civil", priority=1, reason="", author="boss"))
    routing.apply(event("agent.status", agent="a1", status="available", reason="", author="", **standing()))
    assert pairs(routing.decide(NOW)) == [("e2", "a1")]


def test_a_call_that_was_sent_away_is_offered_to_nobody() -> None:
    routing = router(entry("e1"), agent(status=Status.PAUSED))
    routing.apply(event("entry.sent_away", entry="e1", queue="civil", reason="closed", author="boss"))
    routing.apply(event("agent.status", agent="a1", status="available", reason="", author="", **standing()))
    assert routing.decide(NOW) == []
    assert router(entry("e1", sent_away="closed"), agent()).decide(NOW) == []


# --- no answer --------------------------------------------------------------------------------------------------------


def no_answer(routing: Router, proposal: Proposal, until: int) -> None:
    told = {"entry": proposal.entry, "agent": proposal.agent, "offer": proposal.offer}
    routing.apply(event("entry.offered", queue="civil", waited_ms=0, why="", **told))
    routing.apply(moved(proposal.agent, AgentState.OFFERED))
    routing.apply(event("entry.withdrawn", reason="no_answer", excluded_until=NOW + until, **told))
    routing.apply(moved(proposal.agent, AgentState.IDLE))


def test_an_agent_who_did_not_answer_is_left_out_for_this_call_and_gets_the_next_one() -> None:
    routing = router(entry("e1", since=-9), agent("a1"))
    [offer] = routing.decide(NOW)
    no_answer(routing, offer, until=80_000)
    assert routing.decide(NOW + 20_000) == []
    routing.apply(entered("e2", since=20_000))
    assert pairs(routing.decide(NOW + 20_000)) == [("e2", "a1")]


def test_the_next_agent_is_asked_for_a_call_that_nobody_answered_and_it_is_still_the_first() -> None:
    routing = router(entry("e1", since=-9), entry("e2", since=-8), agent("a1", idle=-5))
    [offer] = routing.decide(NOW)
    no_answer(routing, offer, until=80_000)
    told = {
        "agent": "a2",
        "extension": "102",
        "name": "",
        "status": "available",
        "state": "idle",
        "device": "free",
        "holds": -1,
        "held": 0,
    }
    routing.apply(event("agent.profile", **told, skills={}, **standing()))
    found = routing.decide(NOW + 20_000)
    assert pairs(found) == [("e1", "a2"), ("e2", "a1")]
    assert found[0].why.endswith("; a1 is left out for this call after an offer that came to nothing")


def test_when_the_exclusion_is_over_the_pair_is_tried_again() -> None:
    routing = router(entry(), agent())
    [offer] = routing.decide(NOW)
    no_answer(routing, offer, until=80_000)
    assert routing.decide(NOW + 79_999) == []
    assert routing.next_deadline() == NOW + 80_000
    assert pairs(routing.decide(NOW + 80_000)) == [("e1", "a1")]


def test_exclusions_in_the_snapshot_count() -> None:
    routing = router(entry(excluded={"a1": NOW + 5_000}), agent())
    assert routing.decide(NOW) == []
    assert routing.next_deadline() == NOW + 5_000
    assert pairs(routing.decide(NOW + 5_000)) == [("e1", "a1")]


# --- deferred work ----------------------------------------------------------------------------------------------------


def test_a_message_and_a_call_stand_in_the_same_line() -> None:
    message = entry("e1", since=-9, kind=Kind.VOICEMAIL, due=NOW + 5_000)
    routing = router(message, entry("e2", since=-8), agent("a1", idle=-3))
    assert pairs(routing.decide(NOW)) == [("e1", "a1")]
    routing = router(message, entry("e2", since=-8, priority=1), agent("a1", idle=-3))
    assert pairs(routing.decide(NOW)) == [("e2", "a1")]


def test_when_its_deadline_comes_a_message_is_to_rank_higher_once() -> None:
    routing = router(entry("e1", kind=Kind.VOICEMAIL, due=NOW + 5_000))
    assert routing.next_deadline() == NOW + 5_000
    assert routing.chores(NOW + 4_999) == []
    assert routing.chores(NOW + 5_000) == [Overdue("e1", OVERDUE_PRIORITY)]
    told = {"entry": "e1", "queue": "civil", "priority": OVERDUE_PRIORITY, "reason": "due", "author": "dispatcher"}
    routing.apply(event("entry.prioritised", **told))
    assert routing.next_deadline() is None
    later = router(entry("e1", kind=Kind.VOICEMAIL, due=NOW + 5_000, priority=OVERDUE_PRIORITY))
    assert later.chores(NOW + 9_000) == []


def test_a_message_that_was_heard_has_no_deadline_any_more() -> None:
    routing = router(entry("e1", kind=Kind.VOICEMAIL, due=NOW + 5_000))
    routing.apply(event("entry.answered", entry="e1", queue="civil", agent="a1", offer="o1", waited_ms=0))
    assert routing.chores(NOW + 5_000) == []


def test_a_message_that_is_given_back_is_offered_again() -> None:
    told = {"entry": "e1", "agent": "a1", "offer": "o1"}
    for message in (entry("e1", kind=Kind.VOICEMAIL), entry("e1", kind=Kind.VOICEMAIL, state=EntryState.CONNECTED)):
        routing = router(message, agent("a1"))
        if message.state is EntryState.WAITING:
            routing.decide(NOW)
            routing.apply(event("entry.offered", queue="civil", waited_ms=0, why="", **told))
            routing.apply(event("entry.answered", queue="civil", waited_ms=0, **told))
        assert routing.chores(NOW + 10**9) == []
        routing.apply(event("entry.withdrawn", reason="returned", excluded_until=0, **told))
        routing.apply(moved("a1", AgentState.IDLE))
        assert pairs(routing.decide(NOW)) == [("e1", "a1")]


def test_a_message_is_rung_at_one_phone_where_calls_ring_at_all() -> None:
    message = entry("e1", kind=Kind.VOICEMAIL, strategy="ring-all")
    [offer] = router(message, agent("a1"), agent("a2")).decide(NOW)
    assert (offer.agent, list(offer.beside)) == ("a1", [])


# --- all at once ------------------------------------------------------------------------------------------------------


def together() -> tuple[Router, Proposal]:
    """e1 is proposed to a1, a2 and a3 at once."""
    routing = router(entry("e1", strategy="ring-all"), agent("a1", idle=-3), agent("a2", idle=-2), agent("a3"))
    [offer] = routing.decide(NOW)
    return routing, offer


def were_rung(routing: Router, offer: Proposal, *others: str) -> None:
    """The commit was done, with a1 and those."""
    beside = [each for each in offer.beside if each["agent"] in others]
    told = {"queue": "civil", "waited_ms": 0, "why": "", "beside": beside}
    routing.apply(event("entry.offered", entry="e1", agent="a1", offer=offer.offer, **told))
    for name in ("a1", *others):
        routing.apply(moved(name, AgentState.OFFERED))


def test_those_who_are_rung_together_are_held_from_other_calls() -> None:
    routing, offer = together()
    assert [each["agent"] for each in offer.beside] == ["a2", "a3"]
    routing.apply(entered("e2"))
    assert routing.decide(NOW) == []
    were_rung(routing, offer, "a2", "a3")
    assert routing.decide(NOW) == []
    routing.apply(moved("a2", AgentState.IDLE))
    assert pairs(routing.decide(NOW)) == [("e2", "a2")]


def test_who_was_left_out_of_the_ringing_is_free_for_others_once_ready() -> None:
    routing, offer = together()
    were_rung(routing, offer, "a2")
    routing.apply(entered("e2"))
    assert pairs(routing.decide(NOW)) == [("e2", "a3")]


def test_a_call_waits_again_after_the_last_of_its_offers() -> None:
    routing, offer = together()
    were_rung(routing, offer, "a2", "a3")
    offers = [(offer.offer, "a1"), *((each["offer"], each["agent"]) for each in offer.beside)]
    for number, (name, who) in enumerate(offers, 1):
        assert routing.chores(NOW + 10**9)[0] == OfferExpired("e1", name)
        told = {"entry": "e1", "agent": who, "offer": name, "reason": "expired", "excluded_until": NOW + 60_000}
        routing.apply(event("entry.withdrawn", **told))
        routing.apply(moved(who, AgentState.IDLE))
        assert routing.decide(NOW) == [], number
    assert pairs(routing.decide(NOW + 60_000)) == [("e1", "a1")]


def test_when_all_are_refused_each_is_a_suspect_until_an_event_explains_it() -> None:
    routing, offer = together()
    routing.settle(offer, Refusal.AGENT_NOT_READY)
    for name in ("a1", "a2", "a3"):
        assert routing.in_doubt
        routing.apply(event("agent.device", agent=name, device="busy"))
    assert not routing.in_doubt
    routing.apply(event("agent.device", agent="a3", device="free"))
    assert pairs(routing.decide(NOW)) == [("e1", "a3")]


def test_when_the_entry_is_gone_all_are_free_for_others() -> None:
    routing, offer = together()
    routing.settle(offer, Refusal.ENTRY_GONE)
    routing.apply(entered("e2"))
    routing.apply(entered("e3", since=1))
    assert pairs(routing.decide(NOW)) == [("e2", "a1"), ("e3", "a2")]


# --- refusals ---------------------------------------------------------------------------------------------------------


def test_a_refusal_because_of_the_entry_leaves_the_agent_for_others() -> None:
    routing = router(entry("e1", since=-9), entry("e2"), agent())
    [offer] = routing.decide(NOW)
    routing.settle(offer, Refusal.ENTRY_GONE)
    assert routing.in_doubt
    assert pairs(routing.decide(NOW)) == [("e2", "a1")]
    routing.apply(event("entry.left", entry="e1", queue="civil", reason="abandoned", waited_ms=0))
    assert not routing.in_doubt


def test_a_refusal_because_of_the_agent_leaves_the_entry_for_others() -> None:
    routing = router(entry(), agent("a1", idle=-9), agent("a2"))
    [offer] = routing.decide(NOW)
    routing.settle(offer, Refusal.AGENT_NOT_READY)
    assert routing.in_doubt
    assert pairs(routing.decide(NOW)) == [("e1", "a2")]
    routing.apply(event("agent.device", agent="a1", device="busy"))
    assert not routing.in_doubt


# --- time -------------------------------------------------------------------------------------------------------------


def test_a_wrap_up_ends_at_its_time() -> None:
    routing = router(agent())
    routing.apply(moved("a1", AgentState.WRAP_UP, until=30_000))
    assert routing.chores(NOW + 29_999) == []
    assert routing.next_deadline() == NOW + 30_000
    assert routing.chores(NOW + 30_000) == [WrapUpOver("a1")]
    assert routing.chores(NOW + 30_000) == []
    assert routing.next_deadline() is None


def test_a_wrap_up_in_the_snapshot_ends_too() -> None:
    routing = router(agent(state=AgentState.WRAP_UP, wrap_up_until=NOW + 10))
    assert routing.chores(NOW + 10) == [WrapUpOver("a1")]


def test_an_offer_of_which_nothing_is_heard_expires() -> None:
    routing = router(entry(ring_ms=20_000), agent())
    [offer] = routing.decide(NOW)
    told = {"queue": "civil", "waited_ms": 0, "why": ""}
    routing.apply(event("entry.offered", entry="e1", agent="a1", offer=offer.offer, **told))
    assert routing.next_deadline() == offer.expires_at
    assert routing.chores(offer.expires_at) == [OfferExpired("e1", offer.offer)]


def test_an_offer_in_the_snapshot_expires_too() -> None:
    routing = router(entry(state=EntryState.OFFERED, offer="o1", agent="a1", offered_at=NOW, ring_ms=20_000))
    assert routing.chores(NOW + 20_000 + OFFER_GRACE_MS) == [OfferExpired("e1", "o1")]


def test_an_offer_that_was_answered_does_not_expire() -> None:
    routing = router(entry(state=EntryState.OFFERED, offer="o1", agent="a1", offered_at=NOW))
    routing.apply(event("entry.answered", entry="e1", queue="civil", agent="a1", offer="o1", waited_ms=0))
    assert routing.next_deadline() is None


# --- against the plain rule -------------------------------------------------------------------------------------------

levels = st.dictionaries(st.sampled_from("xyz"), st.integers(1, 2), max_size=2)
calls = st.lists(st.tuples(st.integers(-99, 0), st.integers(0, 1), levels, st.sets(st.integers(0, 5))), max_size=9)
staff = st.lists(st.tuples(st.integers(-99, 0), levels), max_size=6)


@given(calls, staff)
def test_the_heaps_find_what_a_look_at_everything_finds(
    waiting: list[tuple[int, int, dict[str, int], set[int]]], idle: list[tuple[int, dict[str, int]]]
) -> None:
    entries = [
        entry(f"e{i}", since * 1000, priority=priority, required=need, excluded={f"a{n}": NOW + 1 for n in left_out})
        for i, (since, priority, need, left_out) in enumerate(waiting)
    ]
    agents = [agent(f"a{i}", since, skills=skills) for i, (since, skills) in enumerate(idle)]
    expected = []
    free = sorted(agents, key=lambda each: (each.idle_since, each.id))
    for call in sorted(entries, key=lambda each: (each.since - 60_000 * each.priority, each.since, each.id)):
        able = [
            (how.over, place, each)
            for place, each in enumerate(free)
            if (how := fit(each.skills, call.requirement)) and each.id not in call.excluded
        ]
        if able:
            *_, best = min(able)
            expected.append((call.id, best.id))
            free.remove(best)
    assert pairs(router(*entries, *agents).decide(NOW)) == expected
