"""Sound as arrays: any speech becomes what a telephone network plays well. Pure, but for the last two functions."""

import os
import tempfile
import wave
from pathlib import Path
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from speech.engine import Samples, Speech, SpeechFailed

VERSION = 1
"""Counts changes in how sounds are made: those of an older version are made anew."""
RATE = 8_000
FRAME = RATE // 50
"""20 ms, the telephone's own measure."""
LEVEL_DB = -20.0
"""Root mean square of the voiced part, below full scale."""
MOST_GAIN_DB = 40.0
KNEE, CEILING = 0.6, 0.9
"""Above the knee samples are pressed together; none goes over the ceiling."""
SILENCE_DB = -40.0
"""A frame this far below the loudest one is not voiced."""
KEPT_AROUND = 2
"""Frames kept before the first voiced one and after the last: consonants are soft."""
FADE = RATE * 5 // 1000
LONGEST_S = 600


def for_telephone(speech: Speech) -> NDArray[np.int16]:
    """8 kHz, 16 bits, no silence at the ends, every sound as loud as the others, no click at the ends. Raises
    SpeechFailed where nothing can be heard."""
    samples = np.asarray(soxr.resample(speech.samples, speech.rate, RATE), dtype=np.float32)
    frames = _frame_levels(samples)
    if not frames.size or frames.max() < 1e-4:
        raise SpeechFailed("the engine gave only silence")
    voiced = np.flatnonzero(frames > frames.max() * _ratio(SILENCE_DB))
    gain = min(_ratio(LEVEL_DB) / float(np.sqrt(np.mean(frames[voiced] ** 2))), _ratio(MOST_GAIN_DB))
    first, last = max(voiced[0] - KEPT_AROUND, 0), voiced[-1] + 1 + KEPT_AROUND
    loud = _limited(samples[first * FRAME : last * FRAME] * np.float32(gain))
    return np.round(_faded(loud) * 32767).astype(np.int16)


def silence(seconds: float) -> NDArray[np.int16]:
    return np.zeros(round(seconds * RATE), dtype=np.int16)


def level_db(samples: NDArray[np.int16]) -> float:
    """Root mean square of the voiced part, in dB below full scale."""
    frames = _frame_levels(samples.astype(np.float32) / 32768)
    voiced = frames[frames > frames.max() * _ratio(SILENCE_DB)]
    return 20 * float(np.log10(np.sqrt(np.mean(voiced**2)))) if voiced.size else float("-inf")


def _frame_levels(samples: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    """The root mean square of each 20 ms; the last frame is filled up with silence."""
    padded = np.pad(samples, (0, -len(samples) % FRAME))
    levels: NDArray[np.floating[Any]] = np.sqrt(np.mean(padded.reshape(-1, FRAME) ** 2, axis=1))
    return levels


def _limited(samples: Samples) -> Samples:
    size = np.abs(samples)
    pressed = KNEE + (CEILING - KNEE) * np.tanh((size - KNEE) / (CEILING - KNEE))
    return np.where(size > KNEE, np.sign(samples) * pressed, samples)


def _faded(samples: Samples) -> Samples:
    slope = np.linspace(0, 1, min(FADE, len(samples) // 2), dtype=np.float32)
    faded = samples.copy()
    faded[: len(slope)] *= slope
    faded[len(faded) - len(slope) :] *= slope[::-1]
    return faded


def _ratio(db: float) -> float:
    return float(10 ** (db / 20))


# --- WAV ----------------------------------------------------------------------------------------------------------


def write_wav(path: Path, samples: NDArray[np.int16]) -> None:
    """A whole file that everybody may read, or none. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".new")
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, 0o644)
            with wave.open(file, "wb") as sound:
                sound.setnchannels(1)
                sound.setsampwidth(2)
                sound.setframerate(RATE)
                sound.writeframes(samples.astype("<i2").tobytes())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def read_wav(data: bytes) -> Speech:
    """A WAV of 16-bit samples, of any rate, its channels mixed. Its length need not be told rightly in the header:
    programs that write to a pipe cannot know it. Raises SpeechFailed."""
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise SpeechFailed("this is no WAV")
    place, form = 12, b""
    while place + 8 <= len(data):
        name, size = data[place : place + 4], int.from_bytes(data[place + 4 : place + 8], "little")
        body = data[place + 8 : place + 8 + size]
        if name == b"fmt ":
            form = body
        if name == b"data":
            return _speech(form, body)
        place += 8 + size + size % 2
    raise SpeechFailed("this WAV holds no sound")


def _speech(form: bytes, body: bytes) -> Speech:
    coding, channels = int.from_bytes(form[0:2], "little"), int.from_bytes(form[2:4], "little")
    rate, bits = int.from_bytes(form[4:8], "little"), int.from_bytes(form[14:16], "little")
    if coding not in (1, 0xFFFE) or bits != 16 or not 1 <= channels <= 8 or not 4_000 <= rate <= 192_000:
        raise SpeechFailed("this WAV is not of 16-bit samples at 4 to 192 kHz")
    frames = np.frombuffer(body[: len(body) // (2 * channels) * 2 * channels], dtype="<i2").reshape(-1, channels)
    if len(frames) > LONGEST_S * rate:
        raise SpeechFailed(f"this WAV is longer than {LONGEST_S} s")
    return Speech((frames.astype(np.float32) / 32768).mean(axis=1, dtype=np.float32), rate)
