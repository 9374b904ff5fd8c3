"""A scenario played several times, each with chance of its own, and what it comes to."""

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from simulator.levels import Levels, levels_of, mean_levels
from simulator.measures import Estimate, Figures, Window, day_figures, estimates
from simulator.scenario import Scenario
from simulator.watching import Watch
from simulator.world import World

Each = Callable[[Callable[[tuple[Scenario, int]], "Day"], Iterable[tuple[Scenario, int]]], Iterable["Day"]]
"""`map`, or that of a pool of processes."""


@dataclass(frozen=True, slots=True)
class Day:
    """One replication. `calls`: all that were simulated, those of the warm-up too."""

    calls: int
    figures: Mapping[str, Figures]
    levels: Levels


@dataclass(frozen=True, slots=True)
class Outcome:
    """By queue, and of all: what is to be expected and how sure that is."""

    calls: int
    queues: Mapping[str, Mapping[str, Estimate]]
    levels: Levels


def simulate(scenario: Scenario, each: Each = map) -> Outcome:
    """Play all replications. The same file gives the same figures, in however many processes."""
    days = list(each(play, [(scenario, number) for number in range(scenario.file.replications)]))
    queues = {name: estimates([day.figures[name] for day in days]) for name in days[0].figures}
    return Outcome(sum(day.calls for day in days), queues, mean_levels([day.levels for day in days]))


def play(replication: tuple[Scenario, int]) -> Day:
    """One day: the scenario, and which replication it is."""
    scenario, number = replication
    file = scenario.file
    watch = Watch()
    with _uncollected():
        World(scenario, np.random.default_rng([file.seed, number]), watch.tell).run()
    watch.close(file.horizon)
    calls = sum(len(day.entered) - len(day.moved_in) for day in watch.queues.values())
    figures = day_figures(watch, scenario.queues, Window(file.warm_up, file.horizon))
    return Day(calls, figures, levels_of(watch, file.horizon))


@contextmanager
def _uncollected() -> Iterator[None]:
    """Nothing that a day makes is in a circle of references (docs/adr/0044): the collector would look through all who
    wait again and again, and find nothing."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
