"""The built page (web/frontend): its HTML file, and what that loads, by names that change with the content."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

from web.guard import PERMISSIONS

KINDS = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2"}
FOR_EVER = "public, max-age=31536000, immutable"
MICROPHONE = {PERMISSIONS: "camera=(), geolocation=(), microphone=(self)"}


def add_files(app: web.Application, built: Path) -> None:
    """Everything is read once, here; what is not in the folder is not served."""
    app.router.add_get(
        "/desk", _file(built / "index.html", "text/html", {"Cache-Control": "no-cache", **MICROPHONE}), allow_head=False
    )
    for path in sorted((built / "assets").iterdir()):
        if kind := KINDS.get(path.suffix):
            app.router.add_get(
                f"/desk/assets/{path.name}", _file(path, kind, {"Cache-Control": FOR_EVER}), allow_head=False
            )


def _file(path: Path, kind: str, headers: dict[str, str]) -> Callable[[web.Request], Awaitable[web.Response]]:
    body = path.read_bytes()

    async def file(_: web.Request) -> web.Response:
        return web.Response(body=body, content_type=kind, charset="utf-8", headers=headers)

    return file
