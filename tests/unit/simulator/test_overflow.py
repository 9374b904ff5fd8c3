"""Overflow rules and foretold waits in virtual time, on the router and the rules that serve the real callers."""

from pathlib import Path

import numpy as np
import pytest

from simulator.scenario import Scenario
from simulator.simulate import simulate
from simulator.world import World
from tests.history_checker import check
from tests.unit.simulator.worlds import markov, played, read

TWO_SKILLS = """
simulation: two skills, of which some have both
queues:
  - {queue: a, wrap_up: 0s, require: [{skills: {a: 1}}]}
  - {queue: b, wrap_up: 0s, require: [{skills: {b: 1}}]}
callers:
  - {queue: a, arrive: {per_hour: 600}, talk: {mean: 3m}, patience: {mean: 5m}}
  - {queue: b, arrive: {per_hour: 300}, talk: {mean: 3m}, patience: {mean: 5m}}
agents:
  - {agents: aa, count: 20, skills: {a: 1}}
  - {agents: bb, count: 5, skills: {b: 1}}
  - {agents: ab, count: 15, skills: {a: 1, b: 1}}
estimates: true
warm_up: 1h
horizon: 4h
replications: 4
seed: 3
"""

BUSY = """
simulation: a town whose first queue overflows
queues:
  - queue: a
    wrap_up: 0s
    require: [{{skills: {{a: 1}}}}]
    overflow: [{rule}]
  - {{queue: b, wrap_up: 0s, require: [{{skills: {{b: 1}}}}]}}
callers:
  - {{queue: a, arrive: {{per_hour: 120}}, talk: {{mean: 2m}}, patience: {{mean: 4m}}, accepts: {{callback: 50%}}}}
agents:
  - {{agents: a, count: 3, skills: {{a: 1}}}}
  - {{agents: b, count: 3, skills: {{b: 1}}}}
horizon: 3h
replications: 3
seed: 5
"""


def busy(rule: str, more: str = "") -> str:
    return BUSY.format(rule=rule) + more


def test_a_pooled_centre_is_foretold_within_a_few_seconds_and_stays_on_erlang_a(tmp_path: Path) -> None:
    text = markov(2880, 50, patience="2m", horizon="3h", replications=4) + "estimates: true\n"
    figures = played(text, tmp_path)["q"]
    assert figures["abandonment"].holds(0.03091225), "Erlang A: estimating changes nothing"
    assert figures["estimate_error"].mean < 3.0, "of waits of about 4 s on average"
    assert abs(figures["estimate_bias"].mean) < 1.5
    assert figures["estimate_inside"].mean > 0.95


def test_two_skills_are_foretold_though_agents_are_shared(tmp_path: Path) -> None:
    figures = played(TWO_SKILLS, tmp_path)
    for name in ("a", "b"):
        assert figures[name]["estimate_error"].mean < 0.6 * figures[name]["asa"].mean
        assert abs(figures[name]["estimate_bias"].mean) < 0.4 * figures[name]["asa"].mean
        assert figures[name]["estimate_inside"].mean > 0.85


def test_many_skills_are_foretold_too(tmp_path: Path) -> None:
    """Five languages, agents who speak one or two of them, and everybody a common one."""
    names = "vwxyz"
    pairs = [one + other for one, other in zip(names, names[1:] + names[:1], strict=True)]
    queues = "".join(f"  - {{queue: {each}, wrap_up: 0s, require: [{{skills: {{{each}: 1}}}}]}}\n" for each in names)
    callers = "".join(
        f"  - {{queue: {each}, arrive: {{per_hour: 200}}, talk: {{mean: 3m}}, patience: {{mean: 4m}}}}\n"
        for each in names
    )
    agents = "".join(f"  - {{agents: a{p}, count: 10, skills: {{{p[0]}: 1, {p[1]}: 1}}}}\n" for p in pairs)
    text = (
        f"simulation: many skills\nqueues:\n{queues}callers:\n{callers}agents:\n{agents}"
        "estimates: true\nwarm_up: 1h\nhorizon: 3h\nreplications: 3\nseed: 11\n"
    )
    figures = played(text, tmp_path)["in all"]
    assert figures["estimate_error"].mean < 0.75 * figures["mean_wait"].mean + 2
    assert figures["estimate_inside"].mean > 0.85


