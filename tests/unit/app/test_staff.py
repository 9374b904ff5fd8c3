"""`guichet staff` as people type it."""

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from app.cli import main

CASE = ["--calls", "360", "--interval", "30m", "--aht", "240s", "--within", "15s"]


def staff(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["staff", *arguments])


def figures(*arguments: str) -> dict[str, Any]:
    ran = staff(*arguments, "--json")
    assert ran.exit_code == 0, ran.output
    facts: dict[str, Any] = json.loads(ran.stdout)
    return facts


def test_so_many_agents_and_what_they_make_of_it() -> None:
    facts = figures("--model", "c", *CASE, "--agents", "55")
    assert facts["wait_probability"] == pytest.approx(0.23870094, abs=1e-8)
    assert facts["asa"] == pytest.approx(8.184032, abs=5e-7)
    assert facts["service_level"] == pytest.approx(0.84588309, abs=1e-8)
    assert {"abandonment", "queue_length", "occupancy", "agents"} <= set(facts)


def test_how_many_agents_a_target_takes() -> None:
    assert figures("--model", "c", *CASE, "--target", "84%")["agents"] == 55
    needed = figures("--model", "c", *CASE)
    assert needed["agents"] == 56 and needed["service_level"] >= 0.85
    assert figures("--model", "a", *CASE, "--patience", "2m", "--target", "84%")["agents"] < 55


def test_callers_with_patience_and_callers_who_are_turned_away() -> None:
    palm = ["--calls", "48", "--interval", "1m", "--aht", "1m", "--agents", "50"]
    assert figures("--model", "a", *palm, "--patience", "2m")["abandonment"] == pytest.approx(0.03091225, abs=1e-8)
    lost = figures("--model", "b", "--calls", "10", "--interval", "1m", "--aht", "1m", "--agents", "10")
    assert lost["wait_probability"] == lost["abandonment"] == pytest.approx(0.21458234, abs=1e-8)


def test_people_read_a_table() -> None:
    shown = staff(*CASE, "--agents", "55").stdout
    assert "55 agents, 48 erlangs" in shown
    assert "8.2 s" in shown and "84.6%" in shown


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([*CASE, "--agents", "48"], "48 agents never catch up with 48 erlangs, the line would grow for ever: take at "
         "least 49 agents, or --model a with --patience."),
        (["--calls", "360"], "Say how many calls come and how long one takes: --calls 360 --interval 30m --aht 240s."),
        ([*CASE, "--model", "a"], "Model a needs --patience, such as --patience 2m."),
        ([*CASE, "--patience", "2m"], "In model c nobody has --patience; take --model a."),
        ([*CASE, "--agents", "55", "--target", "80%"],
         "Give --agents, to see what they make of it, or --target, to see how many it takes; not both."),
        *(([*CASE, "--target", target],
           "--target: expected a share above 0% and below 100%; no number of agents promises more.")
          for target in ("0%", "100%")),
        ([*CASE, "--target", "0.8"], "--target: expected a share such as 85%, found '0.8'."),
        ([*CASE, "--aht", "240"], "--aht: expected a duration such as 7s, 2m or 500ms, found '240'."),
        ([*CASE, "--interval", "0s"], "--interval: expected a duration longer than nothing, found '0s'."),
        ([*CASE, "--agents", "many"], "--agents: expected a whole number, found 'many'."),
        ([*CASE, "--agents", "0"], "--agents: expected a whole number from 1 to 100,000, found '0'."),
        ([*CASE, "--calls", "nan"], "--calls: expected a number from 0.001 to 10,000,000, found 'nan'."),
        (["--calls", "9999999", "--aht", "24h"], "479,999,952 erlangs are more than 100,000 agents can do: give fewer "
         "--calls or a shorter --aht."),
        (["--calls", "1000000", "--aht", "1s", "--model", "a", "--patience", "24h"],
         "So many callers with so much --patience are a line too long to add up: take --model c."),
    ],
)  # fmt: skip
def test_wrong_input_is_answered_with_one_sentence(arguments: list[str], sentence: str) -> None:
    ran = staff(*arguments)
    assert (ran.exit_code, ran.stdout, ran.stderr) == (1, "", f"{sentence}\n")
