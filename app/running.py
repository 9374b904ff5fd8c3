"""The house that runs on a state folder, as commands reach it: its settings, its store, its live control."""

import getpass
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from app import house
from app.settings import Settings
from app.town import good_version
from core.clock import wall_clock
from core.errors import GuichetError
from queues.control import LiveControl
from queues.definition import Queue
from queues.store.redis import RedisStore

PATIENCE_S = 3.0
"""A person at the command line is rather told that the store is away."""


@asynccontextmanager
async def store_of(settings: Settings) -> AsyncIterator[tuple[Settings, RedisStore]]:
    """The running house's settings and store. GuichetError where none runs."""
    found = house.load(settings)
    if found is None and not settings.redis_url:
        starting = house.holder(settings.state)
        raise GuichetError(f"Guichet is starting on {settings.state}: wait until it is ready." if starting
                           else f"Nothing runs on {settings.state}: ./guichet up starts it.")  # fmt: skip
    settings = house.settings_of(settings)
    store = RedisStore(settings.store_url, patience_s=PATIENCE_S)
    try:
        yield settings, store
    finally:
        await store.close()


@asynccontextmanager
async def control_of(settings: Settings) -> AsyncIterator[LiveControl]:
    """Live control of the running house. GuichetError where none runs."""
    async with store_of(settings) as (running, store):
        queues = queues_of(running)
        yield LiveControl(store, lambda: queues, wall_clock)


def queues_of(settings: Settings) -> Mapping[str, Queue]:
    """Those of the town that is live."""
    town = good_version(settings.state)
    return town.queues if town else {}


def author() -> str:
    """Who types: the user of this machine, also behind sudo."""
    try:
        return os.environ.get("SUDO_USER") or getpass.getuser()
    except (KeyError, OSError):  # an account without a name
        return f"user {os.getuid()}"
