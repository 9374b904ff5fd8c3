"""Sound as arrays: any speech becomes what a telephone network plays well. Pure."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from speech.engine import Samples, Speech, SpeechFailed

VERSION = 2
"""Counts changes in how sounds are made: those of an older version are made anew."""
RATE, WIDE_RATE = 8_000, 16_000
"""Samples a second, of the old telephone and of wideband (G.722, Opus)."""
LEVEL_DB = -20.0
"""How loud every prompt is, below full scale: the root mean square of its voiced part. Levelled by it, any two prompts
lie within 3 dB by the loudness of ITU-R BS.1770 too, which itself needs 0.4 s of sound: no spoken digit has as much."""
MOST_GAIN_DB = 40.0
KNEE, CEILING = 0.6, 0.9
"""Above the knee samples are pressed together; no peak goes over the ceiling, between the samples neither."""
SILENCE_DB = -40.0
"""A frame this far below the loudest one is not voiced."""
FRAME_MS = 20
KEPT_AROUND = 2
"""Frames kept before the first voiced one and after the last: consonants are soft."""
FADE_MS = 10
PAD_MS = 20
"""Silence at both ends: a network that loses its first packet cuts no word."""
OVERSAMPLED = 4

Sounds = Mapping[int, NDArray[np.int16]]
"""One sound at several rates."""


def for_telephones(speech: Speech) -> Sounds:
    """At both rates. Raises SpeechFailed where nothing can be heard."""
    return {rate: for_telephone(speech, rate) for rate in (RATE, WIDE_RATE)}


def for_telephone(speech: Speech, rate: int = RATE) -> NDArray[np.int16]:
    """16 bits, every sound as loud as the others, no click and no cut at the ends. Raises SpeechFailed where nothing
    can be heard."""
    samples = np.asarray(soxr.resample(speech.samples, speech.rate, rate), dtype=np.float32)
    frames = _frame_levels(samples, rate)
    if not frames.size or frames.max() < 1e-4:
        raise SpeechFailed("there is only silence")
    voiced = np.flatnonzero(frames > frames.max() * _ratio(SILENCE_DB))
    gain = min(_ratio(LEVEL_DB) / float(np.sqrt(np.mean(frames[voiced] ** 2))), _ratio(MOST_GAIN_DB))
    frame = _samples_in(FRAME_MS, rate)
    first, last = max(voiced[0] - KEPT_AROUND, 0), voiced[-1] + 1 + KEPT_AROUND
    loud = _below_the_ceiling(_limited(samples[first * frame : last * frame] * np.float32(gain)), rate)
    padded = np.pad(_faded(loud, _samples_in(FADE_MS, rate)), _samples_in(PAD_MS, rate))
    return np.round(padded * 32767).astype(np.int16)


def silence(seconds: float, rate: int = RATE) -> NDArray[np.int16]:
    return np.zeros(round(seconds * rate), dtype=np.int16)


def level_db(samples: NDArray[np.int16], rate: int = RATE) -> float:
    """Root mean square of the voiced part, in dB below full scale."""
    frames = _frame_levels(samples.astype(np.float32) / 32768, rate)
    voiced = frames[frames > frames.max() * _ratio(SILENCE_DB)] if frames.size else frames
    return 20 * float(np.log10(np.sqrt(np.mean(voiced**2)))) if voiced.size else float("-inf")


def true_peak(samples: Samples, rate: int) -> float:
    """The greatest value that the sound has between its samples too (ITU-R BS.1770, by fourfold oversampling)."""
    if not samples.size:
        return 0.0
    return float(np.abs(soxr.resample(samples, rate, rate * OVERSAMPLED, quality="LQ")).max())


def _samples_in(ms: int, rate: int) -> int:
    return rate * ms // 1000


def _frame_levels(samples: NDArray[np.floating[Any]], rate: int) -> NDArray[np.floating[Any]]:
    """The root mean square of each 20 ms, the telephone's own measure; the last frame is filled up with silence."""
    frame = _samples_in(FRAME_MS, rate)
    padded = np.pad(samples, (0, -len(samples) % frame))
    levels: NDArray[np.floating[Any]] = np.sqrt(np.mean(padded.reshape(-1, frame) ** 2, axis=1))
    return levels


def _limited(samples: Samples) -> Samples:
    size = np.abs(samples)
    pressed = KNEE + (CEILING - KNEE) * np.tanh((size - KNEE) / (CEILING - KNEE))
    return np.where(size > KNEE, np.sign(samples) * pressed, samples)


def _below_the_ceiling(samples: Samples, rate: int) -> Samples:
    peak = true_peak(samples, rate)
    return samples * np.float32(CEILING / peak) if peak > CEILING else samples


def _faded(samples: Samples, most: int) -> Samples:
    slope = np.linspace(0, 1, min(most, len(samples) // 2), dtype=np.float32)
    faded = samples.copy()
    faded[: len(slope)] *= slope
    faded[len(faded) - len(slope) :] *= slope[::-1]
    return faded


def _ratio(db: float) -> float:
    return float(10 ** (db / 20))
