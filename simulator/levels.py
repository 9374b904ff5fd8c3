"""How many callers wait and how many agents are busy over the day: what the plot shows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simulator.watching import BUSY, CAME, IDLE, UNTIL, Span, Watch, rows

MOMENTS = 240
"""At how many moments of the day, evenly spread, it is looked at."""

Curve = npt.NDArray[np.float64]
"""A value for each moment."""


@dataclass(frozen=True, slots=True)
class Levels:
    """Counts at each moment. `staffed`: busy agents and idle ones."""

    moments: Curve
    """Milliseconds from the beginning."""
    waiting: Curve
    busy: Curve
    staffed: Curve


def levels_of(watch: Watch, horizon: int) -> Levels:
    moments: Curve = (np.arange(MOMENTS, dtype=np.float64) + 0.5) * (horizon / MOMENTS)
    waits = [(stay[CAME], stay[UNTIL]) for day in watch.queues.values() for stay in day.stays]
    busy = _at(moments, watch.spans[BUSY])
    return Levels(moments, _at(moments, waits), busy, busy + _at(moments, watch.spans[IDLE]))


def mean_levels(levels: Sequence[Levels]) -> Levels:
    """Over the replications."""
    waiting, busy, staffed = (
        _mean([getattr(each, name) for each in levels]) for name in ("waiting", "busy", "staffed")
    )
    return Levels(levels[0].moments, waiting, busy, staffed)


def _mean(curves: Sequence[Curve]) -> Curve:
    mean: Curve = np.mean(np.array(curves), axis=0)
    return mean


def _at(moments: Curve, spans: Sequence[Span]) -> Curve:
    """How many spans hold each moment: those begun by then less those ended by then."""
    ordered = np.sort(rows(spans), axis=0)
    begun, ended = (np.searchsorted(ordered[:, side], moments, side="right") for side in (0, 1))
    return (begun - ended).astype(np.float64)
