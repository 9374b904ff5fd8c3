"""What an agent typed, as what is to be looked for. Whatever is typed is only letters and digits afterwards: no sign of
LIKE, of a full-text language or of SQL comes through."""

import re
from dataclasses import dataclass

from core.errors import GuichetError
from history.search.words import fold

LONGEST = 200
MOST_WORDS = 8
LEAST_DIGITS = 4
LEAST_LETTERS = 2
_NUMBER = re.compile(r"[0-9+\s.()/\-]+")


@dataclass(frozen=True, slots=True)
class Asked:
    """Either part may be empty; both are where something could be either."""

    words: tuple[str, ...] = ()
    """Beginnings of words, all of which have to be there."""
    digits: str = ""
    """Part of a phone number, in the international way but for a national number's leading 0; or a case's number."""
    case_number: str = ""


def read_query(text: str) -> Asked:
    """GuichetError where there is nothing that could be looked for."""
    short = text[:LONGEST].strip()
    if not any(c.isalnum() for c in short):
        raise GuichetError("Type part of a number, a name, a case number or words of a note.")
    if _NUMBER.fullmatch(short):
        return _number(short)
    words = dict.fromkeys(word for word in fold(short) if len(word) >= LEAST_LETTERS)
    if not words:
        raise GuichetError(f"Type at least {LEAST_LETTERS} letters of a word.")
    return Asked(words=tuple(words)[:MOST_WORDS])


def _number(text: str) -> Asked:
    digits = "".join(c for c in text if c in "0123456789")
    if len(digits) < LEAST_DIGITS:
        raise GuichetError(f"Type at least {LEAST_DIGITS} digits of a number.")
    part = digits[2:] if digits.startswith("00") else digits[1:] if digits.startswith("0") else digits
    return Asked(digits=part[:20] if len(part) >= LEAST_DIGITS - 1 else digits[:20], case_number=digits[:12])
