"""What an ID token says, once it is certain who said it, for whom, and when (OpenID Connect Core 1.0, 3.1.3.7)."""

from collections.abc import Collection, Mapping
from typing import Any

import jwt
from jwt import PyJWK, PyJWTError

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
"""Signatures by a key pair: never `none`, nor a secret that the keys' own text could be taken for."""
LEEWAY_S = 60
LONGEST = 32 * 1024


class BadToken(Exception):
    """The message says why, for the log."""


def key_name(token: str) -> str:
    """Which key it says that it is signed with; "" where it says none. Raises BadToken."""
    if len(token) > LONGEST:
        raise BadToken("it is too long")
    try:
        header = jwt.get_unverified_header(token)
    except PyJWTError as error:
        raise BadToken(str(error)) from error
    if header.get("alg") not in ALGORITHMS:
        raise BadToken(f"it is signed by {header.get('alg')!r}")
    return str(header.get("kid", ""))


def claims_of(token: str, key: PyJWK, *, issuer: str, client: str, nonce: str) -> Mapping[str, Any]:
    """Raises BadToken."""
    try:
        said: dict[str, Any] = jwt.decode(
            token, key, algorithms=[*ALGORITHMS], audience=client, issuer=issuer, leeway=LEEWAY_S,
            options={"require": ["iss", "sub", "aud", "exp", "iat"]},
        )  # fmt: skip
    except PyJWTError as error:
        raise BadToken(str(error)) from error
    if said.get("nonce") != nonce:
        raise BadToken("its nonce is of another sign-in")
    party = said.get("azp")
    if (isinstance(said["aud"], list) and len(said["aud"]) > 1 and party is None) or party not in (None, client):
        raise BadToken(f"it is for the party {party!r}")
    if not isinstance(said["sub"], str) or not said["sub"]:
        raise BadToken("it has no subject")
    return said


def roles_of(claims: Mapping[str, Any], claim: str, roles: Mapping[str, str]) -> Collection[str]:
    """What the claim, a word or a list of them, comes to by the settings' table. `claim` may go into objects:
    `realm_access.roles`."""
    said: Any = claims
    for name in claim.split("."):
        said = said.get(name) if isinstance(said, Mapping) else None
    words = said if isinstance(said, list) else [said]
    return sorted({roles[word] for word in words if isinstance(word, str) and word in roles})
