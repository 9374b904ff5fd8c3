"""`guichet staff`: how long callers wait with so many agents, or how many agents it takes."""

import json
from dataclasses import asdict
from typing import Any

import click

from app.options import duration, number, share
from core.errors import GuichetError
from simulator.erlang import MOST_AGENTS, Demand, Outlook, agents_needed, with_delay, with_loss, with_patience

MOST_CALLS = 10_000_000
MOST_STATES = 300_000
"""Of the line that model a adds up: about a second of work, and looking for a number of agents takes some seventeen."""
DEFAULT_TARGET = 0.85
WORDS = {
    "wait_probability": "callers who find all agents busy",
    "asa": "mean wait of the answered (ASA)",
    "mean_wait": "mean wait of all callers",
    "service_level": "answered within the time",
    "abandonment": "callers who are not answered",
    "queue_length": "callers waiting, on average",
    "occupancy": "occupancy of the agents",
}
SECONDS, COUNTS = frozenset({"asa", "mean_wait"}), frozenset({"queue_length"})


@click.command("staff")
@click.option("--model", type=click.Choice(["a", "b", "c"]), default="c", show_default=True,
              help="b: nobody waits; c: all wait; a: all wait until their patience ends.")  # fmt: skip
@click.option("--calls", type=number(0.001, MOST_CALLS), metavar="N", help="Calls in the interval.")
@click.option("--interval", type=duration(), default="30m", show_default=True, metavar="TIME")
@click.option("--aht", type=duration(), metavar="TIME", help="An agent's mean time for one call, wrap-up included.")
@click.option("--agents", type=number(1, MOST_AGENTS, whole=True), metavar="N")
@click.option("--target", type=share(), metavar="SHARE", help="Instead of --agents: to be answered within. [85%]")
@click.option("--within", type=duration(least=0), default="60s", show_default=True, metavar="TIME")
@click.option("--patience", type=duration(), metavar="TIME", help="Of model a: the mean time until callers give up.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout, and nothing else.")
def command(
    *, model: str, calls: float | None, interval: int, aht: int | None, agents: int | None, target: float | None,
    within: int, patience: int | None, as_json: bool,
) -> None:  # fmt: skip
    """How long callers wait (Erlang B, C, A). Without --agents, how many agents it takes for --target."""
    if calls is None or aht is None:
        raise GuichetError("Say how many calls come and how long one takes: --calls 360 --interval 30m --aht 240s.")
    if agents is not None and target is not None:
        raise GuichetError(
            "Give --agents, to see what they make of it, or --target, to see how many it takes; not both."
        )
    if (patience is None) == (model == "a"):
        raise GuichetError("Model a needs --patience, such as --patience 2m." if model == "a"
                           else f"In model {model} nobody has --patience; take --model a.")  # fmt: skip
    demand = Demand(calls / (interval / 1000), aht / 1000)
    _check(demand, patience)
    found = agents or _needed(model, demand, within, patience, DEFAULT_TARGET if target is None else target)
    outlook = _outlook(model, demand, found, within, patience)
    if as_json:
        facts = {"model": model, "load": demand.load, "agents": found, **asdict(outlook)}
        click.echo(json.dumps(facts))
    else:
        _print(demand, found, outlook)


def _check(demand: Demand, patience: int | None) -> None:
    if demand.load > MOST_AGENTS * 0.99:
        raise GuichetError(f"{demand.load:,.0f} erlangs are more than {MOST_AGENTS:,} agents can do: "
                           "give fewer --calls or a shorter --aht.")  # fmt: skip
    if patience is not None and demand.rate * patience / 1000 > MOST_STATES:
        raise GuichetError("So many callers with so much --patience are a line too long to add up: take --model c.")


def _outlook(model: str, demand: Demand, agents: int, within: int, patience: int | None) -> Outlook:
    if model == "b":
        return with_loss(demand, agents)
    if patience is not None:
        return with_patience(demand, agents, within / 1000, patience / 1000)
    if demand.load >= agents:
        raise GuichetError(
            f"{agents} agents never catch up with {demand.load:g} erlangs, the line would grow for ever: "
            f"take at least {int(demand.load) + 1} agents, or --model a with --patience."
        )
    return with_delay(demand, agents, within / 1000)


def _needed(model: str, demand: Demand, within: int, patience: int | None, target: float) -> int:
    if not 0 < target < 1:
        raise GuichetError("--target: expected a share above 0% and below 100%; no number of agents promises more.")
    least = int(demand.load) + 1 if model == "c" else 1
    needed = agents_needed(
        lambda agents: _outlook(model, demand, agents, within, patience).service_level >= target, least
    )
    if needed is None:
        raise GuichetError(f"Not even {MOST_AGENTS:,} agents reach {target:.0%}.")
    return needed


def _print(demand: Demand, agents: int, outlook: Outlook) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(f"{agents} agents, {demand.load:g} erlangs", "")
    for name, words in WORDS.items():
        table.add_row(words, _shown(name, getattr(outlook, name)))
    Console().print(table)


def _shown(name: str, value: Any) -> str:
    if name in SECONDS:
        return f"{value:.1f} s"
    return f"{value:.2f}" if name in COUNTS else f"{value:.1%}"
