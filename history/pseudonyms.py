"""Names under which persons and numbers may stand in logs, metrics and tombstones: whoever lacks the key cannot tell
who it is, and the same number has the same name wherever the key is the same.

A phone number has so few possible values that a plain hash of it hides nothing: all of them are hashed in minutes.
"""

import hashlib
import hmac
import os
from contextlib import suppress
from pathlib import Path

from core.errors import GuichetError

KEY_BYTES = 32
KEY_LENGTH = 24
"""Hexadecimal digits of a person's key: 96 bits."""


class Pseudonyms:
    """Keyed hashes (HMAC-SHA256). The key is a secret of this house, kept beside its data and not in the database."""

    def __init__(self, key: bytes) -> None:
        if len(key) < 16:
            raise GuichetError("The key of the pseudonyms has fewer than 16 bytes: make a longer one.")
        self._key = key

    def person(self, number: str) -> str:
        """The key of the person to whom a phone number (E.164) belongs at first."""
        return self._hash("person", number)

    def number(self, number: str) -> str:
        """What stands for the number in a log, a metric or a tombstone."""
        return self._hash("number", number)

    def _hash(self, what: str, value: str) -> str:
        return hmac.new(self._key, f"{what}:{value}".encode(), hashlib.sha256).hexdigest()[:KEY_LENGTH]


def load_key(file: Path) -> bytes:
    """The key in that file, made there at first (only its owner may read it). Raises GuichetError."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        _make(file)
        key = bytes.fromhex(file.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise GuichetError(
            f"The key file {file} cannot be used: {error}. It holds {2 * KEY_BYTES} hexadecimal digits."
        ) from None
    return key


def _make(file: Path) -> None:
    """At once or not at all, and never over another one: two processes may begin together."""
    if file.exists():
        return
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as written:
            written.write(os.urandom(KEY_BYTES).hex() + "\n")
            written.flush()
            os.fsync(written.fileno())
        with suppress(FileExistsError):
            os.link(fresh, file)
    finally:
        fresh.unlink(missing_ok=True)
