"""The folder of rendered sounds. It stands on Asterisk's disk and belongs to one Voice. Every function here blocks."""

import os
from collections.abc import Collection
from pathlib import Path

from speech.sound import RATE, WIDE_RATE, Sounds
from speech.wav import write_wav

ENDING = ".wav"
ENDINGS = {WIDE_RATE: ".wav16", RATE: ENDING}
"""Asterisk's names for WAV at each rate: it plays the one that suits the line. The last one is written last, and says
that the sound is there."""
HEADER_BYTES = 44


class SoundFolder:
    """Sounds by key. A sound's path has no ending, as Asterisk wants it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    def path(self, key: str) -> str:
        return str(self._folder / key)

    def has(self, key: str) -> bool:
        """True where the sound is there, and then it counts as used now."""
        file = self._file(key)
        try:
            if file.stat().st_size <= HEADER_BYTES:  # the power failed before the disk had it
                return False
            os.utime(file)
        except FileNotFoundError:
            return False
        return True

    def put(self, key: str, sounds: Sounds) -> None:
        """Raises OSError."""
        for rate, ending in ENDINGS.items():
            if rate in sounds:
                write_wav(self._file(key, ending), sounds[rate], rate)

    def sweep(self, most: int, keep: Collection[str]) -> int:
        """Texts with a caller's own words in them are heard once: of more than `most` sounds the longest unused ones
        are removed, but never one whose path is in `keep`. Gives how many."""
        found = sorted((entry.stat().st_mtime, entry.path) for entry in os.scandir(self._folder) if _is_sound(entry))
        old = [path for _, path in found if path.removesuffix(ENDING) not in keep][: max(len(found) - most, 0)]
        for path in old:
            for ending in ENDINGS.values():
                Path(path).with_suffix(ending).unlink(missing_ok=True)
        return len(old)

    def _file(self, key: str, ending: str = ENDING) -> Path:
        return self._folder / f"{key}{ending}"


def _is_sound(entry: "os.DirEntry[str]") -> bool:
    return entry.name.endswith(ENDING) and entry.is_file(follow_symlinks=False)
