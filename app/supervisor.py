"""Runs the house's processes: begins them in order, begins again what ends, stops all in order."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from app.child import Child, Process, Stage, StartFailed

STOP_ORDER = (Stage.CALLS, Stage.PHONES, Stage.HELPERS, Stage.STORE)
STOP_WITHIN_S = {Stage.CALLS: 2.5, Stage.PHONES: 3.0, Stage.HELPERS: 2.0, Stage.STORE: 2.0}
"""Seconds each stage has until SIGKILL; 9.5 in all."""


class Supervisor:
    """`changed` is called whenever a process begins, gets ready or ends."""

    def __init__(self, processes: Sequence[Process], logs: Path, changed: Callable[[], None] = lambda: None) -> None:
        self.children = {p.name: Child(p, logs / f"{p.name}.log", changed) for p in processes}
        self._keepers: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin all, each as soon as those it comes after are ready. StartFailed of the first that does not come up:
        the others are left as they are, for `stop`."""
        starts = [asyncio.create_task(self._begin(child)) for child in self.children.values()]
        try:
            await asyncio.gather(*starts)
        finally:
            for start in starts:
                start.cancel()
            await asyncio.gather(*starts, return_exceptions=True)

    async def _begin(self, child: Child) -> None:
        for name in child.process.after:
            await self.children[name].ready.wait()
        await child.begin()
        # From here on: what comes up first may end again before the last one is ready.
        self._keepers.append(asyncio.create_task(child.keep(), name=f"keep {child.process.name}"))

    async def watch(self) -> None:
        """Forever. Raises what a keeper raises: that is a bug."""
        await asyncio.gather(*self._keepers)

    async def stop(self) -> None:
        """End all, stage by stage, within 10 s."""
        for stage in STOP_ORDER:
            await asyncio.gather(
                *(child.stop(STOP_WITHIN_S[stage]) for child in self.children.values() if child.process.stage is stage)
            )
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)

    def kill(self) -> None:
        """End all at once."""
        for child in self.children.values():
            child.kill()


__all__ = ["Process", "Stage", "StartFailed", "Supervisor"]
