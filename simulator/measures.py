"""What a day's calls and agents come to, in the trade's measures, and how sure that is after several days.

By the time of entry, between warm-up and horizon: O offered = A answered + B gave up + F left by a choice or an
overflow + C became callbacks + W still waiting at the end. Who was moved is counted in both queues, and once in all, by
when they first came. Waits run since the first queueing, as in reports of real calls."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist, fmean, stdev

import numpy as np

from queues.definition import Queue
from simulator.watching import BUSY, CAME, FIRST, IDLE, SINCE, UNTIL, Estimated, QueueDay, Rows, Watch, rows

ALL = "in all"
"""The name of all queues together; no queue can have it."""
DEFAULT_WITHIN_MS = 60_000
SHORT_ABANDON_MS = 5_000
"""Who gives up within it does not count against the service level (FIELD: B_s)."""
CONFIDENCE = 0.95

Figures = Mapping[str, float]
"""Measures by name; shares from 0 to 1, waits in seconds. What has no value (a mean of nothing) is not there."""

NAMES = (
    "offered", "answered", "abandoned", "overflowed", "callbacks", "waiting", "service_level", "asa",
    "wait_p50", "wait_p90", "wait_p95", "mean_wait", "abandonment", "overflow", "not_accepted",
    "queue_length", "occupancy", "busy_agents",
    "estimate_error", "estimate_bias", "estimate_inside",
)  # fmt: skip
"""In the order in which they are shown. `mean_wait` is of those who were answered or gave up, `asa` and the percentiles
of the answered. `overflow`: the share of (F + C) in O. Of the waits that were foretold, of callers who were answered:
`estimate_error` is the mean absolute error, `estimate_bias` the mean error (s, above 0: foretold too long), and
`estimate_inside` the share whose wait was within the interval."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over the replications, and how far the true one may be from it: in 95 of 100 such experiments it lies
    within. Of one value nothing is known: the half-width is infinite."""

    mean: float
    half_width: float

    def holds(self, value: float) -> bool:
        return abs(value - self.mean) <= self.half_width


@dataclass(frozen=True, slots=True)
class Window:
    """The part of the day that counts, in milliseconds."""

    since: int
    until: int


def day_figures(watch: Watch, queues: Mapping[str, Queue], window: Window) -> dict[str, Figures]:
    """The figures of one day, by queue and of all."""
    days = {name: watch.queues[name] for name in queues}
    figures = {name: _of_calls([(days[name], _within_ms(queue))], window) for name, queue in queues.items()}
    everything = _of_calls([(days[name], _within_ms(queue)) for name, queue in queues.items()], window, in_all=True)
    busy, idle = (_inside(rows(watch.spans[mode]), window) for mode in (BUSY, IDLE))
    everything["busy_agents"] = busy / (window.until - window.since)
    if busy + idle:
        everything["occupancy"] = busy / (busy + idle)
    return {**figures, ALL: everything}


def estimates(days: Sequence[Figures]) -> dict[str, Estimate]:
    """Over independent days: mean and Student's interval. A measure that some day has no value for is left out."""
    names = [name for name in NAMES if all(name in day for day in days)]
    return {name: estimate([day[name] for day in days]) for name in names}


def estimate(values: Sequence[float]) -> Estimate:
    if len(values) < 2:
        return Estimate(fmean(values), float("inf"))
    return Estimate(fmean(values), student(len(values) - 1) * stdev(values) / sqrt(len(values)))


