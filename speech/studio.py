"""Is a recording fit to be heard? What a studio handed over is held against the text that it should say. Pure."""

from collections.abc import Iterator

import numpy as np
import soxr
from numpy.typing import NDArray

from speech.engine import Speech
from speech.sound import RATE, WIDE_RATE, level_db

FULL_SCALE = 0.999
CLIPPED_RUN = 3
"""So many samples in a row at full scale are a peak that was cut off."""
MOST_CLIPPED = 5
"""Such peaks, from which on the recording is refused."""
LEAST_LEVEL_DB = -45.0
"""Quieter ones would be heard with their noise."""
LETTER_S = 0.065
"""How long a letter lasts on the average, read calmly."""
SHORTEST, LONGEST = 0.35, 3.0
"""Of the expected length: a recording outside says something else, or was cut."""
ANY_LENGTH_S = 1.0
"""Nothing is said of the length of shorter texts, and pauses of this length are always allowed."""


def complaints(speech: Speech, text: str) -> Iterator[str]:
    """Why the recording is not taken, each a sentence without a full stop."""
    if speech.rate < RATE:
        yield f"it has {speech.rate} samples a second; a telephone needs {RATE} or more"
    level = level_db(np.round(np.clip(speech.samples, -1, 1) * 32767).astype(np.int16), speech.rate)
    if level == float("-inf"):
        yield "there is only silence"
        return
    if level < LEAST_LEVEL_DB:
        yield f"it is too quiet: {level:.0f} dB below full scale; at least {LEAST_LEVEL_DB:.0f} is needed"
    clipped = clipped_peaks(speech)
    if clipped >= MOST_CLIPPED:
        yield f"it is clipped: {clipped} peaks are cut off; record it with less gain"
    seconds, expected = len(speech.samples) / speech.rate, expected_seconds(text)
    if seconds < SHORTEST * expected - ANY_LENGTH_S * SHORTEST:
        yield f"it lasts {seconds:.1f} s, too short for its text, which takes about {expected:.0f} s"
    if seconds > LONGEST * expected + 2 * ANY_LENGTH_S:
        yield f"it lasts {seconds:.1f} s, too long for its text, which takes about {expected:.0f} s"


def expected_seconds(text: str) -> float:
    """About how long a text takes."""
    return len(text) * LETTER_S


def clipped_peaks(speech: Speech) -> int:
    """How many runs of samples stand at full scale."""
    full = np.abs(speech.samples) >= FULL_SCALE
    edges = np.flatnonzero(np.diff(np.concatenate([[False], full, [False]]).astype(np.int8)))
    return int(np.count_nonzero(edges[1::2] - edges[::2] >= CLIPPED_RUN))


def kept(speech: Speech) -> NDArray[np.int16]:
    """As it is kept with the town: 16 kHz, 16 bits, one channel."""
    samples = np.clip(soxr.resample(speech.samples, speech.rate, WIDE_RATE), -1, 1)
    whole: NDArray[np.int16] = np.round(samples * 32767).astype(np.int16)
    return whole
