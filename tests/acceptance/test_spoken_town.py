"""What citizens hear over a real SIP call, in both languages: greeting, menu, an answer, opening hours, a case's date.

The sound at the telephone is measured: each prompt is found in it, whole from its first to its last moment, and all are
equally loud."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from numpy.typing import NDArray

from app.bench.house import OwnHouse
from app.install.native import Native
from app.install.programs import find_programs
from app.town import load_town
from ivr.acts import Prompt
from ivr.engine import begin
from ivr.text import Text
from ivr.words import SOLVED
from speech.espeak import Espeak
from speech.sound import RATE, level_db
from speech.voice import Voice
from speech.wav import read_wav
from telephony.phone import PhoneCall
from telephony.phone.audio import Samples
from tests.acceptance.conftest import FIRST_PORT, LAST_PORT
from tests.acceptance.house import House, Record

TOWN = Path(__file__).parent / "spoken"
SILENCE_S = 0.8
"""More than the pause between two sentences."""
WORDS_DB = -30.0
"""Over 0.3 s: far above what counts as silence over SILENCE_S."""
PIECE = RATE // 4
FAR, NEAR = 60 * RATE, 2 * RATE
"""How much later the next prompt, or the next piece of one, may come."""
ALIKE = 0.9
QUIET = 0.05
"""Of a piece's energy: what is quieter is not like it, whatever its form."""
PARIS = ZoneInfo("Europe/Paris")
WORDS: Mapping[str, Mapping[str, str]] = {
    "fr": {"tomorrow": "demain à neuf heures", "date": "dimanche premier mars deux mille vingt-six",
           "amount": "quatre-vingt-six euros et soixante et onze centimes"},
    "en": {"tomorrow": "tomorrow at nine am", "date": "Sunday the first of March twenty twenty-six",
           "amount": "eighty-six euros and seventy-one cents"},
}  # fmt: skip
"""Written by hand."""


@pytest.fixture(scope="module")
def own_house(native: Native) -> Iterator[OwnHouse]:
    with OwnHouse(TOWN, first_port=FIRST_PORT, last_port=LAST_PORT) as own:
        yield own


def says(step: str, language: str) -> list[Prompt]:
    """What a step says in that language, with the values of this test in their places."""
    flow = load_town(TOWN).flows.by_name["essai"]
    said = next(value for value in vars(flow.steps[step]).values() if isinstance(value, Text))
    session = begin(flow, call="c", version="v", caller={}, language=language)
    words = WORDS[language]
    values = {"hours.next_open": words["tomorrow"], "closed_on": words["date"], "paid": words["amount"]}
    session.variables |= values
    return list(said.prompts(session, lambda name: pytest.fail(f"{name} has no value")))


def answer(language: str) -> list[Prompt]:
    spoken = load_town(TOWN).answers["acte-de-naissance"].spoken
    assert isinstance(spoken, dict)
    return [Prompt(spoken[language], language), Prompt(SOLVED[language], language)]


def dialogue(language: str) -> list[tuple[str, list[Prompt]]]:
    """The keys that are pressed, and what is heard after each; `!` is the emergency switch, thrown between two keys."""
    menu = says("sujet", language)
    return [
        ("1", answer(language)),
        ("1", menu),
        ("2", [*says("ouvert", language), *menu]),
        ("!2", [*says("ferme", language), *menu]),
        ("3", [*says("clos", language), *menu]),
    ]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("language", ["fr", "en"])
