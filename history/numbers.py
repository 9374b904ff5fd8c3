"""Callers' numbers, as history keeps them."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat

from core.text import clean_name, clean_number

LONGEST_SHORT_CODE = 6
LONGEST_READ = 200
_WITHHELD = frozenset(
    {"anonymous", "restricted", "withheld", "private", "unavailable", "unknown", "blocked", "hidden", "not available"}
    | {"anonyme", "masque", "prive", "indisponible", "inconnu", "secret", "cache", "confidentiel", "non communique"}
)
"""What networks put in place of a number that the caller does not show (RFC 3323 says `anonymous`), in small letters
and without accents: it is many people's."""
_OF_WHAT = frozenset({"no", "number", "numero", "caller", "call", "appel", "id", "appelant"})
"""Words that may stand beside."""

_ONE_PLAN = ("FR", "GP", "MQ", "GF", "RE", "PM")
"""Regions with calling codes of their own that dial each other as national numbers: a caller from Réunion shows
0262… in Paris. (YT shares RE's code.)"""


class NumberKind(StrEnum):
    PHONE = "phone"
    SHORT = "short"
    """A short code or an internal extension: never made longer."""
    WITHHELD = "withheld"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Number:
    kind: NumberKind
    text: str
    """E.164 for a phone, the digits of a short code, nothing when withheld, else the cleaned text as it came."""


@lru_cache(maxsize=4096)
def read_number(raw: str, country: str) -> Number:
    """What a caller's number is, read as the site's country reads it (`FR`). Reading a result's text again gives the
    same result. Never raises."""
    raw = raw[:LONGEST_READ]
    shown = clean_name(raw)
    digits = clean_number(raw)
    if not shown or _stands_for_none(shown):
        return Number(NumberKind.WITHHELD, "")
    if not digits or any(c.isalpha() for c in shown) or "*" in digits or "#" in digits:
        return Number(NumberKind.UNKNOWN, shown)
    phone = _parse(digits, country)
    if "+" not in digits and len(digits) <= LONGEST_SHORT_CODE and not (phone and _valid_at(phone, country)):
        return Number(NumberKind.SHORT, digits)
    if phone is None or not phonenumbers.is_possible_number(phone):
        return Number(NumberKind.UNKNOWN, shown)
    if "+" not in digits and country in _ONE_PLAN and not _valid_at(phone, country):
        phone = _elsewhere_in_the_plan(digits) or phone
    text = phonenumbers.format_number(phone, PhoneNumberFormat.E164)
    if text != digits and _parse(text, country) != phone:  # zeros after a calling code: some are taken away each time
        return Number(NumberKind.UNKNOWN, shown)
    return Number(NumberKind.PHONE, text)


def _stands_for_none(shown: str) -> bool:
    """`Numéro masqué`, `ANONYMOUS`, `no number`."""
    apart = unicodedata.normalize("NFKD", shown.casefold())
    words = re.findall(r"[^\W_]+", "".join(c for c in apart if not unicodedata.combining(c)))
    said = " ".join(word for word in words if word not in _OF_WHAT)
    return said in _WITHHELD or (not said and "no" in words)


def _elsewhere_in_the_plan(digits: str) -> PhoneNumber | None:
    read = ((_parse(digits, region), region) for region in _ONE_PLAN)
    return next((phone for phone, region in read if phone and _valid_at(phone, region)), None)


def _parse(digits: str, country: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(digits, country)
    except phonenumbers.NumberParseException:
        return None


def _valid_at(phone: PhoneNumber, region: str) -> bool:
    return phonenumbers.is_valid_number_for_region(phone, region)
