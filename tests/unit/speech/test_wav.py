"""WAV files as programs and studios make them, and broken ones."""

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech.engine import SpeechFailed
from speech.wav import read_wav

WAVE = np.array([0.0, 0.5, -0.5, 0.25] * 25)


def wav(
    body: bytes, *, coding: int = 1, bits: int = 16, channels: int = 1, rate: int = 48_000, more: bytes = b""
) -> bytes:
    frame = channels * bits // 8
    fields = (coding, 2), (channels, 2), (rate, 4), (rate * frame, 4), (frame, 2), (bits, 2)
    form = b"".join(value.to_bytes(size, "little") for value, size in fields) + more
    chunks = b"fmt " + len(form).to_bytes(4, "little") + form + b"data" + len(body).to_bytes(4, "little") + body
    return b"RIFF" + (len(chunks) + 4).to_bytes(4, "little") + b"WAVE" + chunks


def bytes_24(samples: np.ndarray) -> bytes:
    return (samples * 2**23).astype("<i4").view(np.uint8).reshape(-1, 4)[:, :3].tobytes()


@pytest.mark.parametrize(
    "data",
    [
        wav((WAVE * 128 + 128).astype(np.uint8).tobytes(), bits=8),
        wav((WAVE * 2**15).astype("<i2").tobytes()),
        wav(bytes_24(WAVE), bits=24),
        wav((WAVE * 2**31).astype("<i4").tobytes(), bits=32),
        wav(WAVE.astype("<f4").tobytes(), bits=32, coding=3),
        wav(bytes_24(WAVE), bits=24, coding=0xFFFE, more=bytes(8) + (1).to_bytes(2, "little") + bytes(14)),
    ],
    ids=["8", "16", "24", "32", "float", "extensible"],
)  # fmt: skip
def test_every_usual_kind_is_read(data: bytes) -> None:
    speech = read_wav(data)
    assert speech.rate == 48_000
    assert np.allclose(speech.samples, WAVE, atol=0.01)


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"OggS and more", "this is no WAV"),
        (wav(b"", bits=0), "expected 8, 16, 24 or 32-bit"),
        (wav(b"\0\0", channels=0), "found 48000 Hz and 0 channels"),
        (wav(b"\0\0", rate=4_000_000), "found 4000000 Hz and 1 channels"),
        (wav(b"\0\0", coding=85), "found coding 85 with 16 bits"),
        (wav(b"\0\0", bits=12), "found coding 1 with 12 bits"),
        (wav(np.array([np.nan, 1], "<f4").tobytes(), bits=32, coding=3), "samples that are no numbers"),
        (b"RIFF\0\0\0\0WAVEfmt \xff\xff\xff\xff", "this WAV holds no sound"),
    ],
)
def test_what_cannot_be_played_is_told_in_a_sentence(data: bytes, complaint: str) -> None:
    with pytest.raises(SpeechFailed, match=complaint):
        read_wav(data)


@given(st.binary(max_size=200), st.integers(0, 80))
def test_whatever_the_bytes_it_is_sound_or_refused(junk: bytes, at: int) -> None:
    data = wav((WAVE * 2**15).astype("<i2").tobytes())
    with suppress(SpeechFailed):
        read_wav(data[:at] + junk + data[at + len(junk) :])
