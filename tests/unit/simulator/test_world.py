"""What callers and agents do in virtual time, seen in the events that they leave behind."""

from pathlib import Path

import numpy as np

from core.events import Event
from simulator.scenario import HOUR_MS
from simulator.world import DRAIN_MS, World
from tests.history_checker import check
from tests.unit.simulator.worlds import read

DAY = """
simulation: a day
queues: [{{queue: q, ring: 10s, wrap_up: {wrap_up} {queue}}}]
callers: [{{queue: q, arrive: {{per_hour: 40}}, talk: {{mean: 2m, shape: constant}} {callers}}}]
agents: [{{agents: a, count: {count} {agents}}}]
horizon: 2h
"""


def events_of(
    folder: Path,
    agents: str = "",
    callers: str = "",
    queue: str = "",
    count: int = 2,
    wrap_up: str = "0s",
    seed: int = 1,
) -> list[Event]:
    """Everything that happened in one day."""
    more = {"agents": agents, "callers": callers, "queue": queue}
    text = DAY.format(wrap_up=wrap_up, count=count, **{name: said and f", {said}" for name, said in more.items()})
    scenario, told = read(text, folder)
    assert scenario is not None, told
    events: list[Event] = []
    World(scenario, np.random.default_rng(seed), events.append).run()
    return events


def told(events: list[Event], kind: str) -> list[Event]:
    return [event for event in events if event.kind == kind]


def test_the_same_seed_is_the_same_day_and_another_seed_another_day(tmp_path: Path) -> None:
    first, again, other = (events_of(tmp_path, seed=seed) for seed in (5, 5, 6))
    assert first == again
    assert [event.at for event in first] != [event.at for event in other]


def test_a_full_day_breaks_no_promise(tmp_path: Path) -> None:
    events = events_of(
        tmp_path, agents="misses: 20%, picks_up: {mean: 4s}, shifts: [{since: 0s, until: 50m}, {since: 1h, until: 4h}]",
        callers="patience: {mean: 3m}", wrap_up="20s",
    )  # fmt: skip
    assert told(events, "entry.left") and told(events, "entry.withdrawn")
    assert check(events, settled_ms=1) == []
    assert [event.at for event in events] == sorted(event.at for event in events)


def test_where_all_are_rung_the_first_to_answer_has_the_call(tmp_path: Path) -> None:
    events = events_of(
        tmp_path, agents="misses: 60%, picks_up: {mean: 4s}", callers="patience: {mean: 3m}",
        queue="strategy: ring-all", wrap_up="20s", count=5,
    )  # fmt: skip
    assert check(events, settled_ms=1) == []
    assert any(len(event.data.get("beside", ())) > 1 for event in told(events, "entry.offered"))
    reasons = {event.data["reason"] for event in told(events, "entry.withdrawn")}
    assert reasons == {"answered_elsewhere", "no_answer"}
    answered = {event.data["agent"] for event in told(events, "entry.answered")}
    assert len(answered) == 5, "nobody always wins"


def test_every_caller_without_patience_is_served_and_talks_as_long_as_they_do(tmp_path: Path) -> None:
    events = events_of(tmp_path)
    entered, finished = told(events, "entry.entered"), told(events, "entry.finished")
    assert 50 < len(entered) == len(finished)
    assert {event.data["talk_ms"] for event in finished} == {120_000}


def test_wrap_up_keeps_agents_from_the_next_call(tmp_path: Path) -> None:
    events = events_of(tmp_path, count=1, wrap_up="30s")
    ends, answers = told(events, "entry.finished"), told(events, "entry.answered")
    breaks = [answer.at - end.at for end, answer in zip(ends, answers[1:], strict=False)]
    assert min(breaks) == 30_000


def test_a_wrap_up_that_lasts_until_coded_is_coded(tmp_path: Path) -> None:
    events = events_of(tmp_path, queue="wrap_up_coded: true", count=1, wrap_up="45s")
    ends = [event.at for event in told(events, "entry.finished")]
    coded = [event.at for event in told(events, "agent.state") if event.data["cause"] == "coded"]
    assert coded == [at + 45_000 for at in ends]


def test_a_single_agent_has_the_very_name_and_can_be_a_member(tmp_path: Path) -> None:
    events = events_of(tmp_path, queue="members: {a: {}}", count=1)
    assert {event.data["agent"] for event in told(events, "entry.answered")} == {"a"}


def test_callers_wait_for_the_expert_before_others_are_asked(tmp_path: Path) -> None:
    steps = "require: [{skills: {x: 2}, for: 30s}, {skills: {x: 1}}]"
    two = "skills: {x: 1}}, {agents: expert, count: 1, skills: {x: 2}"
    events = events_of(tmp_path, queue=steps, agents=two, count=1)
    waits = {"a": [], "expert": []}  # type: dict[str, list[int]]
    for event in told(events, "entry.answered"):
        waits[event.data["agent"]].append(event.data["waited_ms"])
    assert min(waits["a"]) >= 30_000 and min(waits["expert"]) == 0


def test_a_phone_that_nobody_picks_up_rings_its_time_and_the_agent_is_back_after_a_click(tmp_path: Path) -> None:
    events = events_of(tmp_path, agents="misses: 100%, away: 7m", callers="patience: {mean: 5m}", count=1)
    rang = {event.data["offer"]: event.at for event in told(events, "entry.offered")}
    missed = told(events, "entry.withdrawn")
    assert missed and all(event.at - rang[event.data["offer"]] == 10_000 for event in missed)
    moves = [(event.data["to"], event.at) for event in told(events, "agent.state")]
    away = [at for state, at in moves if state == "not_responding"]
    back = [at for at in away if ("idle", at + 7 * 60_000) in moves]
    assert away and back == away
    assert not told(events, "entry.answered")


def test_an_agent_answers_only_after_picking_up(tmp_path: Path) -> None:
    events = events_of(tmp_path, agents="picks_up: {mean: 3s, shape: constant}")
    rang = {event.data["offer"]: event.at for event in told(events, "entry.offered")}
    assert {event.at - rang[event.data["offer"]] for event in told(events, "entry.answered")} == {3_000}


def test_nobody_is_offered_a_call_outside_their_shift(tmp_path: Path) -> None:
    events = events_of(tmp_path, agents="shifts: [{since: 30m, until: 1h}]")
    times = [event.at for event in told(events, "entry.offered")]
    assert times and min(times) >= HOUR_MS // 2 and max(times) <= HOUR_MS


def test_callers_whom_nobody_serves_wait_until_the_day_is_over(tmp_path: Path) -> None:
    events = events_of(tmp_path, agents="shifts: [{since: 0s, until: 1m}]")
    served = len(told(events, "entry.finished"))
    assert served < len(told(events, "entry.entered"))
    assert events[-1].at <= 2 * HOUR_MS + DRAIN_MS
