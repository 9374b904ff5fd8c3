"""Sound as arrays: 8,000 samples a second, 16 bits, one channel. How it is coded for the telephone, made, judged."""

import wave
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE = 8_000
"""Samples a second; in mu-law, bytes a second."""
SILENCE = b"\xff"
"""The mu-law byte for zero."""
SILENT_BELOW = -50.0
"""dBFS. Speech and music on the telephone lie between -35 and -10."""
FLOOR = -120.0
"""The level of nothing at all, in dBFS."""

Samples = NDArray[np.int16]

_BIAS, _CLIP = 132, 32_635  # ITU-T G.711, as in its reference tables


def _encoding_table() -> NDArray[np.uint8]:
    """The mu-law byte of each 16-bit sample, indexed by the sample seen as unsigned."""
    sample = np.arange(65_536, dtype=np.uint16).view(np.int16).astype(np.int32)
    magnitude = np.minimum(np.abs(sample), _CLIP) + _BIAS
    exponent = np.floor(np.log2(magnitude)).astype(np.int32) - 7
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    sign = np.where(sample < 0, 0x80, 0)
    table: NDArray[np.uint8] = (~(sign | (exponent << 4) | mantissa) & 0xFF).astype(np.uint8)
    return table


def _decoding_table() -> Samples:
    code = ~np.arange(256, dtype=np.int32) & 0xFF
    magnitude = ((((code & 0x0F) << 3) + _BIAS) << ((code >> 4) & 7)) - _BIAS
    table: Samples = np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)
    return table


_ENCODED = _encoding_table()
_DECODED = _decoding_table()


def encode(samples: Samples) -> bytes:
    """As mu-law, one byte a sample."""
    return _ENCODED[samples.view(np.uint16)].tobytes()


def decode(data: bytes | bytearray) -> Samples:
    samples: Samples = _DECODED[np.frombuffer(bytes(data), np.uint8)]
    return samples


def tone(hz: int, seconds: float = 1.0, level: float = -12.0) -> Samples:
    """A sine of that many whole Hz, `level` in dBFS (RMS). One second of it can be repeated without a seam."""
    amplitude = 32_767 * 10 ** (level / 20) * np.sqrt(2)
    time = np.arange(round(seconds * RATE)) / RATE
    samples: Samples = (amplitude * np.sin(2 * np.pi * hz * time)).astype(np.int16)
    return samples


@dataclass(frozen=True, slots=True)
class Audio:
    """A stretch of sound, and what can be said of it."""

    samples: Samples = field(default_factory=lambda: np.zeros(0, np.int16))

    @property
    def seconds(self) -> float:
        return len(self.samples) / RATE

    @property
    def level(self) -> float:
        """RMS in dBFS, never below FLOOR."""
        if not len(self.samples):
            return FLOOR
        rms = float(np.sqrt(np.mean(self.samples.astype(np.float64) ** 2)))
        return max(FLOOR, 20 * float(np.log10(rms / 32_768))) if rms else FLOOR

    @property
    def silent(self) -> bool:
        return self.level < SILENT_BELOW

    @property
    def pitch(self) -> float:
        """The frequency that is heard most, in Hz; 0.0 in silence."""
        if self.silent:
            return 0.0
        power = self._spectrum()
        return float(np.argmax(power)) * RATE / len(self.samples)

    def share_at(self, hz: float, width: float = 30.0) -> float:
        """How much of all its energy lies within `width` Hz of a frequency: 0.0 to 1.0."""
        power = self._spectrum()
        total = float(power.sum())
        if not total:
            return 0.0
        frequency = np.arange(len(power)) * RATE / len(self.samples)
        return float(power[np.abs(frequency - hz) <= width].sum()) / total

    def has_tone(self, hz: float) -> bool:
        """A tone of that frequency, and little else."""
        return not self.silent and self.share_at(hz) > 0.8

    def save(self, path: Path) -> None:
        """As a WAV file, to listen to after a test failed."""
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(self.samples.astype("<i2").tobytes())

    def _spectrum(self) -> NDArray[np.float64]:
        """Energy by frequency, without the constant part; the window keeps a tone's energy together."""
        if len(self.samples) < 2:
            return np.zeros(1)
        power = np.abs(np.fft.rfft(self.samples * np.hanning(len(self.samples)))) ** 2
        power[0] = 0.0
        return power
