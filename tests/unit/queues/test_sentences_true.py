"""What the sentence of why says is so: of who was not chosen, and of by what who was chosen comes first."""

from typing import Any

import pytest

from core.events import Event
from core.ids import counted_ids
from queues.model import Agent, AgentState, Entry, Kind, Snapshot
from queues.router import Router
from queues.why import why
from tests.line import NOW, agent, entry
from tests.unit.queues.test_why import ENGLISH

CIVIL = [{"skills": {"civil": 1}}]
EXPERT_FIRST: list[dict[str, Any]] = [{"skills": {"civil": 3}, "for_ms": 60_000}, {"skills": {"civil": 1}}]
PREFERS_X = {"agents": ["x"], "for_ms": 30_000}
MINUTE_AGO = -60_000


def router(*things: Entry | Agent) -> Router:
    entries = tuple(thing for thing in things if isinstance(thing, Entry))
    agents = tuple(thing for thing in things if isinstance(thing, Agent))
    return Router(Snapshot(entries, agents, "0"), counted_ids("offer"))


def sentence(*things: Entry | Agent) -> str:
    """Of the one offer that is made; all of it can be said in French."""
    [offer] = router(*things).decide(NOW)
    assert not ENGLISH.search(why(offer.why, "fr")), why(offer.why, "fr")
    return offer.why


def comes_free(name: str) -> Event:
    standing = {"wrap_up_until": 0, "calls": 0, "busy_ms": 0, "offered_at": 0}
    told = {"agent": name, "from": "wrap_up", "to": "idle", "cause": "", "idle_since": NOW, **standing}
    return Event("event", "agent.state", NOW, "", told)


# --- whom the call prefers --------------------------------------------------------------------------------------------


def test_a_preferred_agent_who_is_ready_once_the_time_for_them_is_over_was_not_without_time() -> None:
    call = entry(since=MINUTE_AGO, preferred=PREFERS_X, requirement=CIVIL)
    said = sentence(call, agent("m", skills={"civil": 1}, idle=-90_000), agent("x", skills={"civil": 1}))
    assert said == (
        "m is the longest idle (idle 90 s) of 2 ready agents with civil >= 1, before x (idle 0 s)"
        "; x, whom this call prefers, was not asked before others any more"
    )


def test_a_preferred_agent_without_the_skills_is_ready_all_the_same() -> None:
    call = entry(since=MINUTE_AGO, preferred=PREFERS_X, requirement=CIVIL)
    said = sentence(call, agent("m", skills={"civil": 1}), agent("x", skills={"roads": 1}))
    assert said.endswith(
        "; 1 other ready agent lacks the skills; x, whom this call prefers, was not asked before others any more"
    )


def test_a_preferred_agent_who_is_left_out_is_told_as_such_only() -> None:
    call = entry(preferred=PREFERS_X, excluded={"x": NOW + 5_000})
    assert sentence(call, agent("m"), agent("x")) == (
        "m is the only ready agent (idle 0 s); x is left out for this call after an offer that came to nothing"
    )


def test_of_several_preferred_agents_each_is_told_as_they_were() -> None:
    call = entry(since=MINUTE_AGO, preferred={"agents": ["x", "y"], "for_ms": 30_000})
    said = sentence(call, agent("m", idle=-9_000), agent("x"), agent("y", state=AgentState.TALKING))
    assert said.endswith(
        "; x, whom this call prefers, was not asked before others any more; y, whom this call prefers, was not free"
    )


def test_a_preferred_agent_who_is_rung_with_others_is_not_told_as_somebody_who_is_not() -> None:
    call = entry(since=MINUTE_AGO, preferred=PREFERS_X, strategy="ring-all")
    assert sentence(call, agent("m", idle=-9_000), agent("x")) == (
        "m and x are rung together, 2 of 2 ready agents, and who answers first has the call"
    )


def test_a_preferred_agent_who_comes_with_others_waiting_is_seen_too() -> None:
    """As one agent comes free the line of agents is not asked: what is said must hold there too."""
    call = entry(since=MINUTE_AGO, preferred=PREFERS_X, requirement=CIVIL)
    routing = router(call, agent("m", skills={"civil": 1}, state=AgentState.WRAP_UP), agent("x"))
    assert routing.decide(NOW) == []
    routing.apply(comes_free("m"))
    [offer] = routing.decide(NOW)
    assert offer.why == (
        "m is the only ready agent with civil >= 1 (idle 0 s); 1 other ready agent lacks the skills"
        "; x, whom this call prefers, was not asked before others any more"
    )


# --- why not the others -----------------------------------------------------------------------------------------------


def test_a_member_whose_delay_is_not_over_may_be_one_of_those_who_are_not_asked() -> None:
    call = entry(members={"a1": {"delay_ms": 30_000}, "a2": {}}, requirement=CIVIL)
    people = agent("a1", skills={"civil": 1}), agent("a2", skills={"civil": 1})
    assert sentence(call, *people).endswith(
        "; 1 other ready agent is not in this queue, is asked only later or lacks the skills"
    )
    call.entered -= 30_000
    assert "later" not in sentence(call, *people, agent("a3"))


