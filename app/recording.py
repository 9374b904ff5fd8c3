"""The history process: what happened, from the event stream into the database; from there to whom the settings want it
pushed; out of it, what is not to be kept; and an eye on who reads. Of several houses on one store, one does so; the
others stand by."""

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from random import SystemRandom

from sqlalchemy.ext.asyncio import AsyncEngine

from app.gauges import HISTORY_FIGURES, Gauges
from app.keeping import Recordings, pseudonyms, terms, usual
from app.outside import hooks
from app.ready import tell_ready
from app.settings import Settings
from core.clock import wall_clock
from core.ids import random_id
from history import nameless
from history.access import DAY_MS, Watch, told_unusual
from history.database import make_engine
from history.outside.sender import Sender
from history.poison import waiting
from history.recorder import Recorder
from history.recording import Rules
from history.retention import Retention
from history.search import missing
from queues.store.port import Store, StoreAway
from queues.store.redis import RedisStore

log = logging.getLogger(__name__)

LOOK_EVERY_S = 60.0
GAUGE_EVERY_S = 1.0
LEASE = "recorder"
LEASE_MS = 5_000
RENEW_S = 1.0


async def run(settings: Settings) -> None:
    """Record and push, or stand by, until cancelled."""
    receivers = hooks(settings)
    database = make_engine(settings.sql_url)
    store, leases = RedisStore(settings.store_url), RedisStore(settings.store_url, patience_s=LEASE_MS / 1000)
    rules = Rules(settings.country, pseudonyms(settings), tuple(receivers))
    holder = f"{settings.name}-{random_id()}"

    async def work() -> None:
        recorder = Recorder(store, database, wall_clock, rules)
        retention = Retention(database, terms(settings), wall_clock, Recordings(settings).delete)
        standing = Standing()
        watch = Watch(database, store, wall_clock, random_id, usual(settings))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(recorder.run(), name="recorder")
            tasks.create_task(retention.run(), name="retention")
            tasks.create_task(nameless.run(database, rules.pseudonyms), name="keys")
            tasks.create_task(missing.run(database), name="documents")
            tasks.create_task(_watch(watch, database, standing), name="readers")
            gauges = Gauges(settings.run / HISTORY_FIGURES)
            tasks.create_task(_gauge(recorder, standing, gauges), name="gauges")
            if receivers:
                tasks.create_task(Sender(database, receivers, wall_clock, SystemRandom()).run(), name="webhooks")

    tell_ready()
    try:
        while True:
            if await holds(leases, holder):
                recording = asyncio.create_task(work())
                try:
                    await until_lost(leases, holder, recording)
                finally:
                    recording.cancel()
                    await asyncio.gather(recording, return_exceptions=True)
            await asyncio.sleep(RENEW_S)
    finally:
        with suppress(StoreAway):  # then it ends by itself
            await leases.release_lease(LEASE, holder)
        await leases.close()
        await store.close()
        await database.dispose()


@dataclass(slots=True)
class Standing:
    """What somebody should look at, as it was known last."""

    unusual: int = 0
    poison: int = 0


async def _watch(watch: Watch, database: AsyncEngine, standing: Standing) -> None:
    while True:
        try:
            await watch.look()
            standing.unusual = len(await told_unusual(database, wall_clock() - DAY_MS))
            standing.poison = await waiting(database)
        except Exception as error:  # the database or the stream is away; the recorder says so
            log.debug("history: it could not be looked who reads: %s", error)
        await asyncio.sleep(LOOK_EVERY_S)


async def _gauge(recorder: Recorder, standing: Standing, gauges: Gauges) -> None:
    """The recorder's figures, for whoever collects metrics."""
    while True:
        try:
            lag = await recorder.lag()
        except Exception as error:  # the stream is away; the recorder says so
            log.debug("history: the lag is not known: %s", error)
        else:
            progress = recorder.progress
            gauges.write(
                {
                    "guichet_history_lag_events": lag,
                    "guichet_history_recorded_total": progress.recorded,
                    "guichet_history_poisoned_total": progress.poisoned,
                    "guichet_history_poison": standing.poison,
                    "guichet_history_unusual_readings": standing.unusual,
                    "guichet_history_away_seconds": progress.away_ms(wall_clock()) / 1000,
                }
            )
        await asyncio.sleep(GAUGE_EVERY_S)


async def holds(store: Store, holder: str) -> bool:
    """Whether we are the one who records. While the store is away nobody reads it: whoever recorded goes on waiting."""
    try:
        return await store.take_lease(LEASE, holder, LEASE_MS) is not None
    except StoreAway:
        return True


async def until_lost(store: Store, holder: str, recording: "asyncio.Task[None]") -> None:
    """Returns when somebody else records. Raises what ended the recording."""
    while await holds(store, holder):
        await asyncio.wait({recording}, timeout=RENEW_S)
        if recording.done():
            await recording
            return
