import asyncio
import os
from pathlib import Path

import pytest

from core.clock import HandClock
from ivr.acts import Prompt
from speech.folder import SoundFolder
from speech.recordings import place_and_key, recording_file, recording_key
from speech.sound import RATE, for_telephone, silence
from speech.text import MOST_TEXT, speakable
from speech.voice import TRIED_AGAIN_MS, Voice
from speech.wav import write_wav
from tests.unit.speech.fake import FakeEngine, tone

HELLO = Prompt("Bonjour.", "fr")


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def voice(engine: FakeEngine, tmp_path: Path) -> Voice:
    return Voice(engine, tmp_path / "sounds")


def file(sound: str) -> Path:
    return Path(f"{sound}.wav")


async def test_a_sound_is_a_path_without_ending_to_a_file_that_is_there(voice: Voice, tmp_path: Path):
    sound = await voice.sound(HELLO)
    assert Path(sound).parent == tmp_path / "sounds"
    assert file(sound).stat().st_size > 1_000


async def test_asked_fifty_times_at_once_a_text_is_rendered_once(voice: Voice, engine: FakeEngine):
    sounds = await asyncio.gather(*(voice.sound(HELLO) for _ in range(50)))
    assert len(set(sounds)) == 1
    assert engine.spoken == [("Bonjour.", "fr")]


async def test_a_rendered_text_outlives_the_process(voice: Voice, engine: FakeEngine, tmp_path: Path):
    before = await voice.sound(HELLO)
    again = FakeEngine()
    assert await Voice(again, tmp_path / "sounds").sound(HELLO) == before
    assert again.spoken == []


async def test_a_known_sound_is_given_without_a_look_at_the_disk(voice: Voice):
    sound = await voice.sound(HELLO)
    file(sound).unlink()
    assert await voice.sound(HELLO) == sound


async def test_texts_languages_and_voices_have_sounds_of_their_own(voice: Voice, tmp_path: Path):
    other = Voice(FakeEngine("another"), tmp_path / "sounds")
    sounds = [await voice.sound(HELLO), await voice.sound(Prompt("Bonjour!", "fr"))]
    sounds += [await voice.sound(Prompt("Bonjour.", "en")), await other.sound(HELLO)]
    assert len(set(sounds)) == 4


async def test_half_a_file_left_by_a_loss_of_power_is_rendered_anew(voice: Voice, engine: FakeEngine, tmp_path: Path):
    sound = await voice.sound(HELLO)
    file(sound).write_bytes(b"")
    assert await Voice(engine, tmp_path / "sounds").sound(HELLO) == sound
    assert file(sound).stat().st_size > 1_000


# --- preparing ----------------------------------------------------------------------------------------------------


async def test_preparing_renders_everything_a_few_at_a_time_and_tells_how_far_it_is(voice: Voice, engine: FakeEngine):
    told: list[tuple[int, int]] = []
    prompts = [Prompt(f"Texte {n}.", "fr") for n in range(20)]
    failed = await voice.prepare([*prompts, *prompts], lambda done, total: told.append((done, total)))
    assert (failed, len(engine.spoken), engine.most_at_once) == ([], 20, 2)
    assert told == [(n, 20) for n in range(1, 21)]


async def test_preparing_names_what_could_not_be_rendered(voice: Voice, engine: FakeEngine):
    engine.fails = {"Bonjour."}
    assert await voice.prepare([HELLO, Prompt("Au revoir.", "fr")]) == [HELLO]


# --- what goes wrong ----------------------------------------------------------------------------------------------


async def test_a_text_that_cannot_be_rendered_is_a_moment_of_silence(
    voice: Voice, engine: FakeEngine, caplog: pytest.LogCaptureFixture
):
    engine.fails = {"Bonjour."}
    sound = await voice.sound(HELLO)
    assert Path(sound).name == "unspoken"
    assert file(sound).stat().st_size == 44 + 2 * 1_600
    assert "'Bonjour.' ('fr') cannot be rendered: the tongue is tied" in caplog.text


async def test_a_failed_text_is_tried_again_only_after_a_while(engine: FakeEngine, tmp_path: Path):
    clock = HandClock()
    voice = Voice(engine, tmp_path, clock=clock)
    engine.fails = {"Bonjour."}
    await voice.sound(HELLO)
    await voice.sound(HELLO)
    assert len(engine.spoken) == 1
    engine.fails = set()
    clock.advance(TRIED_AGAIN_MS)
    assert Path(await voice.sound(HELLO)).name != "unspoken"


