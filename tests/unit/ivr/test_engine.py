"""Flows are played turn by turn."""

import json

import pytest

from ivr.acts import Digits, Done, Enqueue, Gather, Hangup, LeftQueue, Pressed, Prompt, Say, Started
from ivr.engine import MOST_STEPS, Turn, advance, again, begin
from ivr.model import Flow
from ivr.session import MOST_PATH, Session, Value
from ivr.verbs import VERBS


def flow(start: str, **steps: dict[str, object]) -> Flow:
    """A flow in French and English; each step is its keys, the first one the verb."""
    made = {name: VERBS[next(iter(keys))].model_validate(keys) for name, keys in steps.items()}
    return Flow("essai", "", ("fr", "en"), ("3939",), start, made)


def session_of(played: Flow, **caller: object) -> Session:
    return begin(played, call="c1", version="v1", caller=caller, dialled="3939")  # type: ignore[arg-type]


def stored(session: Session) -> Session:
    """The session as another engine finds it."""
    return Session.from_data(json.loads(json.dumps(session.to_data())))


TOWN = flow(
    "bonjour",
    bonjour={"say": {"fr": "Bonjour.", "en": "Hello."}, "then": "sujet"},
    sujet={
        "menu": {"fr": "Tapez 1.", "en": "Press 1."},
        "choices": {"1": "conseiller", "*": "bonjour"},
        "otherwise": "adieu",
    },
    conseiller={"queue": "accueil", "skills": {"accueil": 2}, "priority": 3, "answered": "merci", "otherwise": "adieu"},
    merci={"say": "Merci.", "then": "hangup"},
    adieu={"hangup": {"fr": "Au revoir.", "en": "Goodbye."}},
)


def test_a_call_is_greeted_and_given_the_menu() -> None:
    turn = advance(TOWN, session_of(TOWN), Started())
    assert turn == Turn(
        (
            Say((Prompt("Bonjour.", "fr"),)),
            Gather((Prompt("Tapez 1.", "fr"),), Digits(most=1, first_ms=7_000, next_ms=3_000)),
        )
    )


def test_a_caller_who_chose_a_queue_waits_in_it_and_is_thanked_after_the_conversation() -> None:
    session = session_of(TOWN)
    advance(TOWN, session, Started())
    turn = advance(TOWN, session, Pressed("1"))
    assert turn.acts == (Enqueue("accueil", {"accueil": 2}, 3),)
    assert turn.happened == (("call.chose", {"step": "sujet", "digits": "1", "choice": "conseiller"}),)
    assert advance(TOWN, session, LeftQueue("answered")).acts == (Say((Prompt("Merci.", "fr"),)), Hangup())
    assert session.ended
    assert session.path == ["bonjour", "sujet", "conseiller", "merci"]


def test_a_caller_who_leaves_the_line_without_an_agent_takes_the_other_exit() -> None:
    session = session_of(TOWN)
    advance(TOWN, session, Started())
    advance(TOWN, session, Pressed("1"))
    assert advance(TOWN, session, LeftQueue("unanswered", "full")).acts == (
        Say((Prompt("Au revoir.", "fr"),)),
        Hangup(),
    )


def test_a_menu_is_spoken_twice_then_the_other_exit_is_taken() -> None:
    session = session_of(TOWN)
    first = advance(TOWN, session, Started())
    second = advance(TOWN, session, Pressed("", complete=False))
    assert second.acts == first.acts[1:]
    assert session.attempts == {"nothing": 1}
    last = advance(TOWN, session, Pressed("9"))
    assert last.acts[-1] == Hangup()
    assert [data for _, data in (*second.happened, *last.happened)] == [
        {"step": "sujet", "digits": "", "choice": ""},
        {"step": "sujet", "digits": "9", "choice": "adieu"},
    ]


def test_nothing_and_nothing_valid_are_counted_apart() -> None:
    patient = flow("m", m={"menu": "?", "choices": {"1": "hangup"}, "attempts": 5, "otherwise": "hangup"})
    session = session_of(patient)
    for given in (Started(), Pressed("", False), Pressed("9"), Pressed("", True)):
        advance(patient, session, given)
    assert session.attempts == {"nothing": 1, "invalid": 2}