async def test_each_prompt_is_heard_whole_and_as_loud_as_the_others(
    house: House, language: str, record_property: Record, tmp_path: Path
) -> None:
    caller = await house.caller()
    call = await caller.dial()
    await call.answered.wait()
    assert call.answered.at is not None
    prompts = [*says("bonjour", "fr"), *says("sujet", "fr")]
    lines = dialogue(language)
    if language == "en":
        lines.insert(0, ("9", [*says("bonjour", "en"), *says("sujet", "en")]))
    try:
        for keys, heard_then in lines:
            await hear_it_out(call)
            if keys.startswith("!"):
                await asyncio.to_thread(house.own.run, "hours", "close", "mairie", "--until", tomorrow())
            await call.press(keys.removeprefix("!"))
            prompts += heard_then
        await hear_it_out(call)
        heard = call.heard.since(call.answered.at)
        heard.save(tmp_path / "heard.wav")
        await call.hang_up()
    finally:
        await asyncio.to_thread(house.own.run, "hours", "normal", "mairie")

    contact = await house.ended_contact(caller.number)
    files = await files_of(prompts, house)
    # Where the caller leaves during a question, what would have come next is told too.
    assert sounds_played(house, contact["id"])[: len(files)] == [file.name for file in files]
    levels = {}
    begin = 0
    for prompt, file in zip(prompts, files, strict=True):
        wanted = np.round(read_wav(file.with_suffix(".wav").read_bytes()).samples * 32768)
        found = pieces_in(heard.samples, wanted, begin)
        assert found[0][1] > ALIKE, f"{prompt.text!r} is cut at its beginning"
        assert found[-1][1] > ALIKE, f"{prompt.text!r} is cut at its end"
        alike = sum(likeness > ALIKE for _, likeness in found) / len(found)
        assert alike >= 0.8, f"{prompt.text!r} is heard as it was made: {alike:.0%}"
        first, begin = found[0][0], found[-1][0] + PIECE
        levels[prompt.text] = level_db(heard.samples[first:begin])
    assert all(level > -40 for level in levels.values()), "nothing is silent"
    spread = max(levels.values()) - min(levels.values())
    record_property("level_spread_db", round(spread, 2))
    assert spread <= 3, levels


async def hear_it_out(call: PhoneCall) -> None:
    """Until words came and are over. A first soft breath is not enough: with the silence before it, it is none."""
    await call.wait_heard(lambda audio: audio.level > WORDS_DB, "words", limit=20)
    await call.wait_silence(SILENCE_S, 40)


def tomorrow() -> str:
    return f"{datetime.now(PARIS) + timedelta(days=1):%Y-%m-%d}T09:00"


def sounds_played(house: House, call: str) -> list[str]:
    return [name for event in house.events("call.heard") if event["call"] == call for name in event["data"]["sounds"]]


async def files_of(prompts: Sequence[Prompt], house: House) -> list[Path]:
    """The sounds of these words, without ending."""
    settings = house.own.settings
    voice = Voice(Espeak(find_programs(settings).espeak), settings.sounds)
    try:
        return [Path(await voice.sound(prompt)) for prompt in prompts]
    finally:
        await voice.close()


def pieces_in(heard: Samples, wanted: NDArray[np.floating[Any]], begin: int) -> list[tuple[int, float]]:
    """Where each piece of a sound's voiced part is in what was heard from `begin` on, and how like it is there (1: the
    same, but for its level). A network that stalls for a moment moves the pieces after it, and spoils one."""
    loud = np.flatnonzero(np.abs(wanted) > np.abs(wanted).max() / 10)
    voiced = wanted[loud[0] : loud[-1] + 1]
    pauses = QUIET * PIECE * np.mean(voiced**2)
    inside = [at for at in range(PIECE, len(voiced) - PIECE, PIECE) if np.sum(voiced[at : at + PIECE] ** 2) > pauses]
    starts = [0, *inside, len(voiced) - PIECE]
    found = [found_in(heard, voiced[:PIECE], begin, FAR)]
    for before, start in pairwise(starts):
        after = found[-1][0] + start - before
        where, likeness = found_in(heard, voiced[start : start + PIECE], max(after - NEAR // 4, 0), NEAR)
        found.append((where if likeness > ALIKE else after, likeness))
    return found


def found_in(heard: Samples, wanted: NDArray[np.floating[Any]], begin: int, within: int) -> tuple[int, float]:
    """The first place that is like it; where none is, the most alike one."""
    rest = heard[begin : begin + len(wanted) + within].astype(np.float64)
    if len(rest) < len(wanted):
        return begin, 0.0
    size = 2 ** int(np.ceil(np.log2(len(rest) + len(wanted))))
    fits = np.fft.irfft(np.fft.rfft(rest, size) * np.conj(np.fft.rfft(wanted, size)), size)
    fits = fits[: len(rest) - len(wanted) + 1]
    energy = np.cumsum(np.concatenate([[0.0], rest**2]))
    mine = np.sum(wanted**2)
    theirs = np.maximum(energy[len(wanted) :] - energy[: len(energy) - len(wanted)], QUIET * mine)
    likeness = fits / np.sqrt(theirs * mine)
    good = int(np.flatnonzero(likeness >= min(ALIKE, likeness.max()))[0])
    at = good + int(np.argmax(likeness[good : good + RATE // 10]))
    return begin + at, float(likeness[at])
