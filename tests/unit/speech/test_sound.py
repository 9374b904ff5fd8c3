import stat
import wave
from pathlib import Path

import numpy as np
import pytest

from speech.engine import Speech, SpeechFailed
from speech.sound import (
    CEILING,
    LEVEL_DB,
    RATE,
    WIDE_RATE,
    for_telephone,
    for_telephones,
    level_db,
    silence,
    true_peak,
)
from speech.wav import read_wav, write_wav
from tests.unit.speech.fake import tone


def wav(samples: np.ndarray, rate: int = 16_000, channels: int = 1) -> bytes:
    """A WAV as programs make it that write to a pipe: the length is not told rightly."""
    form = b"".join(
        n.to_bytes(size, "little")
        for n, size in ((1, 2), (channels, 2), (rate, 4), (rate * 2 * channels, 4), (2 * channels, 2), (16, 2))
    )
    length = (0x7FFFF000).to_bytes(4, "little")
    return b"RIFF" + length + b"WAVEfmt " + (16).to_bytes(4, "little") + form + b"data" + length + samples.tobytes()


@pytest.mark.parametrize("size", [0.01, 0.1, 0.5, 1.0])
def test_every_sound_comes_out_equally_loud(size: float):
    assert level_db(for_telephone(tone(size=size))) == pytest.approx(LEVEL_DB, abs=0.5)


def test_pauses_inside_do_not_make_a_sound_louder():
    parts = [tone(0.3).samples, np.zeros(22_050 * 2, dtype=np.float32), tone(0.3).samples]
    assert level_db(for_telephone(Speech(np.concatenate(parts), 22_050))) == pytest.approx(LEVEL_DB, abs=0.5)


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 48_000])
def test_it_lasts_as_long_at_the_telephones_rate(rate: int):
    assert len(for_telephone(tone(1.0, rate=rate))) == pytest.approx(RATE, abs=RATE * 0.06)


def test_silence_at_the_ends_is_cut_away_but_for_a_breath():
    assert len(for_telephone(tone(0.5, around_s=2.0))) == pytest.approx(RATE * 0.5, abs=RATE * 0.15)


def test_the_pitch_stays():
    spectrum = np.abs(np.fft.rfft(for_telephone(tone(1.0, 440))[:RATE]))
    assert np.argmax(spectrum) * RATE / min(RATE, len(for_telephone(tone(1.0, 440)))) == pytest.approx(440, rel=0.1)


def test_single_loud_peaks_are_pressed_below_the_ceiling():
    peaky = tone(1.0, size=0.02).samples.copy()
    peaky[10_000:10_050] = 1.0
    assert np.abs(for_telephone(Speech(peaky, 22_050))).max() <= CEILING * 32768


def test_no_peak_goes_over_the_ceiling_between_the_samples_either():
    rng = np.random.default_rng(7)
    noisy = Speech(np.sign(rng.standard_normal(22_050)).astype(np.float32), 22_050)
    for rate, samples in for_telephones(noisy).items():
        assert true_peak(samples.astype(np.float32) / 32768, rate) <= CEILING + 0.01


def test_it_comes_at_the_rate_of_wideband_telephones_too_and_equally_loud():
    sounds = for_telephones(tone(1.0, size=0.05))
    assert len(sounds[WIDE_RATE]) == 2 * len(sounds[RATE])
    assert level_db(sounds[WIDE_RATE], WIDE_RATE) == pytest.approx(level_db(sounds[RATE]), abs=0.5)


def test_there_is_silence_at_both_ends_so_that_nothing_is_cut():
    for rate, samples in for_telephones(tone(0.5)).items():
        breath = rate * 15 // 1000
        assert not samples[:breath].any() and not samples[-breath:].any()


def test_it_begins_and_ends_without_a_click():
    sound = for_telephone(tone(0.5))
    assert (abs(int(sound[0])), abs(int(sound[-1]))) == (0, 0)


@pytest.mark.parametrize("samples", [np.zeros(8_000, dtype=np.float32), np.zeros(0, dtype=np.float32)])
def test_silence_is_no_speech(samples: np.ndarray):
    with pytest.raises(SpeechFailed):
        for_telephone(Speech(samples, 22_050))


def test_a_very_short_sound_survives():
    assert len(for_telephone(tone(0.003))) > 0


def test_what_is_written_is_a_telephone_wav_that_asterisk_may_read(tmp_path: Path):
    file = tmp_path / "a" / "b.wav"
    write_wav(file, for_telephone(tone(0.5)))
    with wave.open(str(file)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (8_000, 1, 2)
        assert sound.getnframes() == len(for_telephone(tone(0.5)))
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert list(file.parent.iterdir()) == [file]


def test_a_sound_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path):
    (tmp_path / "taken.wav").mkdir()
    with pytest.raises(OSError):
        write_wav(tmp_path / "taken.wav", silence(0.1))
    assert [path.name for path in tmp_path.iterdir()] == ["taken.wav"]


def test_a_wav_whose_length_is_not_told_rightly_is_read_to_its_end():
    speech = read_wav(wav(np.full(100, 16_384, dtype="<i2")))
    assert (speech.rate, len(speech.samples), speech.samples[0]) == (16_000, 100, 0.5)


def test_two_channels_are_mixed():
    speech = read_wav(wav(np.array([16_384, 0] * 50, dtype="<i2"), channels=2))
    assert (len(speech.samples), speech.samples[0]) == (50, 0.25)


@pytest.mark.parametrize(
    "data", [b"", b"MP3", b"RIFF....WAVE", wav(np.zeros(4, "<i2"))[:30], wav(np.zeros(4, "<i2"), 1)]
)
def test_what_is_no_telephone_sound_is_refused(data: bytes):
    with pytest.raises(SpeechFailed):
        read_wav(data)
