"""A speech engine for tests: each text is a tone, rendered when the test lets it."""

import asyncio

import numpy as np

from speech.engine import Speech, SpeechFailed

RATE = 22_050


def tone(
    seconds: float = 0.5, hertz: float = 440, size: float = 0.3, around_s: float = 0.0, rate: int = RATE
) -> Speech:
    """A tone with silence before and after it."""
    quiet = np.zeros(int(around_s * rate), dtype=np.float32)
    wave = size * np.sin(2 * np.pi * hertz * np.arange(int(seconds * rate)) / rate)
    return Speech(np.concatenate([quiet, wave.astype(np.float32), quiet]), rate)


class FakeEngine:
    """`fails`: texts that cannot be spoken. `held`: nothing is spoken until it is set."""

    def __init__(self, name: str = "fake") -> None:
        self.name = name
        self.spoken: list[tuple[str, str]] = []
        self.fails: set[str] = set()
        self.held = asyncio.Event()
        self.held.set()
        self.at_once = self.most_at_once = 0

    def voice(self, language: str) -> str:
        return f"{self.name} {language}"

    async def speak(self, text: str, language: str) -> Speech:
        self.spoken.append((text, language))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await self.held.wait()
            await asyncio.sleep(0)
        finally:
            self.at_once -= 1
        if text in self.fails:
            raise SpeechFailed("the tongue is tied")
        return tone()
