"""A call's story, told again to those who have it on the screen, once what they said of it is recorded."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

log = logging.getLogger(__name__)

LOOKS_S = (0.15, 0.35, 1.0, 3.0)
"""After the last thing said, so long between looks: the recorder gathers events for a moment, and may be behind."""

Look = Callable[[str], Awaitable[dict[str, Any] | None]]
"""The story of a call that is shown here; None where it is not, or the history does not answer."""
Tell = Callable[[str, dict[str, Any]], None]


class Retelling:
    """`said` never waits. `close` at the end."""

    def __init__(self, look: Look, tell: Tell, looks_s: Sequence[float] = LOOKS_S) -> None:
        self._look, self._tell, self._looks_s = look, tell, looks_s
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def said(self, call: str) -> None:
        """Something was stated about that call."""
        if before := self._tasks.pop(call, None):
            before.cancel()
        task = asyncio.get_running_loop().create_task(self._retell(call))
        self._tasks[call] = task
        task.add_done_callback(lambda done: self._forget(call, done))

    async def close(self) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _retell(self, call: str) -> None:
        told: dict[str, Any] | None = None
        for pause in self._looks_s:
            await asyncio.sleep(pause)
            story = await self._look(call)
            if story is not None and story != told:
                told = story
                self._tell(call, story)

    def _forget(self, call: str, task: asyncio.Task[None]) -> None:
        if self._tasks.get(call) is task:
            del self._tasks[call]
        if not task.cancelled() and (error := task.exception()):
            log.error("the story of call %s was not told again", call, exc_info=error)
