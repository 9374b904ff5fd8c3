"""Whom a call may be offered to grows with time, and what nobody could meet is not waited for."""

from dataclasses import replace
from typing import Any

import pytest

from core.events import Event
from core.ids import counted_ids
from queues.model import Agent, AgentState, Entry, Snapshot, Status
from queues.router import Router
from tests.line import NOW, agent, entry

MINUTE = 60_000
EXPERT_THEN_ANY_CLERK: list[dict[str, Any]] = [
    {"skills": {"civil": 3}, "for_ms": MINUTE},
    {"skills": {"civil": 1}, "for_ms": 2 * MINUTE},
    {"skills": {"desk": 1}},
]
CLERK = agent("a1", skills={"civil": 1})
DESK = agent("a2", skills={"desk": 1})
BUSY_EXPERT = agent("a9", skills={"civil": 3}, state=AgentState.TALKING)
BUSY_CLERK = agent("a8", skills={"civil": 2}, state=AgentState.TALKING)


def router(*things: Entry | Agent) -> Router:
    entries = tuple(thing for thing in things if isinstance(thing, Entry))
    agents = tuple(replace(thing) for thing in things if isinstance(thing, Agent))
    return Router(Snapshot(entries, agents, "0"), counted_ids("offer"))


def chosen(routing: Router, after: int = 0) -> list[tuple[str, str]]:
    return [(proposal.entry, proposal.agent) for proposal in routing.decide(NOW + after)]


def told(who: str, kind: str, at: int, **data: Any) -> Event:
    standing = dict.fromkeys(("wrap_up_until", "logged_in_at", "calls", "busy_ms", "offered_at"), 0)
    facts = {"agent": who, "idle_since": NOW + at, "reason": "", **standing, **data}
    return Event(f"{kind}-{who}-{at}", kind, NOW + at, "", facts)


def status(name: str, status: Status, at: int) -> Event:
    return told(name, "agent.status", at, status=status.value)


def moved(name: str, to: AgentState, at: int) -> Event:
    return told(name, "agent.state", at, to=to.value)


# --- steps ------------------------------------------------------------------------------------------------------------


def test_a_call_widens_when_its_step_is_over_and_the_router_says_when() -> None:
    routing = router(entry(requirement=EXPERT_THEN_ANY_CLERK), CLERK, BUSY_EXPERT)
    assert chosen(routing) == []
    assert routing.next_deadline() == NOW + MINUTE
    assert chosen(routing, MINUTE - 1) == []
    assert chosen(routing, MINUTE) == [("e1", "a1")]


def test_a_step_that_nobody_staffed_meets_is_skipped_at_once() -> None:
    assert chosen(router(entry(requirement=EXPERT_THEN_ANY_CLERK), CLERK)) == [("e1", "a1")]
    assert chosen(router(entry(requirement=EXPERT_THEN_ANY_CLERK), DESK)) == [("e1", "a2")]


def test_the_step_after_a_skipped_one_lasts_its_own_time() -> None:
    routing = router(entry(requirement=EXPERT_THEN_ANY_CLERK), BUSY_CLERK, DESK)
    assert chosen(routing, 2 * MINUTE - 1) == []
    assert chosen(routing, 2 * MINUTE) == [("e1", "a2")]


def test_an_expert_on_a_break_is_waited_for_and_one_who_is_away_or_does_not_respond_is_not() -> None:
    call = entry(requirement=EXPERT_THEN_ANY_CLERK)
    assert chosen(router(call, CLERK, agent("a9", skills={"civil": 3}, status=Status.PAUSED))) == []
    for away in ({"status": Status.OFFLINE}, {"state": AgentState.NOT_RESPONDING}):
        call = entry(requirement=EXPERT_THEN_ANY_CLERK)
        assert chosen(router(call, CLERK, agent("a9", skills={"civil": 3}, **away))) == [("e1", "a1")]


def test_when_the_last_expert_goes_home_their_calls_widen_at_once() -> None:
    routing = router(entry("e1", requirement=EXPERT_THEN_ANY_CLERK), CLERK, BUSY_EXPERT)
    assert chosen(routing) == []
    routing.apply(status("a9", Status.OFFLINE, 10_000))
    assert chosen(routing, 10_000) == [("e1", "a1")]


