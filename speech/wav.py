"""WAV files: those that Asterisk plays, and those that a studio or another program hands over, which may be broken."""

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.whole import PUBLIC, whole
from speech.engine import Samples, Speech, SpeechFailed

LONGEST_S = 600
PCM, EXTENSIBLE = 1, 0xFFFE
"""Codings, as they stand in the file (3 is floats); the last one says which in a further field."""
LEAST_RATE, MOST_RATE = 4_000, 192_000
MOST_CHANNELS = 8
_KINDS = "expected 8, 16, 24 or 32-bit samples, or 32-bit floats, at 4 to 192 kHz, of 1 to 8 channels"


def write_wav(path: Path, samples: NDArray[np.int16], rate: int = 8_000) -> None:
    """A whole file that everybody may read, or none. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole(path, PUBLIC) as file, wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(samples.astype("<i2").tobytes())


def read_wav(data: bytes) -> Speech:
    """A WAV of any usual kind, its channels mixed. Its length need not be told rightly in the header: programs that
    write to a pipe cannot know it. Raises SpeechFailed."""
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
    if coding == EXTENSIBLE:
        coding = int.from_bytes(form[24:26], "little") or PCM
    if not 1 <= channels <= MOST_CHANNELS or not LEAST_RATE <= rate <= MOST_RATE:
        raise SpeechFailed(f"{_KINDS}, found {rate} Hz and {channels} channels")
    frame = channels * bits // 8
    if not frame or len(body) // frame > LONGEST_S * rate:
        raise SpeechFailed(f"this WAV is longer than {LONGEST_S} s" if frame else _KINDS)
    samples = _samples(coding, bits, body[: len(body) // frame * frame])
    mixed = samples.reshape(-1, channels).mean(axis=1, dtype=np.float32)
    if not np.isfinite(mixed).all():
        raise SpeechFailed("this WAV holds samples that are no numbers")
    return Speech(mixed, rate)


def _samples(coding: int, bits: int, body: bytes) -> Samples:
    """From -1 to 1."""
    match coding, bits:
        case (1, 8):
            read = np.frombuffer(body, np.uint8).astype(np.float64) / 2**7 - 1
        case (1, 16):
            read = np.frombuffer(body, "<i2") / 2**15
        case (1, 24):
            wide = np.zeros((len(body) // 3, 4), np.uint8)
            wide[:, 1:] = np.frombuffer(body, np.uint8).reshape(-1, 3)
            read = wide.view("<i4")[:, 0] / 2**31
        case (1, 32):
            read = np.frombuffer(body, "<i4") / 2**31
        case (3, 32):
            read = np.frombuffer(body, "<f4").astype(np.float64)
        case _:
            raise SpeechFailed(f"{_KINDS}, found coding {coding} with {bits} bits")
    return read.astype(np.float32)
