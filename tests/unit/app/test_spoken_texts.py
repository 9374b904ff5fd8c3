"""What is rendered of a town before a call begins on it, and that its recordings go before."""

from pathlib import Path
from typing import Any

import pytest

from agi_scripts import agent
from app.engine import prepare
from app.spoken_texts import spoken_texts
from app.town import PROMPTS, Town, load_town
from ivr import words
from ivr.acts import Prompt
from speech.recordings import recording_file
from speech.sound import for_telephone
from speech.voice import Voice
from speech.wav import write_wav
from tests.unit.speech.fake import FakeEngine, tone
from tests.unit.telephony.town import flow, house_of

FLOW = """
flow: accueil
languages: [fr, en]
numbers: ["3939"]
start: bonjour
steps:
  bonjour:
    say: {fr: Bonjour., en: Hello.}
    then: sujet
  sujet:
    menu: {fr: "Tapez 1. [en:Press 9.]", en: Press 1.}
    choices: {1: acte, 9: bonjour}
    otherwise: acte
  acte:
    answer: acte
    solved: fin
    unsolved: fin
  fin:
    hangup: {fr: "Bonjour.", en: "You called {caller.contacts} times."}
"""
ANSWER = """
answer: acte
question: {fr: Comment obtenir un acte ?, en: How do I get a certificate?}
spoken: {fr: À la mairie., en: At the town hall.}
topics: [etat-civil]
owner: État civil
review: 2099-01-31
"""


@pytest.fixture
def town(tmp_path: Path) -> Town:
    folder = tmp_path / "town"
    (folder / "answers").mkdir(parents=True)
    (folder / "accueil.yaml").write_text(FLOW)
    (folder / "answers" / "acte.yaml").write_text(ANSWER)
    return load_town(folder)


def test_flows_answers_and_our_own_sentences_are_spoken_each_once(town: Town) -> None:
    lines = spoken_texts(town)
    prompts = [line.prompt for line in lines]
    assert prompts[:7] == [
        Prompt("Bonjour.", "fr"), Prompt("Hello.", "en"), Prompt("Tapez 1.", "fr"), Prompt("Press 9.", "en"),
        Prompt("Press 1.", "en"), Prompt("À la mairie.", "fr"), Prompt("At the town hall.", "en"),
    ]  # fmt: skip
    assert len(set(prompts)) == len(prompts)
    assert {*words.prompts(["fr", "en"]), *agent.prompts("fr")} <= set(prompts)


def test_a_speaker_is_told_where_each_is_heard(town: Town) -> None:
    lines = {line.prompt.text: line for line in spoken_texts(town)}
    assert (
        lines["Bonjour."].context
        == "in accueil, after the beginning of the call or 9 in sujet; also in accueil/fin/hangup"
    )
    assert lines["At the town hall."].context == "answers: How do I get a certificate?"


async def test_a_version_is_rendered_before_calls_begin_on_it_and_its_recordings_are_heard(
    town: Town, tmp_path: Path
) -> None:
    hello = Prompt("Hello.", "en")
    write_wav(town.folder / PROMPTS / recording_file(hello, "accueil/bonjour"), for_telephone(tone(1.0)))
    engine = FakeEngine()
    voice = Voice(engine, tmp_path / "sounds")
    told: list[tuple[int, int]] = []
    house: Any = house_of(flow(start={"say": "Yes.", "then": "hangup"}))
    await prepare(house, voice, town, lambda done, of: told.append((done, of)))
    rendered = set(engine.spoken)
    assert ("Hello.", "en") not in rendered
    assert {("Bonjour.", "fr"), ("Press 9.", "en"), ("À la mairie.", "fr")} <= rendered
    assert told[-1][0] == told[-1][1] == len(rendered) + 1
    before = len(engine.spoken)
    for line in spoken_texts(town):
        await voice.sound(line.prompt)
    assert len(engine.spoken) == before, "no caller waits for speech"