def test_attempts_begin_anew_when_the_caller_comes_back_to_the_menu() -> None:
    session = session_of(TOWN)
    for given in (Started(), Pressed("9"), Pressed("*")):
        advance(TOWN, session, given)
    assert session.step == "sujet"
    assert session.attempts == {}


def test_a_menu_with_long_choices_waits_for_all_digits_and_takes_hash_as_their_end() -> None:
    long = flow(
        "m", m={"menu": "?", "choices": {"12": "hangup", "3": "hangup"}, "timeout": "9s", "otherwise": "hangup"}
    )
    turn = advance(long, session_of(long), Started())
    assert turn.acts[-1].digits == Digits(most=2, terminator="#", first_ms=9_000)  # type: ignore[union-attr]


def test_another_engine_repeats_the_wait_without_counting_it() -> None:
    session = session_of(TOWN)
    advance(TOWN, session, Started())
    advance(TOWN, session, Pressed("9"))
    taken_over = stored(session)
    assert again(TOWN, taken_over).acts == (Gather((Prompt("Tapez 1.", "fr"),), Digits()),)
    assert taken_over == session


@pytest.mark.parametrize("given", [LeftQueue("answered"), Started()])
def test_an_answer_to_another_question_repeats_the_wait(given: LeftQueue | Started) -> None:
    session = session_of(TOWN)
    advance(TOWN, session, Started())
    assert advance(TOWN, session, given).acts == (Gather((Prompt("Tapez 1.", "fr"),), Digits()),)


def test_an_ended_call_stays_ended() -> None:
    session = session_of(TOWN)
    for given in (Started(), Pressed("9"), Pressed("9")):
        advance(TOWN, session, given)
    assert advance(TOWN, session, Pressed("1")) == Turn((Hangup(),))


def test_a_caller_hears_the_language_of_the_call_or_else_the_flows_first() -> None:
    assert begin(TOWN, call="c", version="v", caller={}, language="en").language == "en"
    assert begin(TOWN, call="c", version="v", caller={}, language="de").language == "fr"


def test_a_flow_that_goes_in_circles_ends_in_a_sentence_to_the_caller() -> None:
    circle = flow("a", a={"say": "Encore.", "then": "b"}, b={"say": "Et encore {caller.name}.", "then": "a"})
    session = session_of(circle)
    turn = advance(circle, session, Started())
    assert isinstance(turn.acts[0], Say)
    assert "rappeler" in turn.acts[0].prompts[0].text
    assert turn.acts[1:] == (Hangup(),)
    assert turn.happened[-1] == ("call.failed", {"step": "b", "reason": turn.failed})
    assert str(MOST_STEPS) in turn.failed
    assert len(turn.happened) < 50
    assert len(session.path) == MOST_PATH
    assert session.ended


def test_a_call_whose_step_is_gone_ends_in_a_sentence_to_the_caller() -> None:
    session = session_of(TOWN)
    session.step = "disparu"
    turn = advance(TOWN, session, Pressed("1"))
    assert "disparu" in turn.failed
    assert turn.acts[-1] == Hangup()


def test_values_are_spoken_and_a_missing_one_is_left_out_and_told() -> None:
    known = flow("a", a={"say": "Vous avez appelé {caller.contacts} fois, {caller.name}.", "then": "hangup"})
    turn = advance(known, session_of(known, contacts=3), Started())
    assert turn.acts[0] == Say((Prompt("Vous avez appelé 3 fois, .", "fr"),))
    assert turn.happened == (("call.lacked", {"step": "a", "name": "caller.name"}),)


@pytest.mark.parametrize(
    ("case", "preferred"),
    [({"agent": "sacha"}, ("sacha", 45_000)), ({"agent": "Ma voisine; rm"}, ("", 0)), ({}, ("", 0))],
)
def test_the_agent_who_knows_the_case_is_preferred(case: dict[str, Value], preferred: tuple[str, int]) -> None:
    town = flow(
        "suivi",
        suivi={"lookup": "case", "gives": {"agent": "text"}, "found": "conseiller", "missing": "conseiller"},
        conseiller={
            "queue": "accueil",
            "prefer": {"agent": "case.agent", "for": "45s"},
            "answered": "hangup",
            "otherwise": "hangup",
        },
    )
    session = session_of(town)
    advance(town, session, Started())
    [asked] = advance(town, session, Done(case)).acts
    assert isinstance(asked, Enqueue)
    assert (asked.preferred, asked.prefer_ms) == preferred
