"""How long callers wait, by Erlang's formulas: B (nobody waits, who finds all agents busy is turned away), C (all wait,
however long) and A (all wait, until their patience ends).

Calls come at random (Poisson), conversations and patience are exponential, agents are alike, first come first served.
Rates are per second, times in seconds, shares from 0 to 1; `load` is in erlangs: rate x handling time.
"""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, localcontext
from itertools import count
from math import exp, expm1

MOST_AGENTS = 100_000
NEGLIGIBLE = Decimal("1e-24")
"""Where a sum is ended: what is left of it is less than this share."""
VAST = Context(Emax=MAX_EMAX, Emin=MIN_EMIN)
"""Of an overloaded house, the states' weights have millions of digits before the point."""


@dataclass(frozen=True, slots=True)
class Demand:
    """Calls a second, and the seconds that an agent spends on each (talk, hold, wrap-up)."""

    rate: float
    handling: float

    @property
    def load(self) -> float:
        return self.rate * self.handling


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a number of agents makes of a demand, in the long run."""

    wait_probability: float
    """Share of callers who find every agent busy."""
    asa: float
    """Mean wait of those who are answered, in seconds."""
    mean_wait: float
    """Mean wait of all callers, those included who give up, in seconds."""
    service_level: float
    """Answered within the time, of all callers."""
    abandonment: float
    """Share of callers who are not answered: they gave up, or were turned away."""
    queue_length: float
    """Callers waiting, on average."""
    occupancy: float
    """Share of their time that agents spend on calls."""


def erlang_b(load: float, agents: int) -> float:
    """The share of callers who find all agents busy where nobody waits.

    B(0) = 1, B(n) = a B(n-1) / (n + a B(n-1)): the recursion of A. K. Erlang's loss formula (1917), in which nothing
    overflows. A share too small for a float is 0."""
    blocked = 1.0
    for n in range(1, agents + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked


def erlang_c(load: float, agents: int) -> float:
    """The share of callers who must wait where all wait: Erlang's delay formula by way of the loss formula,
    C = n B / (n - a (1 - B)) (R. B. Cooper, Introduction to Queueing Theory, 3.4). 1 where the load is too much."""
    if load >= agents:
        return 1.0
    blocked = erlang_b(load, agents)
    return agents * blocked / (agents - load * (1 - blocked))


def with_loss(demand: Demand, agents: int) -> Outlook:
    """Erlang B. Whoever is answered, is answered at once. ValueError without agents."""
    _check(agents)
    blocked = erlang_b(demand.load, agents)
    return Outlook(
        wait_probability=blocked, asa=0.0, mean_wait=0.0, service_level=1 - blocked, abandonment=blocked,
        queue_length=0.0, occupancy=demand.load * (1 - blocked) / agents,
    )  # fmt: skip


def with_delay(demand: Demand, agents: int, within: float) -> Outlook:
    """Erlang C: the wait of those who wait is exponential with the rate (n - a) / handling. ValueError where the
    load is not below the agents: the line would grow for ever."""
    if demand.load >= agents:
        raise ValueError(f"{agents} agents never catch up with {demand.load:g} erlangs")
    waits = erlang_c(demand.load, agents)
    drain = (agents - demand.load) / demand.handling
    return Outlook(
        wait_probability=waits, asa=waits / drain, mean_wait=waits / drain,
        service_level=1 - waits * exp(-drain * within), abandonment=0.0,
        queue_length=demand.rate * waits / drain, occupancy=demand.load / agents,
    )  # fmt: skip


def with_patience(demand: Demand, agents: int, within: float, patience: float) -> Outlook:
    """Erlang A, M/M/n+M (C. Palm 1943; A. Mandelbaum and S. Zeltyn, Service Engineering in Action: the Palm/Erlang-A
    Queue, 2007). `patience`: the mean time after which a caller who is not answered gives up.

    Seen from the state in which all are busy and nobody waits, the states with j waiting weigh
    t(j) = product over k = 1..j of rate / (n mu + k theta), and those below weigh 1/B - 1 together. The waiting caller
    at place j+1 is served with probability n mu / (n mu + (j+1) theta), then after the sum over k = 1..j+1 of
    1 / (n mu + k theta) on average. ValueError without agents, or without patience: take `with_loss`."""
    _check(agents)
    if patience <= 0:
        raise ValueError("nobody has patience: that is model b")
    with localcontext(VAST):
        return _with_patience(demand, agents, within, patience)


def _check(agents: int) -> None:
    if agents < 1:
        raise ValueError(f"{agents} agents answer nobody")


def _with_patience(demand: Demand, agents: int, within: float, patience: float) -> Outlook:
    blocked = erlang_b(demand.load, agents)
    drain, leaving = agents / demand.handling, 1 / patience
    line = _line(demand.rate, drain, leaving)
    waits = float(line.weight * Decimal(blocked) / (line.weight * Decimal(blocked) + Decimal(1 - blocked)))
    queue_length = waits * float(line.waiting / line.weight)
    abandonment = leaving * queue_length / demand.rate
    late = waits * _served_later(demand.rate, drain, leaving, within, line.weight)
    return Outlook(
        wait_probability=waits, asa=waits * float(line.served_wait / line.weight) / (1 - abandonment),
        mean_wait=queue_length / demand.rate, service_level=max(0.0, 1 - abandonment - late), abandonment=abandonment,
        queue_length=queue_length, occupancy=demand.load * (1 - abandonment) / agents,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Line:
    """Sums over the states in which all agents are busy, j = 0, 1, … waiting. Decimals: in an overloaded house these
    grow beyond any float."""

    weight: Decimal
    """Sum of t(j)."""
    waiting: Decimal
    """Sum of j t(j)."""
    served_wait: Decimal
    """Sum of t(j) x probability to be served x the wait until then."""


def _line(rate: float, drain: float, leaving: float) -> _Line:
    weight = waiting = served_wait = Decimal(0)
    term, wait = Decimal(1), 0.0
    for ahead in count():
        pace = drain + (ahead + 1) * leaving
        wait += 1 / pace
        weight += term
        waiting += ahead * term
        served_wait += term * Decimal(drain / pace * wait)
        ratio = rate / pace
        term *= Decimal(ratio)
        if ratio < 1 and (ahead + 1) * term < NEGLIGIBLE * weight * Decimal((1 - ratio) ** 2):
            return _Line(weight, waiting, served_wait)
    raise AssertionError("the terms shrink at last")


def _served_later(rate: float, drain: float, leaving: float, within: float, weight: Decimal) -> float:
    """Of those who wait, the share who are served after `within`.

    The offered wait has the density v(x) = rate p(n-1) exp(rate (1 - e^(-theta x)) / theta - n mu x), and the integral
    of e^(-theta x) v(x) from `within` on (Zeltyn and Mandelbaum, Call centers with impatient customers, 2005) is an
    incomplete gamma function; its series is a sum of the same kind as that of the states."""
    exponent = -rate / leaving * expm1(-leaving * within) - (drain + leaving) * within
    rest = _line(rate * exp(-leaving * within), drain + leaving, leaving).weight
    return drain / (drain + leaving) * float(rest / weight * Decimal(exponent).exp())


def agents_needed(enough: Callable[[int], bool], least: int) -> int | None:
    """The smallest number of agents, from `least` on, that is enough; None where MOST_AGENTS are not. More agents must
    never be worse."""
    most = least
    while not enough(most):
        if most >= MOST_AGENTS:
            return None
        most = min(2 * most, MOST_AGENTS)
    return bisect_left(range(most + 1), True, lo=least, key=enough)
