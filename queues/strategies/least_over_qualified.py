"""least-over-qualified: whose levels are the least above what is asked for, those of the narrowest step first; then the
longest idle. It keeps the best for those who need them. app_queue knows no skills and has no such strategy."""

from queues.model import Agent
from queues.ranked import Rank
from queues.requirement import Fit
from queues.strategies.strategy import Strategy, idle_part, idle_words


def _rank(agent: Agent, fit: Fit, _: int) -> Rank:
    return fit.step, fit.over, *idle_part(agent)


def _words(rank: Rank, now: int) -> str:
    over = rank[-4]
    above = (f"{over} level{'s' if over > 1 else ''} above",) if over else ()
    return ", ".join((*above, idle_words(rank, now)))


STRATEGY = Strategy(
    "least-over-qualified",
    "the least over-qualified",
    _rank,
    _words,
    several="the least over-qualified",
    by_step=True,
)
