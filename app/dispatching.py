"""The dispatcher process: it matches waiting calls with agents, or stands by while another one does."""

import gc

from app.ready import tell_ready
from app.settings import Settings
from core.ids import random_id
from queues.dispatcher import Dispatcher
from queues.store.redis import RedisStore

LOOK_AGAIN_MS = 50


async def run(settings: Settings) -> None:
    """Dispatch until cancelled."""
    store = RedisStore(settings.store_url)
    dispatcher = Dispatcher(store, f"{settings.name}-{random_id()}")
    alone = not settings.redis_url
    try:
        # The lease of one that was killed ends by itself; on a store of several houses another may lead for good.
        while not await dispatcher.turn(LOOK_AGAIN_MS) and alone:
            continue
        gc.freeze()  # what it knows of the line now stays for long: the collector need not go over it again and again
        tell_ready()
        await dispatcher.run()
    finally:
        await store.close()
