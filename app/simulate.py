"""`guichet simulate`: a day in virtual time, on the router that serves the real callers."""

import json
import multiprocessing
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import click

from app.compiled import use
from core.errors import GuichetError
from core.files import Faults, shown
from simulator.measures import ALL, NAMES, Estimate
from simulator.plot import plot
from simulator.scenario import Scenario, load_scenario
from simulator.simulate import Day, Each, Outcome, simulate

SHARES = frozenset({"service_level", "abandonment", "overflow", "not_accepted", "occupancy", "estimate_inside"})
SECONDS = frozenset({"asa", "wait_p50", "wait_p90", "wait_p95", "mean_wait", "estimate_error", "estimate_bias"})


@click.command("simulate")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.svg",
              help="Draw callers waiting and agents busy over the day.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout, and nothing else.")
@click.pass_context
def command(context: click.Context, file: Path, output: Path | None, as_json: bool) -> None:
    """A scenario FILE in virtual time, several times over: waits, service level, abandonment and occupancy by queue,
    each with its 95 % confidence interval."""
    faults = Faults()
    scenario = load_scenario(file, faults)
    if scenario is None:
        for fault in sorted(set(faults.found)):
            click.echo(str(fault), err=True)
        context.exit(1)
    if output and not (output.parent.is_dir() and os.access(output.parent, os.W_OK)):
        raise GuichetError(f"The plot cannot be written to {shown(output)}: take a folder that you may change.")
    with click.progressbar(length=scenario.file.replications, label="Days", file=sys.stderr,
                           hidden=not sys.stderr.isatty()) as bar:  # fmt: skip
        outcome = _played(scenario, lambda: bar.update(1))
    if output:
        _draw(output, scenario, outcome)
    if as_json:
        click.echo(json.dumps(_facts(scenario, outcome), ensure_ascii=False))
    else:
        _print(scenario, outcome)


def _played(scenario: Scenario, tell: Callable[[], None]) -> Outcome:
    """On all processors. `tell` is called after each day."""
    processes = min(len(os.sched_getaffinity(0)), scenario.file.replications)
    if processes < 2:
        return simulate(scenario, _telling(map, tell))
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), initializer=use) as pool:
        return simulate(scenario, _telling(pool.map, tell))


def _telling(each: Each, tell: Callable[[], None]) -> Each:
    def told(play: Callable[[tuple[Scenario, int]], Day], days: Iterable[tuple[Scenario, int]]) -> Iterator[Day]:
        for day in each(play, days):
            tell()
            yield day

    return told


def _draw(output: Path, scenario: Scenario, outcome: Outcome) -> None:
    file = scenario.file
    try:
        output.write_text(plot(file.simulation, file.starts, outcome.levels, file.horizon), encoding="utf-8")
    except OSError as error:
        raise GuichetError(f"The plot cannot be written to {shown(output)}: {error.strerror}.") from None


def _facts(scenario: Scenario, outcome: Outcome) -> dict[str, Any]:
    """`{"queues": {NAME: {MEASURE: {"mean": NUMBER, "low": NUMBER, "high": NUMBER}}}, "all": …}`: shares from 0 to 1,
    times in seconds, counts for one day."""
    queues = {name: _intervals(figures) for name, figures in outcome.queues.items()}
    everything = queues.pop(ALL)
    file = scenario.file
    return {
        "simulation": file.simulation, "replications": file.replications, "seed": file.seed, "calls": outcome.calls,
        "queues": queues, "all": everything,
    }  # fmt: skip


def _intervals(figures: Mapping[str, Estimate]) -> dict[str, dict[str, float]]:
    return {
        name: {"mean": each.mean, "low": each.mean - each.half_width, "high": each.mean + each.half_width}
        for name, each in figures.items()
    }


def _print(scenario: Scenario, outcome: Outcome) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    file = scenario.file
    days = f"{file.replications} days, {outcome.calls:,} calls"
    title = f"{escape(file.simulation)}: one day's figures from {days}, with 95 % intervals"
    table = Table("", *outcome.queues, title=title)
    for name in NAMES:
        cells = [_shown(name, figures.get(name)) for figures in outcome.queues.values()]
        if any(cells):
            table.add_row(name.replace("_", " ") + (", s" if name in SECONDS else ""), *cells)
    Console().print(table)


def _shown(name: str, each: Estimate | None) -> str:
    if each is None:
        return ""
    if name in SHARES:
        return f"{each.mean:.1%} ± {each.half_width:.1%}"
    return f"{each.mean:.1f} ± {each.half_width:.1f}"
