"""Recordings of a studio: how their files are called, and which text each of them belongs to.

A file is called `<language>/<place>-<key>.wav`: the place in the town, for people, and the key of the text. A text that
is changed has another key: its old recording is never heard in its place."""

import re
from collections.abc import Mapping
from pathlib import Path

from ivr.acts import Prompt
from speech.keys import digest
from speech.text import is_language, speakable

KEY_LENGTH = 16
LONGEST_PLACE = 60
_NAME = re.compile(rf"(?:(?P<place>.*)-)?(?P<key>[0-9a-f]{{{KEY_LENGTH}}})")
_UNFIT = re.compile(r"[^a-z0-9]+")


def recording_key(prompt: Prompt) -> str:
    """The end of the name that a recording of this text has, whatever the speech engine: 16 hexadecimal digits."""
    return digest(prompt.language, speakable(prompt.text))[:KEY_LENGTH]


def recording_file(prompt: Prompt, place: str) -> str:
    """The path of a recording inside the folder of prompts. `place`: where it is spoken, such as accueil/sujet."""
    readable = _UNFIT.sub("-", place.lower()).strip("-")[:LONGEST_PLACE].strip("-")
    return f"{prompt.language}/{readable}-{recording_key(prompt)}.wav"


def place_and_key(name: str) -> tuple[str, str] | None:
    """What a file's name without ending says; None where it is not the name of a recording."""
    match = _NAME.fullmatch(name)
    return (match["place"] or "", match["key"]) if match else None


def find_recordings(folder: Path) -> Mapping[tuple[str, str], Path]:
    """The recordings in a folder of prompts by language and key. Links that lead out of it are none. Blocks."""
    home = folder.resolve()
    found: dict[tuple[str, str], Path] = {}
    for path in sorted(home.glob("*/*.wav")):
        named = place_and_key(path.stem)
        if named and is_language(path.parent.name) and path.resolve().is_relative_to(home):
            found[path.parent.name, named[1]] = path
    return found
