"""Texts and languages as a speech engine may be given them."""

import re
import unicodedata

MOST_TEXT = 2_000
"""Characters of one prompt: about two and a half minutes. The rest is not spoken."""

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}")


def speakable(text: str) -> str:
    """One line, without control, format, private or broken characters, normalised (NFC), at most MOST_TEXT long."""
    short = unicodedata.normalize("NFC", text[: MOST_TEXT * 2])
    visible = "".join(" " if c.isspace() or unicodedata.category(c)[0] == "C" else c for c in short)
    return " ".join(visible.split())[:MOST_TEXT].strip()


def is_language(language: str) -> bool:
    """True for a BCP 47 tag such as `fr` or `en-GB`: it may stand in a path and in a list of arguments."""
    return bool(_LANGUAGE.fullmatch(language))
