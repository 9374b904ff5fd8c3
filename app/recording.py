"""The history process: what happened, from the event stream into the database."""

from app.ready import tell_ready
from app.settings import Settings
from core.clock import wall_clock
from history.database import make_engine
from history.recorder import Recorder
from queues.store.redis import RedisStore


async def run(settings: Settings) -> None:
    """Record until cancelled."""
    database = make_engine(settings.sql_url)
    store = RedisStore(settings.store_url)
    tell_ready()
    try:
        await Recorder(store, database, wall_clock, settings.country).run()
    finally:
        await store.close()
        await database.dispose()
