"""The town's own sound files, made fit for the telephone: `prompts/<language>/<name>.wav`, else `prompts/<name>.wav`
(any rate). A file that is changed is heard at once, also by calls under way."""

import asyncio
import hashlib
import logging
from pathlib import Path

from speech import sound as processing
from speech.engine import SpeechFailed
from speech.folder import SoundFolder
from speech.wav import read_wav

log = logging.getLogger(__name__)

Seen = tuple[Path, int, int]
"""A file as it was: its path, when it was changed (ns), its size."""


class TownSounds:
    """Reads from `prompts`, writes what Asterisk plays into `folder`, which belongs to it alone."""

    def __init__(self, prompts: Path, folder: Path) -> None:
        self._prompts, self._folder = prompts.resolve(), SoundFolder(folder)
        self._known: dict[Seen, str] = {}

    async def sound(self, file: str, language: str) -> str | None:
        """The path, without ending; None where there is no such file, or none that can be played: the log says why."""
        return await asyncio.to_thread(self._sound, file, language)

    def _sound(self, file: str, language: str) -> str | None:
        for path in (self._prompts / language / f"{file}.wav", self._prompts / f"{file}.wav"):
            try:
                if path.resolve().is_relative_to(self._prompts) and path.is_file():
                    return self._prepared(path)
            except (OSError, SpeechFailed) as error:
                log.error("speech: the sound file %s is not played: %s", path, error)
                return None
        return None

    def _prepared(self, path: Path) -> str:
        stat = path.stat()
        seen = (path, stat.st_mtime_ns, stat.st_size)
        key = self._known.get(seen)
        if key is None:
            data = path.read_bytes()
            key = hashlib.sha256(b"%d/" % processing.VERSION + data).hexdigest()
            if not self._folder.has(key):
                self._folder.put(key, processing.for_telephones(read_wav(data)))
            self._known[seen] = key
        return self._folder.path(key)
