"""What holds for every request and every answer, whatever the page."""

import ipaddress
import logging
from collections.abc import Collection

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from history.database import first_line, is_away

log = logging.getLogger(__name__)

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})

PERMISSIONS = "Permissions-Policy"

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    PERMISSIONS: "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Server": "guichet",
}

AGAIN_S = "5"

OWN = ("Content-Security-Policy", PERMISSIONS)


async def add_headers(_: web.Request, response: web.StreamResponse) -> None:
    """A signal of aiohttp's: before any answer goes out. A page may say for itself what it runs and what it uses."""
    own = {name: response.headers[name] for name in OWN if name in response.headers}
    response.headers.update({**HEADERS, **own})
    response.headers.setdefault("Cache-Control", "no-store")


async def add_hsts(_: web.Request, response: web.StreamResponse) -> None:
    """For a year."""
    response.headers["Strict-Transport-Security"] = "max-age=31536000"


@web.middleware
async def plain_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Errors say their name and no more. What cannot be answered while the database is away is 503, for our pages as
    the word that they have a sentence for."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        allowed = {"Allow": "GET"} if error.status == web.HTTPMethodNotAllowed.status_code else None
        return web.Response(status=error.status, text=f"{error.status} {error.reason}\n", headers=allowed)
    except Exception as error:
        if isinstance(error, ConnectionError) and (request.transport is None or request.transport.is_closing()):
            log.info("%s %s: the browser went away", request.method, request.path)
            return web.Response(status=503)
        if is_away(error):
            log.warning("%s %s: the database is away: %s", request.method, request.path, first_line(error))
            return _away(request)
        log.exception("a request failed")
        return web.Response(status=500, text="500 Internal Server Error\n")


def _away(request: web.Request) -> web.Response:
    headers = {"Retry-After": AGAIN_S}
    if request.path.startswith("/api/"):
        return web.json_response({"error": "away"}, status=503, headers=headers)
    return web.Response(status=503, text="503 Service Unavailable\n", headers=headers)


def only_hosts(names: Collection[str]) -> Middleware:
    """A middleware that answers only what was asked of us by a name of ours: a foreign page whose name was turned to
    our address (DNS rebinding) comes with its own name. An address is ours when the connection came in on it."""
    ours = LOOPBACK_NAMES | {name.lower() for name in names}

    @web.middleware
    async def only_ours(request: web.Request, handler: Handler) -> web.StreamResponse:
        name = host_name(request.headers.getall("Host", []))
        if name not in ours and not _is_own_address(name, request):
            raise web.HTTPMisdirectedRequest
        return await handler(request)

    return only_ours


def host_name(headers: list[str]) -> str:
    """The name in a Host header without its port; '' where there is none, several, or no sense in it."""
    if len(headers) != 1:
        return ""
    header = headers[0].strip().lower()
    if header.startswith("["):
        return header[1:].partition("]")[0]
    return header.partition(":")[0]


def _is_own_address(name: str, request: web.Request) -> bool:
    socket = request.transport.get_extra_info("sockname") if request.transport else None
    try:
        return socket is not None and ipaddress.ip_address(name) == ipaddress.ip_address(socket[0])
    except ValueError:
        return False
