"""What chance decides: when calls come and how long things last. The generator is handed in, so a seed gives a day."""

from collections.abc import Iterator
from itertools import chain
from math import log, sqrt

import numpy as np
import numpy.typing as npt

from simulator.scenario import HOUR_MS, Arrivals, Lasting

Times = npt.NDArray[np.float64]
"""Milliseconds."""
BLOCK = 4096


def arrivals(pattern: Arrivals, horizon: int, chance: np.random.Generator) -> Times:
    """A Poisson process with the pattern's rates: in each step a Poisson number of calls, each at any time alike."""
    steps = [
        chance.uniform(since, end, chance.poisson(rate * (end - since) / HOUR_MS))
        for since, end, rate in pattern.rates(horizon)
    ]
    return np.sort(np.concatenate(steps))


def durations(lasting: Lasting, count: int, chance: np.random.Generator) -> Times:
    """So many durations. Log-normal is given by its own mean m and deviation s: the logarithm has the variance
    ln(1 + s²/m²) and the mean ln m less half of that."""
    if lasting.shape == "constant":
        return np.full(count, float(lasting.mean))
    if lasting.shape == "exponential":
        return chance.exponential(lasting.mean, count)
    assert lasting.deviation is not None
    variance = log(1 + (lasting.deviation / lasting.mean) ** 2)
    return chance.lognormal(log(lasting.mean) - variance / 2, sqrt(variance), count)


def endless(lasting: Lasting, chance: np.random.Generator) -> Iterator[float]:
    """Durations for as long as they are asked for."""
    blocks = iter(lambda: durations(lasting, BLOCK, chance).tolist(), None)
    return chain.from_iterable(blocks)
