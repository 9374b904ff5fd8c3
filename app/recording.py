"""The history process: what happened, from the event stream into the database, and from there to whom the settings
want it pushed."""

import asyncio
from random import SystemRandom

from app.outside import hooks
from app.ready import tell_ready
from app.settings import Settings
from core.clock import wall_clock
from history.database import make_engine
from history.outside.sender import Sender
from history.pseudonyms import Pseudonyms, load_key
from history.recorder import Recorder
from history.recording import Rules
from queues.store.redis import RedisStore


async def run(settings: Settings) -> None:
    """Record, and push, until cancelled."""
    receivers = hooks(settings)
    database = make_engine(settings.sql_url)
    store = RedisStore(settings.store_url)
    rules = Rules(settings.country, Pseudonyms(load_key(settings.pseudonym_key)), tuple(receivers))
    tell_ready()
    try:
        async with asyncio.TaskGroup() as both:
            both.create_task(Recorder(store, database, wall_clock, rules).run())
            if receivers:
                both.create_task(Sender(database, receivers, wall_clock, SystemRandom()).run())
    finally:
        await store.close()
        await database.dispose()
