"""An OpenID Connect issuer over real HTTP, which signs with a key of its own, and lies where a test says so."""

import base64
import hashlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import unquote_plus, urlencode

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from tests.ports import own

HOST, PORT = "127.0.24.7", own(22570)
URL = f"http://{HOST}:{PORT}/town"
CLIENT, SECRET = "guichet-desk", "a secret & more"


class FakeIssuer:
    """Who signs in at it is `claims`; `changes` are made to the token."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {"sub": "subject-of-camille"}
        self.changes: dict[str, Any] = {}
        self.says_it_is = URL
        self.denies = ""
        self.token_status = 200
        self.algorithm = "RS256"
        self.asked_for_keys = 0
        self.renew_key()
        self._codes: dict[str, dict[str, str]] = {}

    def renew_key(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.kid = f"key-{time.monotonic_ns()}"

    # --- what it answers ----------------------------------------------------------------------------------------

    async def about(self, _: web.Request) -> web.Response:
        return web.json_response({
            "issuer": self.says_it_is, "authorization_endpoint": f"{URL}/authorize", "token_endpoint": f"{URL}/token",
            "jwks_uri": f"{URL}/keys",
        })  # fmt: skip

    async def keys(self, _: web.Request) -> web.Response:
        self.asked_for_keys += 1
        public = RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return web.json_response({"keys": [{**public, "kid": self.kid, "use": "sig"}]})

    async def authorize(self, request: web.Request) -> web.Response:
        asked = dict(request.query)
        assert asked["response_type"] == "code" and asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256" and "openid" in asked["scope"]
        code = f"code-{len(self._codes)}"
        self._codes[code] = asked
        said = {"error": self.denies} if self.denies else {"code": code}
        back = f"{asked['redirect_uri']}?{urlencode({**said, 'state': asked['state']})}"
        return web.Response(status=302, headers={"Location": back})

    async def token(self, request: web.Request) -> web.Response:
        form = await request.post()
        asked = self._codes.pop(str(form["code"]))
        client, _, secret = (
            base64.b64decode(request.headers["Authorization"].removeprefix("Basic ")).decode().partition(":")
        )
        assert (unquote_plus(client), unquote_plus(secret)) == (CLIENT, SECRET)
        assert form["redirect_uri"] == asked["redirect_uri"]
        proof = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
        assert base64.urlsafe_b64encode(proof).decode().rstrip("=") == asked["code_challenge"]
        now = int(time.time())
        claims = {"iss": URL, "aud": CLIENT, "iat": now, "exp": now + 60, "nonce": asked["nonce"], **self.claims}
        claims = {name: value for name, value in {**claims, **self.changes}.items() if value is not None}
        key: Any = {"RS256": self.key, "none": None}.get(self.algorithm, "0" * 64)
        token = jwt.encode(claims, key, algorithm=self.algorithm, headers={"kid": self.kid})
        return web.json_response({"id_token": token, "token_type": "Bearer"}, status=self.token_status)


@asynccontextmanager
async def fake_issuer() -> AsyncIterator[FakeIssuer]:
    issuer, app = FakeIssuer(), web.Application()
    app.router.add_get("/town/.well-known/openid-configuration", issuer.about)
    app.router.add_get("/town/keys", issuer.keys)
    app.router.add_get("/town/authorize", issuer.authorize)
    app.router.add_post("/town/token", issuer.token)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, HOST, PORT).start()
    try:
        yield issuer
    finally:
        await runner.cleanup()
