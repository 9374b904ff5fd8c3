"""Cleaning what comes from outside, at the door. A caller's number and name are hostile until they came through."""

import re
import unicodedata

MOST_NAME = 80
MOST_NUMBER = 32

_NOT_NUMBER = re.compile(r"[^0-9+*#]")


def clean_name(raw: str) -> str:
    """A name that is safe to keep and to show as text: one line, no control, format (bidi, zero-width), private or
    unassigned characters, at most 80 characters, normalised (NFC)."""
    short = raw[: MOST_NAME * 4]
    if short.isascii() and short.isprintable():  # nearly every name, at a tenth of the time
        return " ".join(short.split())[:MOST_NAME].strip()
    kept = (" " if character.isspace() else character for character in unicodedata.normalize("NFC", short))
    visible = "".join(c for c in kept if c == " " or unicodedata.category(c)[0] != "C")
    return " ".join(visible.split())[:MOST_NAME].strip()


def clean_number(raw: str) -> str:
    """What may stand for a dialled or calling number: `[0-9+*#]`, at most 32 characters; empty where nothing is."""
    return _NOT_NUMBER.sub("", raw)[:MOST_NUMBER]
