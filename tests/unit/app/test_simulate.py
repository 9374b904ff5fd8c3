"""`guichet simulate` as people type it."""

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import main

SHORT = """
simulation: a short day
starts: "08:30"
queues: [{queue: roads, wrap_up: 10s}, {queue: records, wrap_up: 10s}]
callers:
  - {queue: roads, arrive: {per_hour: 40}, talk: {mean: 2m}, patience: {mean: 1m}}
  - {queue: records, arrive: {per_hour: 20}, talk: {mean: 2m}}
agents: [{agents: a, count: 3}]
horizon: 2h
replications: 3
"""


def simulated(folder: Path, *arguments: str, text: str = SHORT) -> Result:
    (folder / "s.yaml").write_text(text)
    return CliRunner().invoke(main, ["simulate", str(folder / "s.yaml"), *arguments])


def test_figures_by_queue_and_in_all_with_their_intervals(tmp_path: Path) -> None:
    ran = simulated(tmp_path, "--json")
    assert ran.exit_code == 0, ran.output
    facts = json.loads(ran.stdout)
    assert set(facts["queues"]) == {"roads", "records"} and facts["replications"] == 3
    for figures in (*facts["queues"].values(), facts["all"]):
        level = figures["service_level"]
        assert level["low"] <= level["mean"] <= level["high"]
        assert figures["offered"]["mean"] == sum(
            figures[name]["mean"] for name in ("answered", "abandoned", "waiting")
        )  # fmt: skip
    assert 0 < facts["all"]["occupancy"]["mean"] < 1


def test_queues_with_overflow_rules_are_played_on_all_processors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    rules = "overflow: [{when: waited > 30s and idle == 0, raise: 1}, {when: true, widen: records}]"
    ran = simulated(tmp_path, "--json", text=SHORT.replace("roads, wrap_up: 10s", f"roads, wrap_up: 10s, {rules}"))
    assert ran.exit_code == 0, ran.output
    assert json.loads(ran.stdout)["calls"] > 0


def test_the_same_file_gives_the_same_figures(tmp_path: Path) -> None:
    assert simulated(tmp_path, "--json").stdout == simulated(tmp_path, "--json").stdout


def test_people_read_a_table_and_look_at_a_picture(tmp_path: Path) -> None:
    ran = simulated(tmp_path, "-o", str(tmp_path / "day.svg"))
    assert "records" in ran.stdout and "service level" in ran.stdout and "±" in ran.stdout
    assert (tmp_path / "day.svg").read_text().startswith("<svg")


def test_a_faulty_scenario_is_told_with_every_place(tmp_path: Path) -> None:
    ran = simulated(tmp_path, text=SHORT.replace("horizon: 2h", "horizon: 2").replace("count: 3", "count: many"))
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert [line.split(": ", 1)[1] for line in ran.stderr.splitlines()] == [
        "expected a whole number, found 'many' [wrong-type]",
        "expected a duration such as 7s, 2m or 500ms, found 2 [duration]",
    ]


def test_a_file_that_is_not_there_and_a_picture_that_cannot_be_written_are_sentences(tmp_path: Path) -> None:
    missing = CliRunner().invoke(main, ["simulate", str(tmp_path / "none.yaml")])
    assert (missing.exit_code, missing.stderr.splitlines()[-1].split(": ", 1)[1]) == (
        1, "there is no such file [unreadable]",
    )  # fmt: skip
    ran = simulated(tmp_path, "-o", str(tmp_path / "nowhere" / "day.svg"))
    assert ran.exit_code == 1 and ran.stderr.startswith("The plot cannot be written to ")


def test_a_plot_that_cannot_be_written_is_told_before_the_days_are_played(tmp_path: Path) -> None:
    ran = simulated(tmp_path, "-o", str(tmp_path / "no" / "day.svg"))
    assert ran.exit_code == 1
    assert "take a folder that you may change" in ran.stderr
    assert "service level" not in ran.output
