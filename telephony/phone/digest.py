"""Answering a challenge: digest authentication (RFC 7616, and RFC 2617 for servers without qop)."""

import hashlib
import os
from collections.abc import Callable

from telephony.phone.message import Response, as_bytes

_HASHES: dict[str, Callable[[bytes], str]] = {
    "md5": lambda data: hashlib.md5(data, usedforsecurity=False).hexdigest(),
    "sha-256": lambda data: hashlib.sha256(data).hexdigest(),
}


def digest_answer(
    response: Response, method: str, uri: str, user: str, password: str, cnonce: str = ""
) -> tuple[str, str] | None:
    """The header that answers a 401 or 407, or None where its challenges are of no kind that we know."""
    asks, answers = (
        ("www-authenticate", "authorization")
        if response.status == 401
        else ("proxy-authenticate", "proxy-authorization")
    )
    for challenge in map(_challenge, response.all(asks)):
        algorithm = challenge.get("algorithm", "MD5")
        if algorithm.lower() in _HASHES and challenge.get("nonce"):
            return answers, _digest(challenge, algorithm, method, uri, user, password, cnonce or os.urandom(8).hex())
    return None


def _digest(
    challenge: dict[str, str], algorithm: str, method: str, uri: str, user: str, password: str, cnonce: str
) -> str:
    def hashed(*parts: str) -> str:
        return _HASHES[algorithm.lower()](as_bytes(":".join(parts)))

    realm, nonce = challenge.get("realm", ""), challenge["nonce"]
    secret, action = hashed(user, realm, password), hashed(method, uri)
    said = {"username": user, "realm": realm, "nonce": nonce, "uri": uri}
    bare = {"algorithm": algorithm}
    if "auth" in [quality.strip() for quality in challenge.get("qop", "").split(",")]:
        said |= {"cnonce": cnonce, "response": hashed(secret, nonce, "00000001", cnonce, "auth", action)}
        bare |= {"qop": "auth", "nc": "00000001"}
    else:
        said["response"] = hashed(secret, nonce, action)
    if "opaque" in challenge:
        said["opaque"] = challenge["opaque"]
    fields = [f'{name}="{value}"' for name, value in said.items()] + [f"{name}={value}" for name, value in bare.items()]
    return "Digest " + ", ".join(fields)


def _challenge(value: str) -> dict[str, str]:
    """`Digest realm="a, b", nonce="…", qop="auth"` as a dictionary; commas inside quotes do not separate."""
    scheme, _, rest = value.partition(" ")
    if scheme.lower() != "digest":
        return {}
    parts, inside = [""], False
    for character in rest:
        inside ^= character == '"'
        if character == "," and not inside:
            parts.append("")
        else:
            parts[-1] += character
    pairs = (part.partition("=") for part in parts)
    return {name.strip().lower(): content.strip().strip('"') for name, _, content in pairs}
