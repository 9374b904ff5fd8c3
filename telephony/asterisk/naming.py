"""How Asterisk's names become ours."""

import re

from core.text import clean_number

_SPACED_NUMBER = re.compile(r"\+?[0-9*#][0-9*# ().-]*")
_RESTRICTED = 0x60
_NOT_GIVEN = ("", "unknown")
"""What stands in the AGI environment where Asterisk knows nothing."""


def call_id(asterisk: str, uniqueid: str) -> str:
    """A call's id: `<name of the Asterisk>-<uniqueid>`. Asterisk writes its own systemname in front if it has one."""
    return uniqueid if uniqueid.startswith(f"{asterisk}-") else f"{asterisk}-{uniqueid}"


def caller_number(raw: str) -> str:
    """A caller's number, or "" for what is none: `bob42` is not the number 42."""
    return clean_number(raw) if _SPACED_NUMBER.fullmatch(raw) else ""


def given(raw: str) -> str:
    return "" if raw in _NOT_GIVEN else raw


def restricted(presentation: str) -> bool:
    """Whether the caller asked for the number not to be shown: `agi_callingpres`, bits 5 and 6 (RFC 3323's privacy,
    Q.951)."""
    return presentation.isdecimal() and presentation.isascii() and int(presentation[:4]) & _RESTRICTED != 0
