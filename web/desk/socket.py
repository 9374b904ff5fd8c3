"""The WebSocket of one desk: what the page asks is checked, allowed or refused, done and answered; what the house tells
goes out in its order."""

import asyncio
import logging
from collections.abc import Callable

from aiohttp import WSMsgType, web
from pydantic import ValidationError

from core.clock import Clock
from history.database import first_line, is_away
from history.staff import Session
from queues.control import NotNow, Unknown
from queues.store.port import StoreAway
from web.desk.door import Door
from web.desk.hub import Hub
from web.desk.matters import NoSuch
from web.desk.messages import ASKED, Asked, Bye, Choices, Done, Me, RefusedAsk, Told
from web.desk.moves import MoveRefused
from web.desk.roles import MAY, Act, may
from web.desk.work import DOES, House

log = logging.getLogger(__name__)

LONGEST = 128 * 1024
"""One message from a page."""
HEARTBEAT_S = 15.0
CHECK_EVERY_S = 30.0
MOST_WAITING = 200
"""Messages to a page that does not take them; then it is let go, and comes again."""


class Desks:
    """The desks that are open here."""

    def __init__(self, door: Door, hub: Hub, house: House, choices: Callable[[], Choices], clock: Clock,
                 check_every_s: float = CHECK_EVERY_S) -> None:  # fmt: skip
        self._door, self._hub, self._house, self._choices, self._clock = door, hub, house, choices, clock
        self._check_every_s = check_every_s

    def add_to(self, app: web.Application) -> None:
        app.router.add_get("/desk/socket", self.socket, allow_head=False)

    async def socket(self, request: web.Request) -> web.WebSocketResponse:
        session = await self._door.let_in(request, Act.DESK)
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT_S, max_msg_size=LONGEST)
        await socket.prepare(request)
        desk = OpenDesk(session.staff.agent or "", may(session.staff, Act.WATCH), socket)
        desk.tell(self._me(session))
        self._hub.join(desk)
        tasks = [
            asyncio.create_task(desk.send()),
            asyncio.create_task(self._listen(desk, session)),
            asyncio.create_task(self._see_it_end(desk, session)),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._hub.leave(desk)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await socket.close()
        return socket

    async def _listen(self, desk: "OpenDesk", session: Session) -> None:
        async for message in desk.socket:
            if message.type is not WSMsgType.TEXT:
                return
            known = await self._take(desk, session, message.data)
            if known is None:
                return
            session = known

    async def _take(self, desk: "OpenDesk", known: Session, text: str) -> Session | None:
        """One message; None where the desk has to close. Who asks is looked up again each time."""
        session = await self._door.still(known)
        if session is None:
            log.warning("a message to the desk of %s refused: the session has ended", desk.agent or "nobody")
            await desk.bye("signed_out")
            return None
        try:
            asked = ASKED.validate_json(text)
        except ValidationError:
            log.warning("%s: a message that cannot be read", session.staff.id)
            await desk.bye("unreadable")
            return None
        desk.tell(await self._answer(asked, session))
        return session

    async def _answer(self, asked: Asked, session: Session) -> Told:
        need, do = DOES[type(asked)]
        if not may(session.staff, need):
            log.warning("%s may not %s: refused", session.staff.id, asked.do)
            return RefusedAsk(ref=asked.ref, error="forbidden")
        try:
            made = await do(self._house, session.staff, asked)
        except NoSuch as error:
            return RefusedAsk(ref=asked.ref, error=str(error))
        except MoveRefused as error:
            log.info("%s of %s: %s", asked.do, session.staff.id, error)
            return RefusedAsk(ref=asked.ref, error=error.word)
        except (NotNow, Unknown) as error:
            log.info("%s of %s: %s", asked.do, session.staff.id, error)
            return RefusedAsk(ref=asked.ref, error="not_now")
        except StoreAway:
            return RefusedAsk(ref=asked.ref, error="away")
        except Exception as error:
            if is_away(error):
                log.warning("%s of %s: the database is away: %s", asked.do, session.staff.id, first_line(error))
                return RefusedAsk(ref=asked.ref, error="away")
            log.exception("%s of %s failed", asked.do, session.staff.id)
            return RefusedAsk(ref=asked.ref, error="failed")
        return Done(ref=asked.ref, made=made or "")

    async def _see_it_end(self, desk: "OpenDesk", session: Session) -> None:
        """A session ends in the database: there is nothing here to wait on. Pages that came together are not looked up
        together: a call that comes just then would have to wait for all of them."""
        await asyncio.sleep(self._check_every_s * int(session.digest[:4], 16) / 0x10000)
        while await self._door.still(session):  # noqa: ASYNC110
            await asyncio.sleep(self._check_every_s)
        log.info("the session at the desk of %s has ended: it is closed", desk.agent or "nobody")
        await desk.bye("signed_out")

    def _me(self, session: Session) -> Me:
        staff, choices = session.staff, self._choices()
        return Me(
            account=staff.id,
            name=staff.name,
            agent=staff.agent,
            language=staff.language,
            may=sorted(act for act in MAY if may(staff, act)),
            now=self._clock(),
            reasons=choices.reasons,
            codes=choices.codes,
            topics=choices.topics,
        )


class OpenDesk:
    """One page. What is told waits here until the page takes it."""

    def __init__(self, agent: str, watches: bool, socket: web.WebSocketResponse) -> None:
        self.agent, self.watches, self.socket = agent, watches, socket
        self._waiting: asyncio.Queue[Told] = asyncio.Queue(MOST_WAITING)
        self._too_slow = asyncio.Event()

    def tell(self, told: Told) -> None:
        try:
            self._waiting.put_nowait(told)
        except asyncio.QueueFull:
            self._too_slow.set()

    async def send(self) -> None:
        """Until the page is gone or too slow."""
        slow = asyncio.ensure_future(self._too_slow.wait())
        try:
            while not slow.done():
                told = await self._waiting.get()
                await self.socket.send_str(told.as_sent)
        except ConnectionError:
            return
        finally:
            slow.cancel()

    async def bye(self, reason: str) -> None:
        """The last word; the caller closes."""
        try:
            await self.socket.send_str(Bye(reason=reason).as_sent)
        except ConnectionError:
            return
