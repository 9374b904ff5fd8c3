"""What the commands about versions have in common: the store of the running house, who does it, and what is said."""

import getpass
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from app.settings import Settings
from core.errors import GuichetError
from core.text import clean_name
from queues.store.redis import RedisStore
from versions.record import Version
from versions.shelf_redis import RedisShelf

PATIENCE_S = 3.0
LONGEST_NOTE = 500


@dataclass(frozen=True, slots=True)
class Reach:
    """The store of the house: its shelf, and its leases."""

    shelf: RedisShelf
    store: RedisStore


@asynccontextmanager
async def reach(settings: Settings) -> AsyncIterator[Reach]:
    """The store of the house that runs on these settings. GuichetError where none does."""
    if not settings.redis_url and not settings.valkey_socket.exists():
        raise GuichetError(
            f"Nothing runs on {settings.state}: ./guichet up starts it, and publishes the first version by itself."
        )
    shelf = RedisShelf(settings.store_url, patience_s=PATIENCE_S)
    store = RedisStore(settings.store_url, patience_s=PATIENCE_S)
    try:
        yield Reach(shelf, store)
    finally:
        await shelf.close()
        await store.close()


def author() -> str:
    """Who sits at the terminal, as the machine knows them."""
    try:
        return clean_name(getpass.getuser()) or "somebody"
    except (OSError, KeyError):
        return "somebody"


def somebody(told: str | None) -> str:
    """Who does it, as they say; else who sits at the terminal."""
    return clean_name(told or "") or author()


def tidy(note: str) -> str:
    """One line of what can be shown."""
    return " ".join("".join(c if c.isprintable() else " " for c in note[: LONGEST_NOTE * 2]).split())[:LONGEST_NOTE]


async def named(shelf: RedisShelf, name: str) -> Version:
    """The version whose name begins so. GuichetError where none or several do."""
    names = await shelf.versions()
    found = [each for each in names if each.startswith(name)] if name else []
    if len(found) != 1:
        many = f"several versions begin with {name}" if found else f"there is no version {name!r}"
        raise GuichetError(f"{many}: ./guichet versions shows those that there are.")
    version = await shelf.version(found[0])
    if version is None:
        raise GuichetError(
            f"The version {found[0]} has just been forgotten: ./guichet versions shows those that there are."
        )
    return version


def moment(at: int) -> str:
    """A time as people read it, in their own time zone."""
    return f"{datetime.fromtimestamp(at / 1000).astimezone():%Y-%m-%d %H:%M:%S}"
