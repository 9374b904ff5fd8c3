"""What an agent typed, as what is to be looked for. Whatever is typed is only letters and digits afterwards: no sign of
LIKE, of a full-text language or of SQL comes through."""

import re
import unicodedata
from dataclasses import dataclass

from core.errors import GuichetError
from history.search.words import fold

LONGEST = 200
MOST_WORDS = 8
LEAST_DIGITS = 4
LEAST_LETTERS = 2
LEAST_OF_CASE = 6
"""So many digits begin a case's number; of fewer, most would be the beginning of some."""
LEAST_BESIDE_WORDS = 6
"""So many digits are a number, though words stand beside it: fewer are a house number, a year, a postal code."""
_NUMBER = re.compile(r"[0-9+\s.()/\-]+")
_RUN = re.compile(r"[0-9+(][0-9+\s.()/\-]*")
_TRUNK_ZERO = re.compile(r"\(\s*0\s*\)")
"""+33 (0)6 12 34 56 78: dialled in the country alone."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Either part may be empty; both are where something could be either: `dossier 1234567889`."""

    words: tuple[str, ...] = ()
    """Beginnings of words, all of which have to be there."""
    digits: str = ""
    """Part of a phone number, in the international way but for a national number's leading 0; or a case's number."""
    case_number: str = ""
    """A case's number or its beginning."""


def read_query(text: str) -> Asked:
    """GuichetError where there is nothing that could be looked for."""
    short = text[:LONGEST].strip()
    if not any(c.isalnum() for c in short):
        raise GuichetError("Type part of a number, a name, a case number or words of a note.")
    plain = ascii_digits(short)
    if _NUMBER.fullmatch(plain):
        return _number(plain)
    words = dict.fromkeys(word for word in fold(short) if len(word) >= LEAST_LETTERS)
    if not words:
        raise GuichetError(f"Type at least {LEAST_LETTERS} letters of a word.")
    beside = max(_RUN.findall(plain), key=_count, default="")
    number = _number(beside) if _count(beside) >= LEAST_BESIDE_WORDS else Asked()
    return Asked(tuple(words)[:MOST_WORDS], number.digits, number.case_number)


def ascii_digits(text: str) -> str:
    """Digits of any writing as 0 to 9, and full-width signs as the usual ones."""
    return "".join(str(unicodedata.decimal(c, c)) for c in unicodedata.normalize("NFKC", text))


def _number(text: str) -> Asked:
    digits = "".join(c for c in _TRUNK_ZERO.sub("", text) if c in "0123456789")
    if len(digits) < LEAST_DIGITS:
        raise GuichetError(f"Type at least {LEAST_DIGITS} digits of a number.")
    part = digits[2:] if digits.startswith("00") else digits[1:] if digits.startswith("0") else digits
    return Asked(digits=part[:20] if len(part) >= LEAST_DIGITS - 1 else digits[:20], case_number=digits[:12])


def _count(text: str) -> int:
    return sum(c in "0123456789" for c in text)
