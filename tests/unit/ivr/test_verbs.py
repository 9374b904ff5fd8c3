"""Every verb is documented, has an example, and the example can be played to its end."""

import pytest

from ivr.acts import WAITS, Answer, Done, Enqueue, Gather, Hangup, Input, LeftQueue, Pressed, Say, Started
from ivr.engine import advance, begin
from ivr.model import Flow
from ivr.session import Session
from ivr.verbs import VERBS
from tests.unit.ivr.flows import flow_of


def start(flow: Flow, **caller: str | int | bool) -> Session:
    return begin(flow, call="c1", version="v1", caller=caller, dialled="3939")


def answer_to(act: object) -> Input:
    """Some answer that the act may get."""
    match act:
        case Gather(digits=asked) if asked.most == 10:
            return Pressed("1234567889", complete=True)
        case Gather():
            return Pressed("", complete=False)
        case Enqueue():
            return LeftQueue("answered")
        case Answer():
            return Done({"text": "À la mairie.", "language": "fr"})
        case _ if isinstance(act, WAITS):
            return Done()
    raise AssertionError(f"a turn cannot end in {act!r}")


WORDS = """
    say play menu ask answer hours lookup branch set language queue callback voicemail transfer record sms flow survey
    hangup
"""


def test_the_verbs_of_the_language_are_there() -> None:
    assert set(VERBS) == set(WORDS.split())


@pytest.mark.parametrize("word", sorted(VERBS))
def test_every_verb_says_what_it_does(word: str) -> None:
    assert VERBS[word].__doc__
    assert word in VERBS[word].model_fields


@pytest.mark.parametrize("word", sorted(VERBS))
def test_every_verbs_example_shows_it_and_plays_to_the_end(word: str) -> None:
    flow = flow_of(VERBS[word].example)
    session = start(flow, contacts=1, number="+33612345678")
    turn = advance(flow, session, Started())
    while turn.acts[-1] != Hangup():
        turn = advance(flow, session, answer_to(turn.acts[-1]))
    assert not turn.failed
    assert word in {type(flow.steps[name]).__module__.rpartition(".")[2] for name in session.path if name in flow.steps}


CASE = """
    dossier:
      ask: Votre dossier ?
      digits: {least: 2, most: 4, end: "#"}
      save: case_number
      then: suite
      otherwise: hangup
    suite:
      say: "{case_number}"
      then: hangup
"""


@pytest.mark.parametrize("digits", ["12", "1234", "0000"])
def test_a_number_of_the_right_length_is_kept_as_text(digits: str) -> None:
    flow = flow_of(CASE)
    session = start(flow)
    advance(flow, session, Started())
    turn = advance(flow, session, Pressed(digits))
    assert isinstance(turn.acts[0], Say)
    assert turn.acts[0].prompts[0].text == digits
    assert session.variables["case_number"] == digits


@pytest.mark.parametrize("digits", ["1", "12345", "12#4", "١٢٣", ""])
def test_anything_else_is_asked_for_again_and_then_the_other_exit_is_taken(digits: str) -> None:
    flow = flow_of(CASE)
    session = start(flow)
    first = advance(flow, session, Started())
    assert advance(flow, session, Pressed(digits)).acts == first.acts
    assert advance(flow, session, Pressed(digits)).acts == (Hangup(),)
    assert "case_number" not in session.variables


def test_digits_are_collected_as_the_step_says() -> None:
    flow = flow_of(CASE)
    (gather,) = advance(flow, start(flow), Started()).acts
    assert isinstance(gather, Gather)
    digits = gather.digits
    assert (digits.least, digits.terminator) == (2, "#")
    assert digits.most == 5, "one more than the longest, since the flow told the caller to press hash"
    assert (digits.first_ms, digits.next_ms) == (7_000, 3_000)


def test_a_language_is_kept_for_the_rest_of_the_call() -> None:
    flow = flow_of("""
        anglais:
          language: en
          then: bonjour
        bonjour:
          menu: {fr: Tapez 1., en: Press 1.}
          choices: {1: fin}
          otherwise: fin
        fin:
          hangup: {fr: Au revoir., en: Goodbye.}
    """)
    session = start(flow)
    advance(flow, session, Started())
    (farewell, _) = advance(flow, session, Pressed("1")).acts
    assert isinstance(farewell, Say)
    assert farewell.prompts[0].text == "Goodbye."
    assert farewell.prompts[0].language == "en"


def test_values_that_a_flow_sets_decide_its_branches() -> None:
    flow = flow_of("""
        note:
          set: {topic: voirie, tries: 2, urgent: false}
          then: selon
        selon:
          branch:
            - when: urgent
              then: hangup
            - when: topic == "voirie" and tries >= 2
              then: oui
          otherwise: hangup
        oui:
          hangup: Oui.
    """)
    session = start(flow)
    advance(flow, session, Started())
    assert session.path == ["note", "selon", "oui"]
