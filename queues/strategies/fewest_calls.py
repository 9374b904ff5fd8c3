"""fewest-calls: who has answered the fewest calls since the log-in, of all queues; then the longest idle. app_queue
calls it `fewestcalls`, and counts for each queue by itself."""

from queues.model import Agent
from queues.ranked import Rank
from queues.requirement import Fit
from queues.strategies.strategy import Strategy, idle_part, idle_words


def _rank(agent: Agent, _: Fit, __: int) -> Rank:
    return agent.calls, *idle_part(agent)


def _words(rank: Rank, now: int) -> str:
    return f"{rank[-4]} call{'' if rank[-4] == 1 else 's'} so far, {idle_words(rank, now)}"


STRATEGY = Strategy(
    "fewest-calls", "the one with the fewest calls", _rank, _words, several="those with the fewest calls"
)
