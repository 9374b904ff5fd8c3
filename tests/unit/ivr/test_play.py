"""A call played in virtual time: what is heard, what a key stops, and a session that is stored at each wait."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivr.acts import WAITS, Answer, Digits, Done, Enqueue, Gather, Input, LeftQueue, Lookup, Pressed, Refused, Service
from ivr.model import Flow
from ivr.play import HANG_UP, Heard, Player
from ivr.world import NEXT_OPEN, OUTCOMES, PAGE, keyed, outcome
from tests.unit.ivr.flows import flow_of
from tests.unit.ivr.test_any_flow import flows, inputs

MENU = """
    bonjour:
      say: Bonjour.
      then: sujet
    sujet:
      menu: Tapez 1.
      choices: {1: file}
      otherwise: hangup
    file:
      queue: mairie
      answered: hangup
      otherwise: hangup
"""


def heard(player: Player) -> list[tuple[str, str]]:
    return [(each.step, each.text) for each in player.heard]


def test_what_is_spoken_is_heard_in_the_order_and_from_its_step() -> None:
    player = Player(flow_of(MENU))
    player.start()
    assert heard(player) == [("bonjour", "Bonjour."), ("sujet", "Tapez 1.")]
    assert isinstance(player.wait, Gather)
    player.give(Pressed("1"))
    assert isinstance(player.wait, Enqueue) and player.at == "file"
    player.give(LeftQueue("answered"))
    assert player.over and player.path == ["bonjour", "sujet", "file"]


def test_time_passes_while_something_is_spoken() -> None:
    player = Player(flow_of(MENU))
    player.start()
    assert player.heard[0].at == 0 < player.heard[1].at < player.now


def test_a_key_stops_what_is_spoken_and_the_question_too() -> None:
    player = Player(flow_of(MENU), during=lambda heard: "1" if heard.step == "bonjour" else "")
    player.start()
    assert heard(player) == [("bonjour", "Bonjour.")] and player.typed == "1"


def test_who_hangs_up_while_something_is_spoken_hears_no_more() -> None:
    player = Player(flow_of(MENU), during=lambda heard: HANG_UP)
    player.start()
    assert heard(player) == [("bonjour", "Bonjour.")] and player.over


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(flows(), st.lists(inputs, max_size=15))
def test_any_flow_can_be_played(flow: Flow, given_inputs: list[Input]) -> None:
    told: list[Heard] = []

    def during(heard: Heard) -> str:
        told.append(heard)
        return ""

    player = Player(flow, caller={"contacts": 1}, during=during)
    player.start()
    for each in given_inputs:
        if not player.over:
            player.give(each)
    assert set(told) <= set(player.heard) and sorted(each.at for each in player.heard) == [h.at for h in player.heard]


def test_every_act_that_a_call_waits_in_has_its_outcomes() -> None:
    assert {outcomes.act for outcomes in OUTCOMES.values()} | {Gather} == set(WAITS)


@pytest.mark.parametrize(
    ("act", "told", "given_input"),
    [
        (Enqueue("mairie"), "answered", LeftQueue("answered")),
        (Lookup("case"), "missing", Refused("missing")),
        (Lookup("case"), {"status": "closed"}, Done({"status": "closed"})),
        (
            Answer("acte", "fr"),
            "done",
            Done(
                {
                    "text": "(acte)",
                    "language": "fr",
                    "answer": "acte",
                    "question": "(acte)",
                    "page": PAGE,
                    "message": f"(acte) {PAGE}",
                }
            ),
        ),
        (
            Service("ccas", "fr"),
            {"open": False},
            Done({"name": "ccas", "title": "(ccas)", "open": False, "number": "3900", "next_open": NEXT_OPEN}),
        ),
    ],
)
def test_an_outcome_is_told_in_a_word_or_by_its_values(act: object, told: object, given_input: Input) -> None:
    assert outcome(act, told) == given_input  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("digits", "keys", "pressed"),
    [
        (Digits(), "1", Pressed("1")),
        (Digits(most=8, terminator="#"), "1234#", Pressed("1234")),
        (Digits(most=8, terminator="#"), "1234", Pressed("1234", complete=False)),
        (Digits(most=3), "12345", Pressed("123")),
        (Digits(terminator="#"), "#", Pressed("")),
    ],
)
def test_keys_are_taken_as_the_question_wants_them(digits: Digits, keys: str, pressed: Pressed) -> None:
    assert keyed(digits, keys) == pressed
