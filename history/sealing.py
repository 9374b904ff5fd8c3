"""Notes at rest: in clear, or sealed with a key that is never in the database (Fernet: AES-128-CBC and HMAC-SHA256).

The key comes from a variable or a file. Several keys may stand there, one a line: the first seals, each one opens; so a
key is changed by putting a new one before the old.
"""

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from core.errors import GuichetError

UNREADABLE = "[…]"
"""Shown in place of a note whose key is not here any more."""


class Sealing:
    """`Sealing([])` keeps notes in clear; it still says which it cannot open."""

    def __init__(self, keys: Sequence[str]) -> None:
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys]) if keys else None
        except ValueError:
            raise GuichetError(
                "A key for notes is not 32 bytes in URL-safe base64; `./guichet people new-key` makes one."
            ) from None

    @property
    def on(self) -> bool:
        return self._fernet is not None

    def seal(self, text: str) -> str:
        return self._fernet.encrypt(text.encode()).decode() if self._fernet else text

    def open(self, text: str, *, sealed: bool) -> str:
        """The note as it was written; UNREADABLE where no key here opens it."""
        if not sealed:
            return text
        try:
            return self._fernet.decrypt(text.encode()).decode() if self._fernet and text else UNREADABLE * bool(text)
        except InvalidToken:
            return UNREADABLE


def read_keys(text: str) -> list[str]:
    """One a line; empty lines and those that begin with # are passed over."""
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def new_key() -> str:
    return Fernet.generate_key().decode()
