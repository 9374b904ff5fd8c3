"""The way of a browser's phone to Asterisk: a WebSocket of ours before Asterisk's own, which nobody else reaches, and a
SIP password for as long as the session lasts."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from aiohttp import ClientError, ClientSession, ClientWebSocketResponse, WSMsgType, web

from history.staff import Session
from telephony.asterisk.ami import AmiAway
from telephony.asterisk.softphones import Softphones
from web.desk.door import Door, refusal
from web.desk.roles import Act

log = logging.getLogger(__name__)

PROTOCOL = "sip"
LONGEST = 65_536
"""One SIP message."""
HEARTBEAT_S = 4.0
"""A browser that does not answer for half as long is gone: Asterisk is to know before it misses the sound (6 s)."""
Socket = web.WebSocketResponse | ClientWebSocketResponse
ExtensionOf = Callable[[str], Awaitable[str | None]]
CHECK_EVERY_S = 30.0
"""How often it is seen to that the session has not ended."""


class PhoneWay:
    """`asterisk`: the address of its WebSocket. `extension_of(agent)` gives the extension of an agent, None where there
    is no such agent."""

    def __init__(
        self,
        door: Door,
        softphones: Softphones,
        asterisk: str,
        extension_of: ExtensionOf,
        check_every_s: float = CHECK_EVERY_S,
    ) -> None:
        self._door, self._softphones, self._asterisk = door, softphones, asterisk
        self._extension_of, self._check_every_s = extension_of, check_every_s

    def add_to(self, app: web.Application) -> None:
        app.router.add_post("/api/phone", self.credentials)
        app.router.add_post("/api/phone/gone", self.gone)
        app.router.add_get("/phone", self.way, allow_head=False)

    async def credentials(self, request: web.Request) -> web.Response:
        """200: `user` and `password` for SIP; 404 where there is no such agent any more, 503 without Asterisk."""
        session = await self._door.let_in(request, Act.PHONE)
        extension = await self._extension_of(session.staff.agent or "")
        if extension is None:
            return refusal(404, "no_phone")
        try:
            user, password = await self._softphones.admit(extension)
        except AmiAway:
            return refusal(503, "phones_away")
        return web.json_response({"user": user, "password": password})

    async def gone(self, request: web.Request) -> web.Response:
        """204: the page with the phone says, with its last breath, that it goes. Its caller is held, not dropped."""
        session = await self._door.let_in(request, Act.PHONE)
        if extension := await self._extension_of(session.staff.agent or ""):
            try:
                await self._softphones.lost(extension)
            except AmiAway:
                log.warning("the phone of %s has gone, which Asterisk will find out by itself", session.staff.id)
        return web.Response(status=204)

    async def way(self, request: web.Request) -> web.StreamResponse:
        """A WebSocket, both ways, until either side or the session ends."""
        session = await self._door.let_in(request, Act.PHONE)
        browser = web.WebSocketResponse(protocols=(PROTOCOL,), heartbeat=HEARTBEAT_S, max_msg_size=LONGEST)
        if PROTOCOL not in request.headers.get("Sec-WebSocket-Protocol", ""):
            raise web.HTTPBadRequest
        try:
            async with (
                ClientSession() as client,
                client.ws_connect(
                    self._asterisk, protocols=(PROTOCOL,), heartbeat=HEARTBEAT_S, max_msg_size=LONGEST
                ) as asterisk,
            ):
                await browser.prepare(request)
                ways = [
                    asyncio.create_task(_carry(browser, asterisk)),
                    asyncio.create_task(_carry(asterisk, browser)),
                    asyncio.create_task(self._while_signed_in(session)),
                ]
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
                await browser.close()
        except (ClientError, OSError) as error:
            log.warning("the phone of %s cannot reach Asterisk: %s", session.staff.id, error)
            if not browser.prepared:
                raise web.HTTPServiceUnavailable from None
        return browser

    async def _while_signed_in(self, session: Session) -> None:
        """Sessions end in the database: there is nothing here to wait on."""
        while await self._door.still(session):  # noqa: ASYNC110
            await asyncio.sleep(self._check_every_s)


async def _carry(one: Socket, other: Socket) -> None:
    """Whatever text comes from the one, until it is closed. SIP is text."""
    async for message in one:
        if message.type is not WSMsgType.TEXT:
            return
        await other.send_str(message.data)