def test_the_step_that_begins_when_an_expert_goes_home_lasts_from_then() -> None:
    routing = router(entry("e1", requirement=EXPERT_THEN_ANY_CLERK), DESK, BUSY_CLERK, BUSY_EXPERT)
    assert chosen(routing) == []
    routing.apply(status("a9", Status.OFFLINE, 10_000))
    assert chosen(routing, 10_000) == []
    assert chosen(routing, 10_000 + 2 * MINUTE - 1) == []
    assert chosen(routing, 10_000 + 2 * MINUTE) == [("e1", "a2")]


def test_widening_adds_agents_and_takes_none_away() -> None:
    routing = router(entry(requirement=EXPERT_THEN_ANY_CLERK), BUSY_EXPERT, BUSY_CLERK)
    assert chosen(routing, 5 * MINUTE) == []
    routing.apply(moved("a9", AgentState.IDLE, 5 * MINUTE))
    assert chosen(routing, 5 * MINUTE) == [("e1", "a9")]


def test_who_fits_the_narrowest_step_is_asked_first() -> None:
    expert = agent("a9", skills={"civil": 5})
    routing = router(entry(since=-MINUTE, requirement=EXPERT_THEN_ANY_CLERK, excluded={"a9": NOW + 1}), expert)
    assert chosen(routing) == []
    routing.apply(told("a1", "agent.profile", 0, extension="1", name="", skills={"civil": 1}, status="available",
                       state="idle", device="free"))  # fmt: skip
    assert chosen(routing, 1) == [("e1", "a9")]


