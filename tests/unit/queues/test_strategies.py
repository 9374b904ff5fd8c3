"""Which of several agents is asked."""

from collections import Counter
from typing import Any

import pytest

from core.ids import counted_ids
from queues.model import Agent, Proposal, Snapshot
from queues.router import Router
from queues.strategies import DEFAULT, STRATEGIES
from tests.line import NOW, agent, entry


def offer(strategy: str, *agents: Agent, seed: int = 0, **asks: Any) -> Proposal:
    [made] = Router(Snapshot((entry(strategy=strategy, **asks),), agents, "0"), counted_ids(), seed).decide(NOW)
    return made


def chosen(strategy: str, *agents: Agent, **asks: Any) -> str:
    return offer(strategy, *agents, **asks).agent


LOW = agent("a1", skills={"civil": 2, "roads": 5}, idle=-1_000)
HIGH = agent("a2", skills={"civil": 4}, idle=-9_000)


def test_the_least_over_qualified_by_what_is_asked_for_and_that_is_the_rule_where_none_is_named() -> None:
    assert DEFAULT.name == "least-over-qualified"
    assert chosen("least-over-qualified", LOW, HIGH, required={"civil": 1}) == "a1"


def test_the_best_skilled() -> None:
    assert chosen("best-skilled", LOW, HIGH, required={"civil": 1}) == "a2"


def test_the_longest_idle_whatever_the_levels() -> None:
    assert chosen("longest-idle", LOW, HIGH, required={"civil": 1}) == "a2"


@pytest.mark.parametrize("strategy", ["least-over-qualified", "best-skilled", "longest-idle", "fewest-calls"])
def test_on_equal_terms_the_longest_idle_then_the_least_occupied_then_the_id(strategy: str) -> None:
    assert chosen(strategy, agent("a1"), agent("a2", idle=-1)) == "a2"
    busy, less = agent("a1", busy_ms=900, logged_in_at=NOW - 1000), agent("a2", busy_ms=800, logged_in_at=NOW - 1000)
    assert chosen(strategy, busy, less) == "a2"
    assert chosen(strategy, agent("a2"), agent("a1")) == "a1"


def test_the_one_with_the_fewest_calls() -> None:
    made = offer("fewest-calls", agent("a1", calls=3, idle=-9_000), agent("a2", calls=2))
    assert made.agent == "a2"
    assert made.why == (
        "a2 is the one with the fewest calls (2 calls so far, idle 0 s) of 2 ready agents, "
        "before a1 (3 calls so far, idle 9 s)"
    )


def test_the_next_in_turn_is_who_was_asked_longest_ago() -> None:
    asked = [agent("a1", offered_at=NOW - 5_000), agent("a2", offered_at=NOW - 7_000)]
    made = offer("round-robin", *asked)
    assert made.agent == "a2"
    assert made.why.startswith("a2 is the next in turn (last asked 7 s ago) of 2 ready agents, before a1")
    assert chosen("round-robin", *asked, agent("a3")) == "a3", "who never was asked comes first"


def test_always_the_same_order_that_of_the_members() -> None:
    members = {"a2": {"place": 1}, "a1": {"place": 2}}
    assert chosen("linear", agent("a1", idle=-9_000), agent("a2"), members=members) == "a2"
    assert chosen("linear", agent("a2", idle=-9_000), agent("a1")) == "a1"


def test_by_lot_each_with_the_same_chance_and_the_same_again_from_the_same_seed() -> None:
    agents = [agent(f"a{number}", idle=-number) for number in range(4)]
    counts = Counter(offer("random", *agents, seed=seed).agent for seed in range(400))
    assert len(counts) == 4
    assert min(counts.values()) > 60
    assert offer("random", *agents, seed=7).agent == offer("random", *agents, seed=7).agent
    assert "drawn by lot from 4 ready agents" in offer("random", *agents).why


def test_by_lot_among_the_members_of_the_lowest_number() -> None:
    members = {"a1": {"priority": 2}, "a2": {}, "a3": {}}
    agents = [agent(name) for name in members]
    assert {offer("random", *agents, seed=seed, members=members).agent for seed in range(30)} == {"a2", "a3"}


def test_all_who_are_ready_are_rung_at_once_up_to_eight_the_longest_idle_of_them() -> None:
    agents = [agent(f"a{number:02}", idle=-number * 1000) for number in range(10)]
    made = offer("ring-all", *agents)
    asked = [made.agent, *(each["agent"] for each in made.beside)]
    assert asked == [f"a{number:02}" for number in range(9, 1, -1)]
    assert len({made.offer, *(each["offer"] for each in made.beside)}) == 8
    assert made.why == (
        "a09, a08, a07, a06, a05, a04, a03 and a02 are rung together, 8 of 10 ready agents, and who answers first has "
        "the call"
    )
    made = offer("ring-all", agent("a1", skills={"civil": 1}), agent("a2", skills={"civil": 1}), required={"civil": 1})
    assert (
        made.why
        == "a1 and a2 are rung together, 2 of 2 ready agents with civil >= 1, and who answers first has the call"
    )


def test_all_at_once_are_those_of_the_members_of_the_lowest_number_who_are_not_left_out() -> None:
    members = {"a1": {"priority": 2}, "a2": {}, "a3": {}, "a4": {}}
    made = offer("ring-all", *map(agent, members), members=members, excluded={"a3": NOW + 1})
    assert [made.agent, *(each["agent"] for each in made.beside)] == ["a2", "a4"]


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_who_did_not_answer_is_left_out_and_said_to_be(strategy: str) -> None:
    made = offer(strategy, agent("a1", idle=-9), agent("a2"), excluded={"a1": NOW + 1})
    assert made.agent == "a2"
    assert made.why == (
        "a2 is the only ready agent (idle 0 s); a1 is left out for this call after an offer that came to nothing"
    )


def test_of_many_agents_the_next_one_is_named_and_the_others_are_counted() -> None:
    agents = [agent(f"a{number}", idle=-number * 1000, skills={"civil": 1}) for number in range(9)]
    made = offer("longest-idle", *agents, agent("b1"), required={"civil": 1})
    assert made.why == (
        "a8 is the longest idle (idle 8 s) of 9 ready agents with civil >= 1, "
        "before a7 (idle 7 s) and 7 more; 1 other ready agent lacks the skills"
    )
