"""Keys and lists of sounds, as Asterisk's commands take them."""

import re
from collections.abc import Iterator, Sequence

from telephony.channel import Sound

KEYS = "0123456789*#"
"""A telephone's. Asterisk also knows A to D, one of which is WAKE."""
MOST_SOUNDS = 1500
"""Bytes of sounds in one command, which may have 2,047."""

_SPOILS_A_LIST = re.compile(r"""[\x00-\x1f\x7f,&|"'\\()\[\]{}]""")


def key(code: int) -> str:
    """The key of that code, or "" for what no telephone has."""
    return chr(code) if 0 < code < 128 and chr(code) in KEYS else ""


def in_commands(sounds: Sequence[Sound]) -> Iterator[list[Sound]]:
    """The sounds in lists that one command can hold. ValueError for a name that would spoil the list."""
    some: list[Sound] = []
    for sound in sounds:
        if _SPOILS_A_LIST.search(sound) or not sound:
            raise ValueError(f"{sound!r} cannot be the name of a sound in Asterisk")
        if some and len("&".join((*some, sound)).encode()) > MOST_SOUNDS:
            yield some
            some = []
        some.append(sound)
    if some:
        yield some
