"""Scenario files: what they say, and what is told of their faults."""

from pathlib import Path

import pytest

import simulator
from core.files import Faults
from simulator.scenario import HOUR_MS, load_scenario
from tests.unit.simulator.worlds import markov, read

EXAMPLES = sorted((Path(simulator.__file__).parent / "examples").glob("*.yaml"))
GOOD = """simulation: two desks
queues: [{queue: q}]
callers:
  - {queue: q, arrive: {per_hour: 60}, talk: {mean: 3m}}
agents:
  - {agents: a, count: 2}
horizon: 8h
"""


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_the_shipped_examples_have_no_fault(example: Path) -> None:
    faults = Faults()
    assert load_scenario(example, faults) is not None, faults.found


def test_the_queues_of_a_town_are_those_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "town" / "queues").mkdir(parents=True)
    (tmp_path / "town" / "queues" / "roads.yaml").write_text("queue: roads\nring: 7s")
    text = GOOD.replace("queues: [{queue: q}]", "town: town").replace("queue: q,", "queue: roads,")
    scenario, told = read(text, tmp_path)
    assert scenario is not None, told
    assert scenario.queues["roads"].ring == 7_000


def test_rates_change_by_the_hour_or_as_the_table_says(tmp_path: Path) -> None:
    by_hour, _ = read(GOOD.replace("per_hour: 60", "by_hour: [10, 20]"), tmp_path)
    table, _ = read(
        GOOD.replace("per_hour: 60", "table: [{since: 30m, per_hour: 5}, {since: 9h, per_hour: 9}]"), tmp_path
    )
    assert by_hour is not None and table is not None
    hours = by_hour.file.callers[0].arrive.rates(8 * HOUR_MS)
    assert hours == [(0, HOUR_MS, 10), (HOUR_MS, 2 * HOUR_MS, 20), (2 * HOUR_MS, 8 * HOUR_MS, 0)]
    assert table.file.callers[0].arrive.rates(8 * HOUR_MS) == [(HOUR_MS // 2, 8 * HOUR_MS, 5)]


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("mean: 3m", "mean: 3", "s.yaml:4:53: expected a duration such as 7s, 2m or 500ms, found 3 [duration]"),
        ("mean: 3m", "mean: 3m, shape: log-normal", "s.yaml:4:64: log-normal needs a deviation [deviation]"),
        ("mean: 3m", "mean: 3m, deviation: 1m", "s.yaml:4:68: exponential takes no deviation [deviation]"),
        ("mean: 3m", "mean: 3m, shape: normal",
         "s.yaml:4:64: expected 'exponential', 'log-normal' or 'constant', found 'normal' [wrong-value]"),
        ("per_hour: 60", "per_hour: 60, by_hour: [1]",
         "s.yaml:4:24: expected one of per_hour, by_hour and table [arrivals]"),
        ("per_hour: 60", "table: [{since: 1h, per_hour: 1}, {since: 1h, per_hour: 2}]",
         "s.yaml:4:67: expected a later time than in the row before [arrivals]"),
        ("per_hour: 60", "per_hour: 1000000", "s.yaml:4:3: expected at most 5,000,000 calls up to the horizon "
         "[too-many-calls]"),
        ("{queue: q, arr", "{queue: p, arr", "s.yaml:4:13: no queue is called p; known: q [unknown-queue]"),
        ("[{queue: q}]", "[{queue: q}, {queue: q}]", "s.yaml:2:30: the queue q is there already [duplicate-queue]"),
        ("[{queue: q}]", "[{queue: q, members: {marie: {}}}]",
         "s.yaml:4:13: only members answer here, and none of the agents is one: marie [no-member]"),
        ("count: 2", "count: 0", "s.yaml:6:24: expected at least 1, found 0 [out-of-range]"),
        ("count: 2", "count: 2, misses: 0.1", "s.yaml:6:35: expected a share such as 85%, found 0.1 [share]"),
        ("count: 2", "count: 2, shifts: [{since: 2h, until: 1h}]",
         "s.yaml:6:55: a shift ends after it begins [shift]"),
        ("  - {agents: a, count: 2}", "  - {agents: a, count: 2}\n  - {agents: a, count: 1}",
         "s.yaml:7:14: the agents a are there already [duplicate-agents]"),
        ("horizon: 8h", "horizon: 8h\nwarm_up: 8h", "s.yaml:8:10: the warm-up ends before the horizon [warm-up]"),
        ("horizon: 8h", "horizon: 8h\nstarts: 8h", "s.yaml:8:9: expected a time such as 08:30 [time]"),
        ("horizon: 8h", "horizon: 8h\nreplications: 1", "s.yaml:8:15: expected at least 2, found 1 [out-of-range]"),
        ("queues: [{queue: q}]", "town: nowhere", "s.yaml:2:7: there is no folder nowhere/queues [unreadable]"),
        ("simulation:", "simulatoin:", "s.yaml:1:1: unknown key 'simulatoin'; did you mean simulation? [unknown-key]"),
    ],
)  # fmt: skip
def test_a_fault_is_told_at_its_place(right: str, wrong: str, told: str, tmp_path: Path) -> None:
    assert read(GOOD, tmp_path)[1] == []
    assert read(GOOD.replace(right, wrong, 1), tmp_path) == (None, [told])


def test_the_small_scenarios_of_these_tests_have_no_fault(tmp_path: Path) -> None:
    assert read(markov(calls=60, agents=2, patience="1m"), tmp_path)[1] == []
