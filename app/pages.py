"""The web process: pages wired to the store and the town."""

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from app.certificates import certificate_of
from app.desk import desk
from app.desk_services import desk_services
from app.desk_town import desks_town
from app.ready import tell_ready
from app.settings import Settings
from app.town import Town
from app.towns import KeptTowns, TownHolder
from core.clock import wall_clock
from core.ids import random_id
from queues.store.port import StoreAway
from queues.store.redis import RedisStore
from versions.follower import Follower, Progress
from versions.shelf_redis import RedisShelf
from web.answers import Material
from web.board import board
from web.desk.choices import by_language
from web.server import make_app
from web.to_tls import make_redirector

PATIENCE_S = 2.0
"""A person who looks at a page is rather told that there is nothing to see."""


async def run(settings: Settings) -> None:
    """Serve until cancelled."""
    certificate = certificate_of(settings)
    towns, shelf = KeptTowns(settings.state), RedisShelf(settings.store_url)
    store = RedisStore(settings.store_url, patience_s=PATIENCE_S)

    async def look() -> Mapping[str, Any]:
        town = towns.live()
        numbers = [number for flow in town.flows.by_name.values() for number in flow.numbers]
        titles = {name: by_language(queue.title) for name, queue in town.queues.items()}
        return board(await store.snapshot(), titles, numbers, wall_clock())

    def material() -> Material:
        return towns.live().answers, towns.live().services

    holder = TownHolder(settings.state, shelf, towns, _nothing, wall_clock, random_id)
    follower = Follower(shelf, holder, f"{settings.name}-web-{random_id()[:8]}", "web")
    hosts = {settings.web_host, *filter(None, [urlsplit(settings.public_url).hostname])}
    live, services = towns.live, desk_services(settings, towns, store)
    async with desk(settings, store, lambda: desks_town(live()), services, lambda: live().zone) as add_desk:
        app = make_app(look, hosts, (StoreAway,), material, [add_desk], hsts=bool(settings.tls_certificate))
        runner = web.AppRunner(app, access_log=None)
        onward = web.AppRunner(make_redirector(settings.web_port, hosts), access_log=None)
        await runner.setup()
        await onward.setup()
        following = asyncio.create_task(certificate.follow() if certificate else asyncio.sleep(0), name="certificate")
        try:
            await follower.begin()
            context = certificate.context if certificate else None
            await web.TCPSite(runner, settings.web_host, settings.web_port, ssl_context=context).start()
            if settings.http_port and certificate:
                await web.TCPSite(onward, settings.web_host, settings.http_port).start()
            tell_ready()
            await follower.run()
        finally:
            following.cancel()
            await runner.cleanup()
            await onward.cleanup()
            await follower.leave()
            await shelf.close()
            await store.close()


async def _nothing(_town: Town, _progress: Progress) -> None:
    """Pages are made when they are asked for."""
