"""What a strategy is: whom of several agents to ask for a call. Each has a file of its own."""

from collections.abc import Callable
from dataclasses import dataclass

from queues.model import Agent
from queues.ranked import Rank
from queues.requirement import Fit

LONGEST_IDLE = "the longest idle"
IDLE_PARTS = 3


@dataclass(frozen=True, slots=True)
class Strategy:
    """`rank`: smallest first, for an agent, their fit and their place among the queue's members (from 1; 0 without
    members). `words`: what speaks for or against an agent of that rank, at that time (ms)."""

    name: str
    best: str
    """The one chosen, in a sentence: `the longest idle`."""
    rank: Callable[[Agent, Fit, int], Rank]
    words: Callable[[Rank, int], str]
    drawn: bool = False
    """By lot, whatever the rank."""
    several: str = ""
    """The best where they are equal, of whom the longest idle is chosen."""
    by_step: bool = False
    """The rank begins with the step of the requirement that the agent meets first."""
    together: int = 1
    """How many are asked at once, at most."""


def idle_part(agent: Agent) -> Rank:
    """What decides between agents who are equal otherwise (FIELD): longest idle, from the end of the last wrap-up; then
    lowest occupancy, in thousandths since the log-in; then the id."""
    here_ms = max(1, agent.idle_since - agent.logged_in_at)
    return agent.idle_since, agent.busy_ms * 1000 // here_ms, agent.id


def idle_words(rank: Rank, now: int) -> str:
    """`idle 42 s`, of a rank that ends in `idle_part`."""
    return f"idle {max(0, now - int(rank[-3])) // 1000} s"
