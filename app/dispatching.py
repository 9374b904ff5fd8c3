"""The dispatcher process: it matches waiting calls with agents, or stands by while another one does."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from app.absences import Keeper
from app.memory import keep_settled
from app.ready import tell_ready
from app.settings import Settings
from app.towns import KeptTowns
from core.clock import wall_clock
from core.ids import random_id
from hours.switch import Switches
from queues.definition import Queue
from queues.dispatcher import Dispatcher
from queues.overflow.board import Opening
from queues.store.redis import RedisStore
from telephony.opening import TownHours

LOOK_AGAIN_MS = 50


class Rules:
    """What the town's version that is live says of its queues. The dispatcher goes with each version that is published:
    rules are how the house wants things to be now, for those too who wait already."""

    def __init__(self, state: Path, switches: Switches) -> None:
        self._state = state
        self._towns = KeptTowns(state)
        self._hours = TownHours(self._towns, switches)
        self._version = self._towns.live().version

    def queues(self, version: str) -> Mapping[str, Queue]:
        """Of that version, which was published just now; '': as it is now."""
        if version:
            self._version = self._towns.of(version).version
        return self._towns.of(self._version).queues

    async def opening(self, name: str) -> Opening | None:
        """What opening hours of a name say now; None: nobody knows."""
        now = await self._hours.status(name, wall_clock(), self._version)
        return Opening(now.open, now.closes_at) if now else None


async def run(settings: Settings) -> None:
    """Dispatch until cancelled."""
    store = RedisStore(settings.store_url)
    rules = Rules(settings.state, store)
    name = f"{settings.name}-{random_id()}"
    dispatcher = Dispatcher(store, name, queues=rules.queues, openings=rules.opening, engines=True)
    alone = not settings.redis_url
    try:
        # The lease of one that was killed ends by itself; on a store of several houses another may lead for good.
        while not await dispatcher.turn(LOOK_AGAIN_MS) and alone:
            continue
        tell_ready()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(dispatcher.run(), name="dispatcher")
            tasks.create_task(Keeper(store, wall_clock).run(), name="keeper")
            tasks.create_task(keep_settled(), name="memory")
    finally:
        await store.close()
