"""round-robin: all in turn. Whose turn it is: who was offered a call longest ago, whatever came of it; who never was
comes first. app_queue calls it `rrmemory`, and keeps a turn for each queue by itself; here it goes over all queues."""

from queues.model import Agent
from queues.ranked import Rank
from queues.requirement import Fit
from queues.strategies.strategy import Strategy, idle_part


def _rank(agent: Agent, _: Fit, __: int) -> Rank:
    return agent.offered_at, *idle_part(agent)


def _words(rank: Rank, now: int) -> str:
    return f"last asked {max(0, now - int(rank[-4])) // 1000} s ago" if rank[-4] else "never asked yet"


STRATEGY = Strategy("round-robin", "the next in turn", _rank, _words, several="those next in turn")
