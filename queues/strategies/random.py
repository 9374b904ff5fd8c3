"""random: by lot, each with the same chance. app_queue calls it `random` too."""

from queues.strategies.strategy import Strategy

STRATEGY = Strategy("random", "drawn by lot", lambda agent, _, __: (agent.id,), lambda *_: "", drawn=True)
