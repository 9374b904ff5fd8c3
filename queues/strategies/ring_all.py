"""ring-all: all at once, up to eight, and who answers first has the call. Those who are rung are held from other calls
meanwhile, so it is for small teams. app_queue calls it `ringall`, and rings agents who ring already; here nobody ever
has two calls."""

from queues.strategies.strategy import LONGEST_IDLE, Strategy, idle_part, idle_words

STRATEGY = Strategy("ring-all", LONGEST_IDLE, lambda agent, _, __: idle_part(agent), idle_words, together=8)
