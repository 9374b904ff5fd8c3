"""linear: always the same order, that of the queue's members; without members, that of the agents' ids. app_queue calls
it `linear` too."""

from queues.model import Agent
from queues.ranked import Rank
from queues.requirement import Fit
from queues.strategies.strategy import Strategy


def _rank(agent: Agent, _: Fit, place: int) -> Rank:
    return place, agent.id


def _words(rank: Rank, _: int) -> str:
    return f"number {rank[-2]}" if rank[-2] else "by name"


STRATEGY = Strategy("linear", "the first in the list", _rank, _words)
