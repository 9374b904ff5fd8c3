"""How long a caller will probably wait, from what the queue went through lately. Pure: times, in ms, are handed in.

The queue-length estimate with abandonment (Ibrahim and Whitt, "Real-time delay estimation in overloaded multiserver
queues with abandonments", 2009, QL_a): with n callers ahead, s agents who each serve at the rate mu and callers who
give up at the rate theta, the wait is the sum over k = 0..n of 1 / (s mu + k theta). Where the wait of the head of the
line is larger, it wins: whoever stands first came under the same conditions and has waited so long already."""

from dataclasses import dataclass, field
from math import log1p

WINDOW_MS = 30 * 60_000
"""Experience is kept for this long at least and twice as long at most."""
PRIOR_SERVICE_MS = 180_000
"""What a call takes where nothing is known (FIELD)."""
PRIOR_WEIGHT = 5
"""The prior counts like so many calls."""
LEAST_SAMPLES = 5
"""With fewer calls served lately nothing is said (FIELD)."""
EXACT_TERMS = 64

MINUTE_MS = 60_000
BOUNDS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60)
"""Minutes that are spoken."""
LOW, HIGH = 0.7, 1.3
"""Between these parts of the estimate the wait is said to be: rounded up to a spoken minute, and from the one below."""


class Lately:
    """A count and a sum over the last 30 to 60 minutes: this half hour, and the one before."""

    __slots__ = ("_before", "_count", "_half", "_sum")

    def __init__(self) -> None:
        self._half = 0
        self._count, self._sum = 0, 0
        self._before = (0, 0)

    def add(self, at: int, ms: int, count: int = 1) -> None:
        self._turn(at)
        self._count += count
        self._sum += ms

    def seen(self, at: int) -> tuple[int, int]:
        """How many, and the sum."""
        self._turn(at)
        return self._before[0] + self._count, self._before[1] + self._sum

    def _turn(self, at: int) -> None:
        half = at // WINDOW_MS
        if half <= self._half:  # clocks of several machines differ a little
            return
        self._before = (self._count, self._sum) if half == self._half + 1 else (0, 0)
        self._half, self._count, self._sum = half, 0, 0


@dataclass(slots=True)
class Experience:
    """What a queue went through lately."""

    served: Lately = field(default_factory=Lately)
    """Calls, and how long each kept its agent, from the offer to the end of the wrap-up."""
    waited: Lately = field(default_factory=Lately)
    """Callers who gave up, and the time that all waited, whether they gave up or not."""

    def known(self, at: int) -> bool:
        """Enough for an estimate."""
        return self.served.seen(at)[0] >= LEAST_SAMPLES

    def service_ms(self, at: int) -> float:
        """The mean, shrunk to the prior where there are few calls."""
        count, total = self.served.seen(at)
        return (total + PRIOR_WEIGHT * PRIOR_SERVICE_MS) / (count + PRIOR_WEIGHT)

    def abandonment(self, at: int) -> float:
        """Callers who give up for each ms that one waits: of exponential patience the most likely rate."""
        gave_up, waited = self.waited.seen(at)
        return gave_up / waited if waited else 0.0


class Outlook:
    """How long callers of a queue wait, as things are at one moment: the sum is begun once for all of them. `agents`,
    above 0, may be a fraction, where other queues share them; `abandonment` is a rate a ms."""

    __slots__ = ("_abandonment", "_rate", "_sums")

    def __init__(self, agents: float, service_ms: float, abandonment: float) -> None:
        self._rate, self._abandonment = agents / service_ms, abandonment
        self._sums: list[float] = []

    def wait(self, ahead: int) -> float:
        """In ms, of whoever has so many callers ahead."""
        rate, theta, sums = self._rate, self._abandonment, self._sums
        if theta <= 0:
            return (ahead + 1) / rate
        while len(sums) < EXACT_TERMS and len(sums) <= ahead:
            sums.append((sums[-1] if sums else 0.0) + 1 / (rate + len(sums) * theta))
        if ahead < EXACT_TERMS:
            return sums[ahead]
        # What is left of the sum, as the integral from half a term before to half a term after.
        further = (ahead + 1 - EXACT_TERMS) * theta / (rate + (EXACT_TERMS - 0.5) * theta)
        return sums[-1] + log1p(further) / theta


def expected_wait(ahead: int, agents: float, service_ms: float, abandonment: float) -> float:
    """The same for one caller."""
    return Outlook(agents, service_ms, abandonment).wait(ahead)


def interval(ms: float) -> tuple[int, int]:
    """The minutes between which a wait is spoken: (3, 8); (0, 2): less than 2; (30, 0): more than 30."""
    minutes = ms / MINUTE_MS
    high = next((bound for bound in BOUNDS if bound >= minutes * HIGH), 0)
    return max((bound for bound in BOUNDS if bound <= minutes * LOW), default=0), high
