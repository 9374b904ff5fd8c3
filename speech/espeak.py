"""espeak-ng as a speech engine: one short process for each text."""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence

from speech.engine import Speech, SpeechFailed
from speech.text import is_language
from speech.wav import read_wav

VOICES: Mapping[str, str] = {"fr": "fr-fr", "en": "en-gb"}
"""Languages that stand for several; any other language names its voice itself."""
WORDS_A_MINUTE = 150
"""Slower than espeak's own 175: sentences are heard once, by everybody, on a telephone."""
LIMIT_S = 15.0


class Espeak:
    """`command` starts the program, with whatever arguments it needs to find its own files. Texts go in by its standard
    input, never as arguments."""

    def __init__(self, command: Sequence[str], words_a_minute: int = WORDS_A_MINUTE, limit_s: float = LIMIT_S) -> None:
        self._command, self._speed, self._limit_s = list(command), words_a_minute, limit_s

    def voice(self, language: str) -> str:
        return f"espeak-ng {VOICES.get(language, language)} {self._speed}"

    async def speak(self, text: str, language: str) -> Speech:
        if not is_language(language):
            raise SpeechFailed(f"{language!r} is not a language")
        options = ["-b", "1", "-z", "-v", VOICES.get(language, language), "-s", str(self._speed), "--stdin", "--stdout"]
        plain = text.replace("[[", "[ [")  # espeak would read phonemes between double brackets
        sound, complaint = await self._run([*self._command, *options], plain.encode("utf-8", "replace"))
        if not sound:
            raise SpeechFailed(f"espeak-ng gave no sound in {language}: {complaint or 'and did not say why'}")
        return await asyncio.to_thread(read_wav, sound)

    async def _run(self, command: Sequence[str], text: bytes) -> tuple[bytes, str]:
        """What it wrote on its output, and the last line on its error output."""
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
        except OSError as error:
            raise SpeechFailed(f"espeak-ng cannot be started: {error}") from error
        try:
            async with asyncio.timeout(self._limit_s):
                sound, errors = await process.communicate(text)
        except TimeoutError:
            raise SpeechFailed(f"espeak-ng took longer than {self._limit_s:g} s") from None
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):  # it ended this very moment
                    process.kill()
                await process.wait()
        last = errors.decode(errors="replace").strip().splitlines()[-1:]
        if process.returncode:
            raise SpeechFailed(f"espeak-ng ended with {process.returncode}: {''.join(last)}")
        return sound, "".join(last)
