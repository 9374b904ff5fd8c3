"""Signing in by OpenID Connect: the authorization code flow with PKCE. Only where the settings name an issuer.

Whoever comes back must be who went: state, nonce and verifier wait here under a random name that only the browser has,
for ten minutes, and are used once. Each failure is a page that says what to do, and a line in the log that says why."""

import base64
import hashlib
import hmac
import logging
import secrets
from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import jinja2
from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from core.clock import Clock
from history.database import first_line, is_away
from history.staff import Role, Staff, StaffAccounts
from history.staff_subjects import StaffSubjects
from web.desk.door import Door
from web.desk.id_token import BadToken, claims_of, key_name, roles_of
from web.desk.issuer import Issuer, IssuerFault
from web.desk.oidc_texts import TEXTS
from web.texts import language_for

log = logging.getLogger(__name__)

BEGIN, BACK = "/oidc/begin", "/oidc/back"
COOKIE = "guichet-oidc"
LASTS_MS = 600_000
MOST_UNDER_WAY = 2_000
"""Anybody may begin; the oldest give way."""
LONGEST = 2_000
TEMPLATES = Path(__file__).parent.parent / "templates"


@dataclass(frozen=True, slots=True)
class Terms:
    """`origin`: ours, where a proxy stands before us; else as the browser says it. `roles`: what words of the `claim`
    mean; empty: roles stay the account's."""

    scopes: Collection[str] = ("openid",)
    claim: str = "roles"
    roles: Mapping[str, str] = field(default_factory=dict)
    origin: str = ""


class _Begun(NamedTuple):
    at: int
    state: str
    nonce: str
    verifier: str
    back: str


class _Refused(Exception):
    """`why` names a sentence of TEXTS; `told` is shown beside it; `reason` is for the log."""

    def __init__(self, why: str, status: int, reason: str = "", told: str = "") -> None:
        super().__init__(reason or why)
        self.why, self.status, self.told = why, status, told


class OpenIdDoor:
    def __init__(
        self, door: Door, staff: StaffAccounts, subjects: StaffSubjects, issuer: Issuer, terms: Terms, clock: Clock
    ) -> None:
        self._door, self._staff, self._subjects, self._issuer = door, staff, subjects, issuer
        self._terms, self._clock = terms, clock
        self._under_way: OrderedDict[str, _Begun] = OrderedDict()
        environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined,
            trim_blocks=True, lstrip_blocks=True,
        )  # fmt: skip
        self._page = environment.get_template("refused.html.j2")

    def add_to(self, app: web.Application) -> None:
        app.router.add_get(BEGIN, self.begin, allow_head=False)
        app.router.add_get(BACK, self.back, allow_head=False)

    async def begin(self, request: web.Request) -> web.Response:
        """302 to the issuer."""
        try:
            about = await self._issuer.about()
        except IssuerFault as fault:
            return self._refuse(request, _Refused("away", 503, str(fault)))
        origin = self._terms.origin or f"{request.scheme}://{request.host}"
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        name, begun = secrets.token_urlsafe(32), _Begun(self._clock(), state, nonce, verifier, origin + BACK)
        self._under_way[name] = begun
        while len(self._under_way) > MOST_UNDER_WAY:
            self._under_way.popitem(last=False)
        asked = {
            "response_type": "code", "client_id": self._issuer.client, "redirect_uri": begun.back,
            "scope": " ".join(self._terms.scopes), "state": state, "nonce": nonce,
            "code_challenge": _challenge(verifier), "code_challenge_method": "S256",
        }  # fmt: skip
        at = about["authorization_endpoint"]
        answer = web.Response(status=302, headers={"Location": f"{at}{'&' if '?' in at else '?'}{urlencode(asked)}"})
        answer.set_cookie(
            COOKIE,
            name,
            max_age=LASTS_MS // 1000,
            path="/oidc",
            httponly=True,
            secure=self._door.secure,
            samesite="Lax",
        )
        return answer

    async def back(self, request: web.Request) -> web.Response:
        """303 to the desk with a session, or a page that says why not."""
        try:
            staff = await self._who(request)
            token, _ = await self._staff.begin(staff, request.remote or "", request.headers.get("User-Agent", ""))
        except _Refused as refused:
            return self._refuse(request, refused)
        except (SQLAlchemyError, OSError) as error:
            if not is_away(error):
                raise
            return self._refuse(request, _Refused("down", 503, f"the database is away: {first_line(error)}"))
        log.info("%s signed in from %s by %s", staff.id, request.remote, self._issuer.url)
        answer = web.Response(status=303, headers={"Location": "/desk"})
        answer.del_cookie(COOKIE, path="/oidc")
        self._door.open(answer, token)
        return answer

    # --- who it is ----------------------------------------------------------------------------------------------

    async def _who(self, request: web.Request) -> Staff:
        begun, query = self._under_way.pop(request.cookies.get(COOKIE, ""), None), request.query
        if begun is None or self._clock() - begun.at > LASTS_MS:
            raise _Refused("late", 400, "nothing was begun in this browser, or too long ago")
        if not hmac.compare_digest(query.get("state", "").encode(), begun.state.encode()):
            raise _Refused("late", 400, "the state is another one")
        if "error" in query:
            raise _Refused("denied", 403, f"the issuer says {query['error'][:80]!r}")
        if query.get("iss", self._issuer.url) != self._issuer.url:  # RFC 9207
            raise _Refused("untrue", 403, f"it comes from {query['iss'][:200]!r}")
        code = query.get("code", "")
        if not 0 < len(code) <= LONGEST:
            raise _Refused("untrue", 400, "there is no code")
        return await self._linked(await self._claims(code, begun))

    async def _claims(self, code: str, begun: _Begun) -> Mapping[str, Any]:
        try:
            token = await self._issuer.token(code, begun.verifier, begun.back)
            key = await self._issuer.key(key_name(token))
            return claims_of(token, key, issuer=self._issuer.url, client=self._issuer.client, nonce=begun.nonce)
        except IssuerFault as fault:
            raise _Refused("away", 502, str(fault)) from fault
        except BadToken as bad:
            raise _Refused("untrue", 403, f"the token: {bad}") from bad

    async def _linked(self, claims: Mapping[str, Any]) -> Staff:
        subject = claims["sub"]
        staff = await self._subjects.whose(self._issuer.url, subject)
        if staff is None:
            raise _Refused("unknown", 403, f"the subject {subject[:255]!r} is linked with no account", subject[:255])
        if staff.barred:
            raise _Refused("barred", 403, f"{staff.id} is barred")
        if not self._terms.roles:
            return staff
        roles = roles_of(claims, self._terms.claim, self._terms.roles)
        if not roles:
            raise _Refused("no_role", 403, f"{staff.id}: the claim {self._terms.claim!r} gives no role")
        if Role.AGENT in roles and staff.agent is None:
            raise _Refused("no_agent", 403, f"{staff.id} is to be an agent, and the account names none")
        return staff if set(roles) == staff.roles else await self._staff.change(staff.id, roles=roles)

    def _refuse(self, request: web.Request, refused: _Refused) -> web.Response:
        log.warning("sign-in by %s from %s refused: %s", self._issuer.url, request.remote, refused)
        language = language_for(request.headers.get("Accept-Language", ""))
        html = self._page.render(language=language, texts=TEXTS[language], why=refused.why, told=refused.told)
        answer = web.Response(status=refused.status, text=html, content_type="text/html")
        answer.del_cookie(COOKIE, path="/oidc")
        return answer


def _challenge(verifier: str) -> str:
    """S256 of RFC 7636."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