async def test_a_call_does_not_wait_for_a_slow_engine_but_the_next_one_has_the_sound(
    engine: FakeEngine, tmp_path: Path
):
    voice = Voice(engine, tmp_path, patience_s=0.01)
    engine.held.clear()
    assert Path(await voice.sound(HELLO)).name == "unspoken"
    engine.held.set()
    assert await voice.prepare([HELLO]) == []
    assert Path(await voice.sound(HELLO)).name != "unspoken"
    assert len(engine.spoken) == 1


async def test_one_caller_hanging_up_does_not_end_the_rendering_for_the_others(voice: Voice, engine: FakeEngine):
    engine.held.clear()
    gone, stays = asyncio.create_task(voice.sound(HELLO)), asyncio.create_task(voice.sound(HELLO))
    while not engine.spoken:  # noqa: ASYNC110 — the engine is reached through a thread
        await asyncio.sleep(0.001)
    gone.cancel()
    engine.held.set()
    assert Path(await stays).name != "unspoken"


async def test_a_folder_that_cannot_be_written_costs_no_call(engine: FakeEngine, tmp_path: Path):
    (tmp_path / "sounds").write_text("a file where the folder should be")
    assert Path(await Voice(engine, tmp_path / "sounds").sound(HELLO)).name == "unspoken"


@pytest.mark.parametrize("text", ["", "  \n", "\x00\x07\u202e"])
async def test_a_text_without_anything_to_say_never_reaches_the_engine(voice: Voice, engine: FakeEngine, text: str):
    assert Path(await voice.sound(Prompt(text, "fr"))).name == "unspoken"
    assert engine.spoken == []


@pytest.mark.parametrize("language", ["", "../../etc", "-w/tmp/x", "fr\x00", "FR fr"])
async def test_what_is_no_language_never_reaches_the_engine(voice: Voice, engine: FakeEngine, language: str):
    assert Path(await voice.sound(Prompt("Bonjour.", language))).name == "unspoken"
    assert engine.spoken == []


async def test_closing_leaves_no_task_behind(voice: Voice, engine: FakeEngine):
    engine.held.clear()
    waiting = asyncio.create_task(voice.sound(HELLO))
    while not engine.spoken:  # noqa: ASYNC110 — the engine is reached through a thread
        await asyncio.sleep(0.001)
    await voice.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert engine.at_once == 0


# --- texts --------------------------------------------------------------------------------------------------------


def test_a_text_is_one_clean_line_of_bounded_length():
    assert speakable(" Bonjour,\n\tvous\x00 \u202eêtes\ud800 bien là. ") == "Bonjour, vous êtes bien là."
    assert len(speakable("a" * 100_000)) == MOST_TEXT


# --- recordings ---------------------------------------------------------------------------------------------------


def record(folder: Path, prompt: Prompt, seconds: float) -> Path:
    path = folder / recording_file(prompt, "accueil/sujet")
    write_wav(path, for_telephone(tone(seconds)))
    return path


async def test_a_recording_wins_over_the_engine_and_is_made_fit_for_the_telephone(
    voice: Voice, engine: FakeEngine, tmp_path: Path
):
    record(tmp_path / "prompts", HELLO, 2.0)
    await voice.use_recordings(tmp_path / "prompts")
    sound = await voice.sound(HELLO)
    assert engine.spoken == []
    assert Path(sound).parent == tmp_path / "sounds"
    assert file(sound).stat().st_size == pytest.approx(2 * 2 * 8_000, rel=0.1)


async def test_new_recordings_are_heard_at_once_and_others_stay(voice: Voice, engine: FakeEngine, tmp_path: Path):
    other = Prompt("Merci.", "fr")
    spoken = [await voice.sound(HELLO), await voice.sound(other)]
    record(tmp_path / "first", HELLO, 1.0)
    await voice.use_recordings(tmp_path / "first")
    first = [await voice.sound(HELLO), await voice.sound(other)]
    record(tmp_path / "second", HELLO, 2.0)
    await voice.use_recordings(tmp_path / "second")
    second = [await voice.sound(HELLO), await voice.sound(other)]
    await voice.use_recordings(tmp_path / "nothing")
    assert len({spoken[0], first[0], second[0]}) == 3
    assert {spoken[1], first[1], second[1]} == {spoken[1]}
    assert await voice.sound(HELLO) == spoken[0]
    assert len(engine.spoken) == 2


