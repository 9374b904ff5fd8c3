"""The history process: what happened, from the event stream into the database."""

from app.ready import tell_ready
from app.settings import Settings
from core.clock import wall_clock
from history.database import make_engine
from history.pseudonyms import Pseudonyms, load_key
from history.recorder import Recorder
from history.recording import Rules
from queues.store.redis import RedisStore


async def run(settings: Settings) -> None:
    """Record until cancelled."""
    database = make_engine(settings.sql_url)
    store = RedisStore(settings.store_url)
    rules = Rules(settings.country, Pseudonyms(load_key(settings.pseudonym_key)))
    tell_ready()
    try:
        await Recorder(store, database, wall_clock, rules).run()
    finally:
        await store.close()
        await database.dispose()
