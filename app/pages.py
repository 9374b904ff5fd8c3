"""The web process: pages wired to the store and the town."""

import asyncio
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from app.ready import tell_ready
from app.settings import Settings
from app.town import good_version
from core.clock import wall_clock
from queues.store.port import StoreAway
from queues.store.redis import RedisStore
from web.board import board
from web.server import make_app
from web.texts import TEXTS

PATIENCE_S = 2.0
"""A person who looks at a page is rather told that there is nothing to see."""


async def run(settings: Settings) -> None:
    """Serve until cancelled."""
    town = good_version(settings.state)
    numbers = [number for flow in town.flows.by_name.values() for number in flow.numbers] if town else []
    titles = {name: title_in(queue.title) for name, queue in town.queues.items()} if town else {}
    store = RedisStore(settings.store_url, patience_s=PATIENCE_S)

    async def look() -> Mapping[str, Any]:
        return board(await store.snapshot(), titles, numbers, wall_clock())

    runner = web.AppRunner(make_app(look, {settings.web_host}, (StoreAway,)), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, settings.web_host, settings.web_port).start()
        tell_ready()
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()
        await store.close()


def title_in(title: str | Mapping[str, str] | None) -> dict[str, str]:
    """A title by language; one that is the same in all of them stands in each."""
    if title is None:
        return {}
    return dict.fromkeys(TEXTS, title) if isinstance(title, str) else dict(title)