async def test_each_version_of_the_town_has_recordings_of_its_own(voice: Voice, engine: FakeEngine, tmp_path: Path):
    for version, seconds in (("v1", 1.0), ("v2", 2.0)):
        record(tmp_path / version, HELLO, seconds)
        await voice.use_recordings(tmp_path / version, version)
        assert await voice.prepare([HELLO], version=version) == []
    await voice.use_recordings(tmp_path / "nothing", "v3")
    first, second, third = [await voice.sound(HELLO, version) for version in ("v1", "v2", "v3")]
    assert len({first, second, third}) == 3
    assert file(second).stat().st_size > 1.5 * file(first).stat().st_size
    assert engine.spoken == [("Bonjour.", "fr")], "the third one alone"
    assert await voice.sound(HELLO) == third, "who is on no version hears the last one"


async def test_the_recording_of_another_text_is_never_heard(voice: Voice, engine: FakeEngine, tmp_path: Path):
    record(tmp_path, Prompt("Bonjour à tous.", "fr"), 2.0)
    await voice.use_recordings(tmp_path)
    await voice.sound(HELLO)
    assert engine.spoken == [("Bonjour.", "fr")]


async def test_a_link_out_of_the_folder_is_no_recording(voice: Voice, engine: FakeEngine, tmp_path: Path):
    outside = record(tmp_path / "elsewhere", HELLO, 2.0)
    inside = tmp_path / "prompts" / "fr" / outside.name
    inside.parent.mkdir(parents=True)
    inside.symlink_to(outside)
    await voice.use_recordings(tmp_path / "prompts")
    await voice.sound(HELLO)
    assert engine.spoken == [("Bonjour.", "fr")]


async def test_a_recording_that_is_no_wav_is_logged_and_the_engine_speaks(
    voice: Voice, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    recorded = tmp_path / "fr" / f"{recording_key(HELLO)}.wav"
    recorded.parent.mkdir()
    recorded.write_bytes(b"an mp3")
    await voice.use_recordings(tmp_path)
    assert Path(await voice.sound(HELLO)).name != "unspoken"
    assert f"the recording {recorded} is not used: this is no WAV" in caplog.text


def test_a_recordings_name_depends_on_what_is_said_alone():
    assert recording_key(HELLO) == recording_key(Prompt(" Bonjour. ", "fr"))
    assert recording_key(HELLO) != recording_key(Prompt("Bonjour.", "en"))


# --- what is kept -------------------------------------------------------------------------------------------------


def test_the_longest_unused_sounds_go_first_and_those_in_use_stay(tmp_path: Path):
    folder = SoundFolder(tmp_path)
    for age, key in enumerate(("newest", "middle", "old", "oldest")):
        folder.put(key, {RATE: silence(0.1)})
        os.utime(tmp_path / f"{key}.wav", (1_000_000 - age, 1_000_000 - age))
    (tmp_path / "notes.txt").touch()
    assert folder.sweep(2, keep={folder.path("oldest")}) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["newest.wav", "notes.txt", "oldest.wav"]


async def test_the_folder_does_not_grow_for_ever(engine: FakeEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("speech.voice.SWEEP_EVERY", 5)
    voice = Voice(engine, tmp_path, cache_size=10)
    for n in range(100):
        await voice.sound(Prompt(f"Votre dossier {n} est traité.", "fr"))
    assert len(list(tmp_path.glob("*.wav"))) <= 10 + 5
    assert {path.stem for path in tmp_path.glob("*.wav16")} <= {path.stem for path in tmp_path.glob("*.wav")}


def test_a_recordings_file_is_named_for_people_and_for_us():
    assert recording_file(HELLO, "Accueil/sujet: menu") == f"fr/accueil-sujet-menu-{recording_key(HELLO)}.wav"
    assert place_and_key(f"accueil-sujet-{recording_key(HELLO)}") == ("accueil-sujet", recording_key(HELLO))
    assert place_and_key("bienvenue") is None
