"""An OpenID Connect issuer, by HTTP: what it says of itself, its keys, and the token for a code."""

import base64
import ipaddress
import json
import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus, urlsplit

from aiohttp import ClientError, ClientSession, ClientTimeout
from jwt import PyJWK, PyJWKSet, PyJWTError

from core.clock import Clock

log = logging.getLogger(__name__)

LIMIT_S = 10.0
MOST_BYTES = 256 * 1024
KNOWN_FOR_MS = 3_600_000
"""What an issuer says of itself, and its keys, are asked for again after that."""
KEYS_EVERY_MS = 60_000
"""A key that is not known is looked for that often at most: anybody may send a token that names one."""
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class IssuerFault(Exception):
    """The issuer does not answer, or not as it should. The message is for the log."""


class Issuer:
    """`secret`: empty for a public client, which PKCE alone protects."""

    def __init__(self, url: str, client: str, secret: str, clock: Clock) -> None:
        self.url, self.client = url, client
        self._secret, self._clock = secret, clock
        self._about: dict[str, str] = {}
        self._about_at = self._keys_at = -KNOWN_FOR_MS
        self._keys: dict[str, PyJWK] = {}

    async def about(self) -> Mapping[str, str]:
        """Its endpoints (OpenID Connect Discovery 1.0)."""
        if self._clock() - self._about_at >= KNOWN_FOR_MS:
            at = self.url.rstrip("/") + "/.well-known/openid-configuration"
            said = await self._json("GET", at)
            if said.get("issuer") != self.url:
                raise IssuerFault(f"{at} speaks for the issuer {said.get('issuer')!r}, not for {self.url!r}")
            self._about = {name: _safe(name, said.get(name)) for name in ENDPOINTS}
            self._about_at = self._clock()
        return self._about

    async def key(self, kid: str) -> PyJWK:
        """Its key of that name; "": the only one that it has."""
        if self._find(kid) is None or self._clock() - self._keys_at >= KNOWN_FOR_MS:
            await self._fetch_keys()
        if (found := self._find(kid)) is None:
            raise IssuerFault(f"the issuer has no key {kid!r}")
        return found

    async def token(self, code: str, verifier: str, back: str) -> str:
        """The ID token for a code (RFC 6749, 4.1.3; RFC 7636)."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
        headers = {"Authorization": _basic(self.client, self._secret)} if self._secret else {}
        if not headers:
            form["client_id"] = self.client
        said = await self._json("POST", (await self.about())["token_endpoint"], data=form, headers=headers)
        token = said.get("id_token")
        if not isinstance(token, str):
            raise IssuerFault("the issuer gave no id_token")
        return token

    # --- inside -------------------------------------------------------------------------------------------------

    def _find(self, kid: str) -> PyJWK | None:
        if not kid and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        return self._keys.get(kid)

    async def _fetch_keys(self) -> None:
        now = self._clock()
        if now - self._keys_at < KEYS_EVERY_MS:
            return
        self._keys_at = now
        try:
            keys = PyJWKSet.from_dict(await self._json("GET", (await self.about())["jwks_uri"])).keys
        except PyJWTError as error:
            raise IssuerFault(f"the issuer's keys cannot be read: {error}") from error
        self._keys = {key.key_id or "": key for key in keys if key.public_key_use in (None, "sig")}

    async def _json(self, method: str, at: str, **how: Any) -> dict[str, Any]:
        try:
            async with (
                ClientSession(timeout=ClientTimeout(total=LIMIT_S)) as session,
                session.request(method, at, allow_redirects=False, **how) as answer,
            ):
                body = await answer.content.read(MOST_BYTES)
                if answer.status != 200:
                    raise IssuerFault(f"{at} answered {answer.status}: {body[:200]!r}")
        except (ClientError, TimeoutError, ValueError) as error:
            raise IssuerFault(f"{at} does not answer: {error or type(error).__name__}") from error
        try:
            said = json.loads(body)
        except ValueError as error:
            raise IssuerFault(f"{at} answered what is no JSON: {body[:80]!r}") from error
        if not isinstance(said, dict):
            raise IssuerFault(f"{at} answered what is no object")
        return said


def _basic(client: str, secret: str) -> str:
    """Both as in a form (RFC 6749, 2.3.1)."""
    return "Basic " + base64.b64encode(f"{quote_plus(client)}:{quote_plus(secret)}".encode()).decode()


def _safe(name: str, url: object) -> str:
    """https, or http on this very machine."""
    if isinstance(url, str):
        parts = urlsplit(url)
        if parts.scheme == "https" or (parts.scheme == "http" and _is_here(parts.hostname or "")):
            return url
    raise IssuerFault(f"the issuer's {name} is {url!r}, which is no https address")


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