def test_a_call_that_widened_keeps_its_place() -> None:
    first = entry("e1", since=-MINUTE, requirement=EXPERT_THEN_ANY_CLERK)
    second = entry("e2", since=-MINUTE // 2, required={"civil": 1})
    assert chosen(router(second, first, CLERK, BUSY_EXPERT)) == [("e1", "a1")]


def test_the_last_step_lasts_and_waits_for_whoever_comes() -> None:
    routing = router(entry(requirement=EXPERT_THEN_ANY_CLERK))
    assert chosen(routing, 60 * MINUTE) == []
    assert routing.next_deadline() is None


def test_of_each_group_of_alternatives_one_skill_is_enough() -> None:
    asks = [{"skills": {"civil": 1}, "any": [{"english": 2, "german": 1}]}]
    for skills, taken in (
        ({"civil": 1, "english": 2}, True),
        ({"civil": 1, "german": 1}, True),
        ({"civil": 1, "english": 1}, False),
        ({"english": 5, "german": 5}, False),
    ):
        assert bool(chosen(router(entry(requirement=asks), agent(skills=skills)))) is taken


# --- preferred agents -------------------------------------------------------------------------------------------------

KNOWS_THE_CASE = {"agents": ["a7"], "for_ms": 30_000}


def test_a_call_waits_for_the_agent_it_prefers_and_then_for_anyone() -> None:
    knows = agent("a7", state=AgentState.TALKING)
    routing = router(entry(preferred=KNOWS_THE_CASE), agent("a1"), knows)
    assert chosen(routing, 29_999) == []
    assert routing.next_deadline() == NOW + 30_000
    assert chosen(routing, 30_000) == [("e1", "a1")]


def test_the_preferred_agent_is_asked_whatever_their_skills_and_before_others() -> None:
    routing = router(
        entry(required={"civil": 1}, preferred=KNOWS_THE_CASE), agent("a1", skills={"civil": 1}), agent("a7")
    )
    [offer] = routing.decide(NOW)
    assert offer.agent == "a7"
    assert offer.why == "a7 is preferred for this call and ready (idle 0 s); 1 other ready agent is not asked"


def test_the_preferred_agent_who_comes_free_gets_the_call_in_its_turn() -> None:
    knows = agent("a7", state=AgentState.TALKING)
    routing = router(entry("e1", preferred=KNOWS_THE_CASE), entry("e2", since=-5, required={"x": 1}), knows)
    assert chosen(routing) == []
    routing.apply(moved("a7", AgentState.IDLE, 1000))
    assert chosen(routing, 1000) == [("e1", "a7")]


@pytest.mark.parametrize("away", [{"status": Status.OFFLINE}, {"state": AgentState.NOT_RESPONDING}])
def test_a_preferred_agent_who_is_not_there_is_not_waited_for(away: dict[str, Any]) -> None:
    assert chosen(router(entry(preferred=KNOWS_THE_CASE), agent("a1"), agent("a7", **away))) == [("e1", "a1")]


def test_a_preferred_agent_who_leaves_is_waited_for_no_longer() -> None:
    routing = router(entry(preferred=KNOWS_THE_CASE), agent("a1"), agent("a7", state=AgentState.TALKING))
    assert chosen(routing) == []
    routing.apply(status("a7", Status.OFFLINE, 1000))
    assert chosen(routing, 1000) == [("e1", "a1")]


def test_a_preferred_agent_who_did_not_answer_is_not_asked_again() -> None:
    call = entry(preferred=KNOWS_THE_CASE, excluded={"a7": NOW + MINUTE})
    assert chosen(router(call, agent("a1"), agent("a7", idle=-9))) == [("e1", "a1")]


# --- members ----------------------------------------------------------------------------------------------------------


def test_only_members_are_asked_and_of_them_those_with_the_skills() -> None:
    call = entry(required={"civil": 1}, members={"a1": {}, "a2": {}})
    assert chosen(router(call, agent("a2"), agent("a3", skills={"civil": 1}))) == []
    assert chosen(router(call, agent("a2", skills={"civil": 1}), agent("a3", skills={"civil": 1}))) == [("e1", "a2")]


def test_members_of_a_lower_number_are_asked_first() -> None:
    call = entry(members={"a1": {"priority": 2}, "a2": {"priority": 1}})
    [offer] = router(call, agent("a1", idle=-9_000), agent("a2")).decide(NOW)
    assert offer.agent == "a2"
    assert offer.why == (
        "a2 is the only one of priority 1 (priority 1, idle 0 s) of 2 ready agents of this queue, "
        "before a1 (priority 2, idle 9 s)"
    )


def test_a_member_with_a_delay_is_asked_when_the_call_has_waited_so_long() -> None:
    routing = router(entry(members={"a1": {"delay_ms": 30_000}, "a2": {}}), agent("a1"))
    assert chosen(routing, 29_999) == []
    assert routing.next_deadline() == NOW + 30_000
    assert chosen(routing, 30_000) == [("e1", "a1")]


def test_who_is_a_member_of_several_queues_gets_the_first_call_of_all() -> None:
    calls = [
        entry("e1", since=-5, members={"a2": {}}),
        entry("e2", since=-4, members={"a1": {}, "a2": {}}),
        entry("e3", since=-6, members={"a1": {}}),
    ]
    assert chosen(router(*calls, agent("a1"))) == [("e3", "a1")]


ANY_CLERK_AFTER_A_MINUTE = [*EXPERT_THEN_ANY_CLERK[:1], {"skills": {"civil": 1}}]


def test_a_step_that_no_member_meets_is_skipped_whoever_else_would_meet_it() -> None:
    call = entry(requirement=ANY_CLERK_AFTER_A_MINUTE, members={"a1": {}})
    assert chosen(router(call, CLERK, BUSY_EXPERT)) == [("e1", "a1")]
    beside = entry("e2", requirement=ANY_CLERK_AFTER_A_MINUTE)  # a queue of all, which the expert is of too
    assert chosen(router(beside, CLERK, BUSY_EXPERT)) == []


def test_a_member_who_could_come_is_waited_for_and_their_going_home_alone_widens() -> None:
    call = entry(requirement=ANY_CLERK_AFTER_A_MINUTE, members={"a1": {}, "a9": {"delay_ms": 5_000}})
    other = agent("a7", skills={"civil": 4}, state=AgentState.TALKING)
    routing = router(call, CLERK, BUSY_EXPERT, other)
    assert chosen(routing) == []
    routing.apply(status("a7", Status.OFFLINE, 1_000))
    assert chosen(routing, 1_000) == []
    routing.apply(status("a9", Status.OFFLINE, 2_000))
    assert chosen(routing, 2_000) == [("e1", "a1")]


def test_who_came_to_work_before_the_first_call_of_their_queue_counts_in_it() -> None:
    routing = router(agent("a9", skills={"civil": 3}, state=AgentState.TALKING), CLERK)
    assert chosen(routing) == []
    facts = {"queue": "civil", "since": NOW, "priority": 0, "ring_ms": 20_000, "kind": "call", "due": 0}
    asks = {"requirement": ANY_CLERK_AFTER_A_MINUTE, "strategy": "linear", "preferred": {}}
    for name, members in (("e1", {"a1": {}, "a9": {}}), ("e2", {"a1": {}})):
        told_of = {"entry": name, **facts, **asks, "members": members}
        routing.apply(Event(name, "entry.entered", NOW, f"call-{name}", told_of))
    assert chosen(routing) == [("e2", "a1")]
