"""longest-idle: who has been idle for the longest time, counted from the end of the last wrap-up in any queue.
app_queue calls it `leastrecent`."""

from queues.strategies.strategy import LONGEST_IDLE, Strategy, idle_part, idle_words

STRATEGY = Strategy("longest-idle", LONGEST_IDLE, lambda agent, _, __: idle_part(agent), idle_words)
