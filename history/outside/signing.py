"""Signatures of what is pushed, so that a receiver knows that it comes from this house, unchanged, and now.

    Guichet-Signature: t=1790000000000,v1=5257a8…

`t` is the moment of sending in ms since 1970; `v1` the HMAC-SHA256, in hexadecimal, of `t.id.body` with the hook's
secret, where `id` is the Guichet-Id header and `body` the bytes as they came.
"""

import hashlib
import hmac
import re

TOLERANCE_MS = 300_000
"""Older ones may be somebody's who listened: they are refused."""
_FORM = re.compile(r"t=(\d{1,16}),v1=([0-9a-f]{64})")


def sign(secret: str, id_: str, body: bytes, now: int) -> str:
    """The header's value."""
    return f"t={now},v1={_digest(secret, now, id_, body)}"


def is_ours(secret: str, header: str, id_: str, body: bytes, now: int) -> bool:
    """What a receiver checks; here for its tests and ours."""
    found = _FORM.fullmatch(header)
    if not found or abs(now - int(found[1])) > TOLERANCE_MS:
        return False
    return hmac.compare_digest(found[2], _digest(secret, int(found[1]), id_, body))


def _digest(secret: str, at: int, id_: str, body: bytes) -> str:
    return hmac.new(secret.encode(), f"{at}.{id_}.".encode() + body, hashlib.sha256).hexdigest()
