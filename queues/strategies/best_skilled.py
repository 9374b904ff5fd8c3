"""best-skilled: who has the highest levels in what is asked for, those of the narrowest step first; then the longest
idle. app_queue knows no skills and has no such strategy."""

from queues.model import Agent
from queues.ranked import Rank
from queues.requirement import Fit
from queues.strategies.strategy import Strategy, idle_part, idle_words


def _rank(agent: Agent, fit: Fit, _: int) -> Rank:
    return fit.step, -fit.level, *idle_part(agent)


def _words(rank: Rank, now: int) -> str:
    level = -rank[-4]
    levels = (f"{level} level{'s' if level > 1 else ''} in all",) if level else ()
    return ", ".join((*levels, idle_words(rank, now)))


STRATEGY = Strategy("best-skilled", "the best skilled", _rank, _words, several="the best skilled", by_step=True)
