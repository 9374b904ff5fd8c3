"""Speech through the machine's loudspeaker, for `guichet call --voice`."""

import asyncio
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from app.install.programs import find_programs
from app.settings import load
from core.errors import GuichetError
from ivr.acts import Prompt
from speech.espeak import Espeak
from speech.voice import Voice

PLAYERS = (("aplay", "-q"), ("paplay",), ("play", "-q"))
"""Programs that play a WAV file, with what makes them quiet."""
LONGEST_S = 180


class Loudspeaker:
    """Renders texts as callers hear them, and plays them. GuichetError where nothing can play."""

    def __init__(self) -> None:
        found = next((player for player in PLAYERS if shutil.which(player[0])), None)
        if found is None:
            raise GuichetError(
                "--voice needs a program that plays sound: install alsa-utils (aplay), pulseaudio-utils (paplay) or "
                "sox (play)."
            )
        self._player = found
        self._engine = Espeak(find_programs(load()).espeak)
        self._folder = Path(tempfile.mkdtemp(prefix="guichet-voice-"))

    def speak(self, prompts: Sequence[Prompt]) -> None:
        """Returns when it has been heard."""
        for path in asyncio.run(self._rendered(prompts)):
            try:
                subprocess.run([*self._player, f"{path}.wav"], check=True, timeout=LONGEST_S, stdin=subprocess.DEVNULL)
            except (OSError, subprocess.SubprocessError) as error:
                raise GuichetError(f"{self._player[0]} could not play the sound: {error}.") from None

    def close(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    async def _rendered(self, prompts: Sequence[Prompt]) -> list[str]:
        voice = Voice(self._engine, self._folder)
        try:
            return [await voice.sound(prompt) for prompt in prompts]
        finally:
            await voice.close()
