import asyncio
import sys
import wave
from pathlib import Path

import numpy as np
import pytest

from app.install.native import Native
from ivr.acts import Prompt
from speech.engine import Speech, SpeechFailed
from speech.espeak import Espeak
from speech.sound import LEVEL_DB, level_db
from speech.voice import Voice

WELCOME = Prompt("Bonjour, vous êtes bien au service public de la ville.", "fr")
ROADS = Prompt("For roads, press two.", "en")
LONG = Prompt("Pour un acte d'état civil, tapez 1. Pour la voirie, tapez 2. Pour parler à un agent, tapez 0.", "fr")
SHORT = Prompt("Merci.", "fr")


def heard(sound: str) -> np.ndarray:
    with wave.open(f"{sound}.wav") as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8_000, 1, 2)
        return np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")


class Counted(Espeak):
    """The real engine, and how often it was asked."""

    times = 0

    async def speak(self, text: str, language: str) -> Speech:
        self.times += 1
        return await super().speak(text, language)


def program(code: str) -> list[str]:
    """A command that runs these lines of Python in place of espeak-ng."""
    return [sys.executable, "-c", code]


@pytest.fixture
def espeak(native: Native) -> Counted:
    return Counted(native.command("espeak-ng"))


@pytest.mark.native
@pytest.mark.parametrize("prompt", [WELCOME, ROADS, LONG, SHORT])
async def test_a_prompt_is_heard_at_the_level_of_all_others(espeak: Counted, tmp_path: Path, prompt: Prompt):
    samples = heard(await Voice(espeak, tmp_path).sound(prompt))
    assert abs(level_db(samples) - LEVEL_DB) < 1.5
    assert 0.2 < len(samples) / 8_000 < 12


@pytest.mark.native
async def test_a_prompt_asked_for_fifty_times_is_rendered_once(espeak: Counted, tmp_path: Path):
    voice = Voice(espeak, tmp_path)
    assert len(set(await asyncio.gather(*(voice.sound(WELCOME) for _ in range(50))))) == 1
    assert espeak.times == 1


@pytest.mark.native
async def test_languages_sound_different(espeak: Counted, tmp_path: Path):
    voice = Voice(espeak, tmp_path)
    french, english = [heard(await voice.sound(Prompt("Bonjour, press two.", language))) for language in ("fr", "en")]
    assert not np.array_equal(french, english)


@pytest.mark.native
@pytest.mark.parametrize(
    "text",
    [
        "-w /tmp/owned.wav",
        "--version",
        "[[f00]] bonjour",
        "<speak>bonjour</speak> & 'quoted' \"$(id)\" `id`",
        "1 234,50 €",
    ],
)
async def test_a_hostile_text_is_only_spoken(espeak: Counted, tmp_path: Path, text: str):
    sound = await Voice(espeak, tmp_path / "sounds").sound(Prompt(text, "fr"))
    assert Path(sound).name != "unspoken"
    assert len(heard(sound)) > 1_000


@pytest.mark.native
async def test_a_language_that_espeak_does_not_know_is_said_so(espeak: Counted):
    with pytest.raises(SpeechFailed, match="voice does not exist"):
        await espeak.speak("bonjour", "zz")


async def test_a_program_that_is_not_there_is_a_clear_failure():
    with pytest.raises(SpeechFailed, match="cannot be started"):
        await Espeak(["/nowhere/espeak-ng"]).speak("bonjour", "fr")


async def test_a_program_that_hangs_is_ended():
    with pytest.raises(SpeechFailed, match="longer than"):
        await Espeak(program("import time; time.sleep(600)"), limit_s=0.2).speak("bonjour", "fr")


async def test_a_program_that_fails_is_a_failure_with_its_last_words():
    with pytest.raises(SpeechFailed, match="ended with 3: no voice today"):
        await Espeak(program("import sys; print('no voice today', file=sys.stderr); sys.exit(3)")).speak(
            "bonjour", "fr"
        )
