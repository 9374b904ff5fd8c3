"""Whom of several agents to ask: each strategy is one file. A queue file chooses by name (`strategy:`).

There is no ring-all: an offer binds one agent and one call, so that no call is offered twice; to ring everybody at once
would hold agents from other calls for nothing."""

from collections.abc import Mapping

from queues.strategies import (
    best_skilled,
    fewest_calls,
    least_over_qualified,
    linear,
    longest_idle,
    random,
    round_robin,
)
from queues.strategies.strategy import Strategy

_FILES = least_over_qualified, best_skilled, longest_idle, fewest_calls, round_robin, linear, random

STRATEGIES: Mapping[str, Strategy] = {file.STRATEGY.name: file.STRATEGY for file in _FILES}
DEFAULT = least_over_qualified.STRATEGY
