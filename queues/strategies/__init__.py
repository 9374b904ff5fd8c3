"""Whom of several agents to ask: each strategy is one file. A queue file chooses by name (`strategy:`)."""

from collections.abc import Mapping

from queues.strategies import (
    best_skilled,
    fewest_calls,
    least_over_qualified,
    linear,
    longest_idle,
    random,
    ring_all,
    round_robin,
)
from queues.strategies.strategy import Strategy

_FILES = least_over_qualified, best_skilled, longest_idle, fewest_calls, round_robin, linear, random, ring_all

STRATEGIES: Mapping[str, Strategy] = {file.STRATEGY.name: file.STRATEGY for file in _FILES}
DEFAULT = least_over_qualified.STRATEGY