def test_without_being_asked_nothing_is_foretold(tmp_path: Path) -> None:
    assert "estimate_error" not in played(markov(600, 12, horizon="2h", replications=2), tmp_path)["q"]


@pytest.mark.parametrize(
    "rule",
    [
        "{when: waited > 30s, move: b}", "{when: waited > 30s, widen: b}", "{when: length > 3, then: voicemail}",
        "{when: length > 3, offer: {1: callback}}", "{when: waited > 1m, raise: 5, every: 1m}",
        "{when: expected_wait > 1m, move: b, cooldown: 10s}", "{when: waited > 1m, transfer: '3939'}",
    ],
)  # fmt: skip
@pytest.mark.parametrize("warm_up", ["0s", "90m"])
def test_all_callers_are_counted_once_and_their_histories_are_sound(rule: str, warm_up: str, tmp_path: Path) -> None:
    scenario, told = read(busy(rule, f"warm_up: {warm_up}\n"), tmp_path)
    assert scenario is not None, told
    assert histories(scenario) == []
    for figures in simulate(scenario).queues.values():
        parts = ("answered", "abandoned", "overflowed", "callbacks", "waiting")
        assert figures["offered"].mean == pytest.approx(
            sum(figures[part].mean for part in parts if part in figures), abs=1e-6
        )


def histories(scenario: Scenario) -> list[str]:
    events: list[object] = []
    World(scenario, np.random.default_rng(1), events.append).run()
    return check(events, settled_ms=0)  # type: ignore[arg-type]  # they are events


def test_a_move_serves_callers_in_another_queue_and_counts_in_both(tmp_path: Path) -> None:
    alone = played(busy("{when: waited > 4h, move: b}"), tmp_path)
    moved = played(busy("{when: waited > 30s, move: b}"), tmp_path)
    assert moved["in all"]["abandoned"].mean < alone["in all"]["abandoned"].mean / 2
    assert moved["a"]["overflowed"].mean == moved["b"]["offered"].mean > 0
    assert moved["in all"]["offered"].mean == moved["a"]["offered"].mean
    assert "overflowed" not in moved["in all"], "a move within the town is none"
    assert 0 < moved["a"]["overflow"].mean < 1


def test_who_is_moved_has_waited_since_the_first_queueing(tmp_path: Path) -> None:
    """Nobody in the first queue can take them, everybody in the second one at once."""
    text = busy("{when: waited > 30s, move: b}").replace("a: 1", "nobody: 1", 1).replace("120", "60")
    text = text.replace("require: [{skills: {b: 1}}]", "service_level: {within: 20s, target: 80%}")
    moved = played(text, tmp_path)
    for name in ("b", "in all"):
        assert 30 <= moved[name]["asa"].mean < 60
        assert moved[name]["service_level"].mean < 0.05
    assert played(text.replace("move: b", "move: b, fresh: true"), tmp_path)["b"]["asa"].mean < 30


def test_who_takes_the_callback_that_is_offered_is_no_abandonment(tmp_path: Path) -> None:
    figures = played(busy("{when: length > 3, offer: {1: callback}}"), tmp_path)["a"]
    assert figures["callbacks"].mean > 10
    assert figures["overflowed"].mean == 0


def test_a_queue_that_overflow_leads_to_belongs_to_the_scenario(tmp_path: Path) -> None:
    scenario, told = read(busy("{when: waited > 30s, move: b}"), tmp_path)
    assert scenario is not None, told
    assert set(scenario.queues) == {"a", "b"}
    _, told = read(busy("{when: waited > 30s, move: c}"), tmp_path)
    assert told == ["s.yaml:7:43: no queue is called c; known: a, b [unknown-queue]"]
