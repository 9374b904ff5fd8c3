"""The pages for everybody: what goes on in the house now. No sign-in, so nothing personal; only GET. Others are added
(web/desk)."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from pathlib import Path
from time import monotonic
from typing import Any

import jinja2
from aiohttp import web

from web.answers import Material, add_answers
from web.guard import add_headers, add_hsts, only_hosts, plain_errors
from web.texts import TEXTS, duration, language_for

log = logging.getLogger(__name__)

HERE = Path(__file__).parent
STATIC = {
    "answers.css": "text/css",
    "board.css": "text/css",
    "board.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}
KEPT_S = 0.5
"""However many watch, the store is asked at most twice a second."""

Look = Callable[[], Awaitable[Mapping[str, Any]]]
"""Gives the board (web.board.board), or raises StoreAway."""


def make_app(
    look: Look,
    hosts: Collection[str] = (),
    away: tuple[type[Exception], ...] = (),
    material: Callable[[], Material] = lambda: ({}, {}),
    more: Sequence[Callable[[web.Application], None]] = (),
    *,
    hsts: bool = False,
) -> web.Application:
    """`hosts`: names by which people may ask for the pages, besides the loopback's. `away`: what `look` raises when
    there is nothing to see now. `material`: what the public pages show. `more` adds further pages.
    `hsts`: browsers are told to come by TLS alone from now on, which only a certificate that they trust allows."""
    app = web.Application(middlewares=[plain_errors, only_hosts(hosts)], client_max_size=1024)
    app.on_response_prepare.append(add_headers)
    if hsts:
        app.on_response_prepare.append(add_hsts)
    pages = _Pages(look, away)
    app.router.add_get("/", pages.page, allow_head=False)
    app.router.add_get("/api/status", pages.status, allow_head=False)
    app.router.add_get("/healthz", pages.healthz, allow_head=False)
    add_answers(app, material)
    for name, kind in STATIC.items():
        app.router.add_get(f"/static/{name}", _file(HERE / "static" / name, kind), allow_head=False)
    for add in more:
        add(app)
    return app


class _Pages:
    def __init__(self, look: Look, away: tuple[type[Exception], ...]) -> None:
        self._look, self._away = look, away
        self._seen: Mapping[str, Any] | None = None
        self._seen_at = float("-inf")
        self._one_at_a_time = asyncio.Lock()
        environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(HERE / "templates"), autoescape=True, undefined=jinja2.StrictUndefined,
            trim_blocks=True, lstrip_blocks=True,
        )  # fmt: skip
        environment.filters["duration"] = duration
        self._template = environment.get_template("board.html.j2")

    async def page(self, request: web.Request) -> web.Response:
        language = language_for(request.headers.get("Accept-Language", ""))
        html = self._template.render(language=language, texts=TEXTS[language], board=await self._now())
        headers = {"Content-Language": language, "Vary": "Accept-Language"}
        return web.Response(text=html, content_type="text/html", headers=headers)

    async def status(self, _: web.Request) -> web.Response:
        board = await self._now()
        if board is None:
            return web.json_response({"error": "the store does not answer"}, status=503)
        return web.json_response(board)

    async def healthz(self, _: web.Request) -> web.Response:
        """200 when calls could be seen, 503 when not."""
        healthy = await self._now() is not None
        return web.Response(text="ok\n" if healthy else "no store\n", status=200 if healthy else 503)

    async def _now(self) -> Mapping[str, Any] | None:
        async with self._one_at_a_time:
            if monotonic() - self._seen_at >= KEPT_S:
                try:
                    self._seen = await self._look()
                except self._away as error:
                    log.warning("nothing to show: %s", error)
                    self._seen = None
                self._seen_at = monotonic()
            return self._seen


def _file(path: Path, kind: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    body = path.read_bytes()

    async def file(_: web.Request) -> web.Response:
        return web.Response(body=body, content_type=kind, charset="utf-8", headers={"Cache-Control": "no-cache"})

    return file