def student(freedom: int) -> float:
    """The 97.5 % point of Student's t. Up to 30 degrees of freedom from the table, then by the expansion of Abramowitz
    and Stegun, 26.7.5, to its fourth term (off by less than 1e-5)."""
    if freedom <= len(_STUDENT):
        return _STUDENT[freedom - 1]
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    terms = (z**3 + z) / 4, (5 * z**5 + 16 * z**3 + 3 * z) / 96, (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + sum(term / float(freedom ** (power + 1)) for power, term in enumerate(terms))


_STUDENT = (
    12.706205, 4.302653, 3.182446, 2.776445, 2.570582, 2.446912, 2.364624, 2.306004, 2.262157, 2.228139,
    2.200985, 2.178813, 2.160369, 2.144787, 2.131450, 2.119905, 2.109816, 2.100922, 2.093024, 2.085963,
    2.079614, 2.073873, 2.068658, 2.063899, 2.059539, 2.055529, 2.051831, 2.048407, 2.045230, 2.042272,
)  # fmt: skip


def _of_calls(days: Sequence[tuple[QueueDay, int]], window: Window, *, in_all: bool = False) -> dict[str, float]:
    """`days`: each with the time within which its callers are to be answered. `in_all`: of several queues together,
    where a call counts once, by when it first came into any, and moves for nothing."""
    by = FIRST if in_all else CAME
    answered, abandoned, left, called_back, waiting, unwanted, moved = (
        [_came_in(rows(stays, 4), by, window) for stays in kind]
        for kind in zip(
            *(
                (day.answered, day.abandoned, day.overflowed, day.called_back, day.waiting, day.unwanted, day.moved_out)
                for day, _ in days
            ),
            strict=True,
        )
    )
    entered = sum(_count(day.entered, window) - (_count(day.moved_in, window) if in_all else 0) for day, _ in days)
    moves = _many(moved) if in_all else 0
    overflowed, callbacks = _many(left) - moves, _many(called_back)
    waits = np.concatenate([_waited(stays) for stays in answered]) / 1000
    gone = np.concatenate([_waited(stays) for stays in abandoned])
    soon = sum(int(np.sum(_waited(stays) <= within)) for stays, (_, within) in zip(answered, days, strict=True))
    counted = len(waits) + int(np.sum(gone > SHORT_ABANDON_MS)) + _many(unwanted) - moves
    missed = sum(_count(day.missed, window) for day, _ in days)
    figures: dict[str, float] = {
        "offered": entered, "answered": len(waits), "abandoned": len(gone), "waiting": _many(waiting),
    }  # fmt: skip
    if overflowed or callbacks:
        share = (overflowed + callbacks) / max(entered, 1)
        figures |= {"overflowed": overflowed, "callbacks": callbacks, "overflow": share}
    figures |= _of_estimates([each for day, _ in days for each in day.estimates], window)
    in_line = sum(_inside(rows(day.stays, 4)[:, [CAME, UNTIL]], window) for day, _ in days)
    figures["queue_length"] = in_line / (window.until - window.since)
    if counted:
        figures["service_level"] = soon / counted
    if len(waits) + len(gone):
        figures["mean_wait"] = float(waits.sum() + gone.sum() / 1000) / (len(waits) + len(gone))
        figures["abandonment"] = len(gone) / entered
    if len(waits):
        figures["asa"] = float(waits.mean())
        figures["wait_p50"], figures["wait_p90"], figures["wait_p95"] = np.percentile(waits, [50, 90, 95]).tolist()
    if len(waits) + missed:
        figures["not_accepted"] = missed / (len(waits) + missed)
    return figures


def _of_estimates(estimates: Sequence[Estimated], window: Window) -> dict[str, float]:
    counted = [each for each in estimates if window.since <= each[0] < window.until]
    if not counted:
        return {}
    errors = np.array([(expected - waited) / 1000 for _, expected, waited, _ in counted])
    return {
        "estimate_error": float(np.abs(errors).mean()),
        "estimate_bias": float(errors.mean()),
        "estimate_inside": sum(inside for *_, inside in counted) / len(counted),
    }


def _within_ms(queue: Queue) -> int:
    return queue.service_level.within if queue.service_level else DEFAULT_WITHIN_MS


def _count(times: Sequence[int], window: Window) -> int:
    return sum(window.since <= at < window.until for at in times)


def _came_in(stays: Rows, by: int, window: Window) -> Rows:
    return stays[(stays[:, by] >= window.since) & (stays[:, by] < window.until)]


def _many(parts: Sequence[Rows]) -> int:
    return sum(map(len, parts))


def _waited(stays: Rows) -> Rows:
    return stays[:, UNTIL] - stays[:, SINCE]


def _inside(spans: Rows, window: Window) -> float:
    """How much of the spans lies in the window, in milliseconds."""
    clipped = np.clip(spans, window.since, window.until)
    return float(np.sum(clipped[:, 1] - clipped[:, 0]))
