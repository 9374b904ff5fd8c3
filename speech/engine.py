"""What a speech engine does."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
"""One channel of sound, from -1 to 1."""


class SpeechFailed(Exception):
    """The text could not be spoken. The message says why, for the log."""


@dataclass(frozen=True, slots=True)
class Speech:
    samples: Samples
    rate: int
    """Samples a second."""


class SpeechEngine(Protocol):
    def voice(self, language: str) -> str:
        """Names everything of the engine on which the sound depends for that language (BCP 47): its name, the voice,
        the speed. Sounds of different voices are kept apart."""

    async def speak(self, text: str, language: str) -> Speech:
        """Clean text (one line, not empty) to speech. Raises SpeechFailed."""
