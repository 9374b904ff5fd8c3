"""How fast virtual time goes: Palm's queue (M/M/50+M) on the production router and commits.

simulated_calls_per_s  calls from entry to end for each second of the clock, replications on all processors
one_core_calls_per_s   the same for each second of one processor's time
"""

import os
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import simulator
from app.compiled import use
from core.files import Faults
from simulator.scenario import Scenario, load_scenario
from simulator.simulate import play, simulate

TARGETS = {"simulated_calls_per_s": ">= 50000"}
PALM = Path(simulator.__file__).parent / "examples" / "palm.yaml"
REPLICATIONS_EACH = 3
"""On each processor."""


async def run() -> dict[str, float]:
    """The figures. Takes about half a minute."""
    return {
        "simulated_calls_per_s": round(simulated_calls_per_s()),
        "one_core_calls_per_s": round(one_core_calls_per_s()),
    }


def one_core_calls_per_s() -> float:
    scenario = _palm()
    began = time.process_time()
    calls = play((scenario, 0)).calls
    return calls / (time.process_time() - began)


def simulated_calls_per_s() -> float:
    """Of the clock's seconds, once the processes are there."""
    scenario = _palm()
    processes = len(os.sched_getaffinity(0))
    file = scenario.file.model_copy(update={"replications": processes * REPLICATIONS_EACH})
    with ProcessPoolExecutor(processes, get_context("spawn"), initializer=use) as pool:
        short = replace(scenario, file=file.model_copy(update={"horizon": 60_000, "warm_up": 0}))
        simulate(short, pool.map)
        began = time.perf_counter()
        calls = simulate(replace(scenario, file=file), pool.map).calls
        return calls / (time.perf_counter() - began)


def _palm() -> Scenario:
    faults = Faults()
    scenario = load_scenario(PALM, faults)
    assert scenario is not None, faults.found
    return scenario
