"""The town's own sound files."""

import logging
import os
from pathlib import Path

import pytest

from speech.prompts import TownSounds
from speech.wav import read_wav, write_wav
from tests.unit.speech.fake import tone


def file(path: Path, hertz: float = 440) -> Path:
    write_wav(path, (tone(0.5, hertz, rate=8_000).samples * 32767).astype("int16"))
    return path


def seconds(sound: str | None) -> float:
    assert sound is not None
    speech = read_wav(Path(f"{sound}.wav").read_bytes())
    return len(speech.samples) / speech.rate


@pytest.fixture
def town(tmp_path: Path) -> Path:
    (tmp_path / "prompts/fr").mkdir(parents=True)
    return tmp_path / "prompts"


@pytest.fixture
def sounds(town: Path, tmp_path: Path) -> TownSounds:
    return TownSounds(town, tmp_path / "played")


async def test_a_file_of_the_callers_language_wins(town: Path, sounds: TownSounds) -> None:
    file(town / "welcome.wav", 440)
    anyones = await sounds.sound("welcome", "fr")
    file(town / "fr/welcome.wav", 880)
    french, english = await sounds.sound("welcome", "fr"), await sounds.sound("welcome", "en")
    assert anyones == english != french
    assert seconds(french) == pytest.approx(0.5, abs=0.05)


async def test_a_file_that_changes_is_heard_at_once(town: Path, sounds: TownSounds) -> None:
    before = await sounds.sound("welcome", "fr") if file(town / "welcome.wav", 440) else None
    os.utime(file(town / "welcome.wav", 880), ns=(1, 1))
    assert await sounds.sound("welcome", "fr") != before


async def test_a_file_that_is_not_there_is_none(sounds: TownSounds) -> None:
    assert await sounds.sound("welcome", "fr") is None


async def test_what_is_no_sound_is_told_and_not_played(
    town: Path, sounds: TownSounds, caplog: pytest.LogCaptureFixture
) -> None:
    (town / "welcome.wav").write_bytes(b"no sound")
    with caplog.at_level(logging.ERROR):
        assert await sounds.sound("welcome", "fr") is None
    assert "this is no WAV" in caplog.text


async def test_nothing_outside_the_folder_is_played(town: Path, sounds: TownSounds) -> None:
    outside = file(town.parent / "secret.wav")
    (town / "link.wav").symlink_to(outside)
    assert await sounds.sound("../secret", "fr") is None
    assert await sounds.sound("link", "fr") is None
