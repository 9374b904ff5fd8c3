"""Signing in and out, and who asks: a cookie that scripts cannot read, and requests only from our own pages."""

import logging
from collections.abc import Collection, Mapping
from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from history.staff import SESSION_MS, Refused, Session, Staff, StaffAccounts
from web.desk.roles import MAY, Act, may

log = logging.getLogger(__name__)

COOKIE = "guichet"
SAFE = frozenset({"GET", "HEAD"})


class Credentials(BaseModel):
    model_config = ConfigDict(extra="forbid")

    account: str = Field(max_length=80)
    password: str = Field(max_length=400)


class Door:
    """`secure`: the pages are served by TLS, and the cookie never goes without. `origin`: that of a proxy before them,
    as browsers say it.
    `others`: further ways to sign in, which the page offers by these words."""

    def __init__(self, staff: StaffAccounts, *, secure: bool, origin: str = "", others: Collection[str] = ()) -> None:
        self._staff, self.secure, self._origin, self._others = staff, secure, origin, others

    def add_to(self, app: web.Application) -> None:
        app.router.add_post("/api/session", self.sign_in)
        app.router.add_get("/api/session", self.whoami, allow_head=False)
        app.router.add_delete("/api/session", self.sign_out)

    # --- the three requests -------------------------------------------------------------------------------------

    async def sign_in(self, request: web.Request) -> web.Response:
        """200 and the cookie; 401 where account and password do not go together, 429 after too many tries."""
        self.only_our_pages(request)
        try:
            given = Credentials.model_validate_json(await request.read())
        except ValidationError:
            return refusal(400, "unreadable")
        address, browser = request.remote or "", request.headers.get("User-Agent", "")
        try:
            token, session = await self._staff.sign_in(given.account, given.password, address, browser)
        except Refused as refused:
            log.warning("sign-in of %r from %s refused: %s", given.account[:40], address, refused)
            if refused.wait_s:
                return refusal(429, "too_many", headers={"Retry-After": str(refused.wait_s)}, wait_s=refused.wait_s)
            return refusal(401, "wrong")
        log.info("%s signed in from %s", session.staff.id, address)
        answer = web.json_response(told(session.staff))
        self.open(answer, token)
        return answer

    async def whoami(self, request: web.Request) -> web.Response:
        session = await self.session_of(request)
        if session:
            return web.json_response(told(session.staff))
        ways: dict[str, Any] = {"ways": [*self._others]} if self._others else {}
        return refusal(401, "signed_out", None, **ways)

    async def sign_out(self, request: web.Request) -> web.Response:
        self.only_our_pages(request)
        if session := await self.session_of(request):
            await self._staff.end(session.digest)
            log.info("%s signed out", session.staff.id)
        answer = web.Response(status=204)
        answer.del_cookie(COOKIE, path="/")
        return answer

    def open(self, answer: web.StreamResponse, token: str) -> None:
        """Give the browser its cookie."""
        answer.set_cookie(
            COOKIE, token, max_age=SESSION_MS // 1000, path="/", httponly=True, samesite="Strict", secure=self.secure
        )

    # --- who asks -----------------------------------------------------------------------------------------------

    async def session_of(self, request: web.Request) -> Session | None:
        token = request.cookies.get(COOKIE)
        return await self._staff.session(token) if token else None

    async def still(self, session: Session) -> Session | None:
        """As it is known now, for what stays open; None where it has ended."""
        return await self._staff.session_still(session)

    async def let_in(self, request: web.Request, act: Act) -> Session:
        """The session of somebody who may do that; else the request ends with 401 or 403, and a line in the log."""
        if request.method not in SAFE or request.headers.get("Upgrade"):
            self.only_our_pages(request)
        session = await self.session_of(request)
        if session is None:
            if COOKIE in request.cookies:
                log.warning("%s %s refused: its session has ended, or never was", request.method, request.path)
            raise web.HTTPUnauthorized
        if not may(session.staff, act):
            log.warning("%s may not %s: %s %s refused", session.staff.id, act, request.method, request.path)
            raise web.HTTPForbidden
        return session

    def only_our_pages(self, request: web.Request) -> None:
        """A page of another origin may make a browser ask us, but not say that it is one of ours. 403 otherwise."""
        origin = request.headers.getall("Origin", [])
        ours = {f"{request.scheme}://{request.host}", self._origin} - {""}
        if len(origin) != 1 or origin[0] not in ours:
            log.warning("%s %s refused: its origin is %r", request.method, request.path, origin[:1])
            raise web.HTTPForbidden


def told(staff: Staff) -> dict[str, Any]:
    """Who is signed in, as the page is told."""
    return {
        "account": staff.id,
        "name": staff.name,
        "roles": sorted(staff.roles),
        "agent": staff.agent,
        "language": staff.language,
        "may": sorted(act for act in MAY if may(staff, act)),
    }


def refusal(status: int, error: str, headers: Mapping[str, str] | None = None, **more: Any) -> web.Response:
    """`error` is a word that the page has a sentence for."""
    return web.json_response({"error": error, **more}, status=status, headers=headers)