def test_who_has_no_room_for_a_message_is_not_told_to_lack_skills_that_nobody_asks_for() -> None:
    message = entry(kind=Kind.VOICEMAIL, due=NOW + 10**7)
    assert sentence(message, agent("a1", holds=1, held=["v"], idle=-9_000), agent("a2")) == (
        "a2 is the only ready agent (idle 0 s); 1 other ready agent has no room for it"
    )
    message.requirement = [{"skills": {"civil": 1}}]
    clerks = [agent(name, skills={"civil": 1}) for name in ("a2", "a3", "a4")]
    clerks[0].holds = clerks[1].holds = 0
    assert sentence(message, *clerks).endswith("; 2 other ready agents lack the skills or have no room for it")


def test_where_no_skills_are_asked_for_who_is_not_a_member_is_only_that() -> None:
    assert sentence(entry(members={"a1": {}}), agent("a1"), agent("a2")).endswith(
        "; 1 other ready agent is not in this queue"
    )


# --- how many wait ----------------------------------------------------------------------------------------------------


def test_calls_that_leave_somebody_else_out_wait_for_the_same_agent_too() -> None:
    left_out = {"excluded": {"zed": NOW + 10**6}}
    for first, second in ((left_out, {}), ({}, left_out)):
        calls = entry("e1", since=-9_000, **first), entry("e2", since=-8_000, **second), entry("e3", since=-7_000)
        routing = router(*calls, agent("a1", state=AgentState.TALKING))
        assert routing.decide(NOW) == []
        routing.apply(comes_free("a1"))
        [offer] = routing.decide(NOW)
        assert offer.entry == "e1"
        assert offer.why.endswith(" and this is the first of 3 calls that wait for the same")


def test_calls_that_leave_this_agent_out_do_not_wait_for_the_same() -> None:
    calls = entry("e1", since=-9_000, excluded={"a1": NOW + 10**6}), entry("e2"), entry("e3", since=1)
    routing = router(*calls, agent("a1", state=AgentState.TALKING))
    assert routing.decide(NOW) == []
    routing.apply(comes_free("a1"))
    [offer] = routing.decide(NOW)
    assert (offer.entry, offer.why.rpartition("first of ")[2]) == ("e2", "2 calls that wait for the same")


# --- by what somebody comes first -------------------------------------------------------------------------------------


def test_who_comes_first_by_the_step_is_not_told_to_be_the_least_over_qualified() -> None:
    call = entry(since=MINUTE_AGO, requirement=EXPERT_FIRST)
    expert, junior = agent("exp", skills={"civil": 9}), agent("jun", skills={"civil": 1}, idle=-99_000)
    assert sentence(call, expert, junior) == (
        "exp is the only one whom step 1 asks for (6 levels above, idle 0 s) of 2 ready agents with civil >= 3, or "
        "civil >= 1, before jun (only from step 2 on, idle 99 s)"
    )
    second = agent("exp2", skills={"civil": 10})
    assert sentence(call, expert, junior, second).startswith(
        "exp is the least over-qualified whom step 1 asks for (6 levels above, idle 0 s) of 3 ready agents"
    )


def test_whom_a_rule_added_is_not_told_to_be_asked_from_a_step_that_asks_for_others() -> None:
    call = entry(requirement=EXPERT_FIRST, also={"desk": [{"skills": {"desk": 1}}]})
    said = sentence(call, agent("a1", skills={"desk": 1}), agent("a2", skills={"civil": 3}))
    assert "before a1 (only from added step 1 on, idle 0 s)" in said


def test_who_comes_first_by_priority_is_not_told_to_be_the_first_in_the_list() -> None:
    members = {"b": {"place": 1}, "a": {"place": 2}, "c": {"place": 3, "priority": 0}}
    assert sentence(entry(strategy="linear", members=members), agent("a"), agent("b"), agent("c")) == (
        "c is the only one of priority 0 (priority 0, number 3) of 3 ready agents of this queue, before b (priority 1, "
        "number 1) and a (priority 1, number 2)"
    )


def test_the_lot_is_drawn_among_those_of_the_first_priority() -> None:
    members: dict[str, Any] = {"a": {}, "b": {}, "c": {"priority": 2}}
    said = sentence(entry(strategy="random", members=members), *map(agent, members))
    assert said.endswith("is drawn by lot from those of priority 1 among 3 ready agents of this queue")


@pytest.mark.parametrize("others", [1, 7])
def test_the_longest_idle_of_the_best_is_not_told_to_be_the_longest_idle_of_all(others: int) -> None:
    best = agent("a1", skills={"civil": 3}, idle=-2_000), agent("a2", skills={"civil": 3}, idle=-1_000)
    idle = [agent(f"b{number}", skills={"civil": 1}, idle=-99_000) for number in range(others)]
    said = sentence(entry(strategy="best-skilled", requirement=CIVIL), *best, *idle)
    assert said.startswith("a1 is the longest idle of the best skilled (3 levels in all, idle 2 s) of ")


def test_among_many_the_step_is_told_though_only_two_are_named() -> None:
    call = entry(since=MINUTE_AGO, requirement=EXPERT_FIRST)
    experts = [agent(f"a{number}", skills={"civil": 5 + number}) for number in range(2)]
    juniors = [agent(f"b{number}", skills={"civil": 1}) for number in range(8)]
    assert sentence(call, *experts, *juniors).startswith(
        "a0 is the least over-qualified whom step 1 asks for (2 levels"
    )
    assert sentence(call, experts[0], *juniors).startswith("a0 is the only one whom step 1 asks for (2 levels")
