"""What is known of a call at a step: on every way to it, on some way, on none."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from core.files import Faults
from ivr.acts import Input, Started
from ivr.checking.knowledge import Known
from ivr.engine import advance, begin
from ivr.load import load_flows
from ivr.model import Flow
from ivr.rules import advice_on
from ivr.text import value_of
from tests.unit.ivr.flows import source_of
from tests.unit.ivr.test_any_flow import STEPS, exits, inputs

NAMES = ["topic", "case_number", "mark"]


def known_in(steps: str) -> Known:
    faults = Faults()
    flows = load_flows({"essai.yaml": source_of(steps)}, faults)
    assert not faults.found, "\n".join(map(str, faults.found))
    known = flows.town.flows["essai"].known
    assert known is not None
    return known


ASKED = """
    dossier:
      ask: Votre dossier ?
      digits: {length: 8}
      save: case_number
      then: suite
      otherwise: EXIT
    suite:
      set: {topic: voirie}
      then: fin
    fin:
      hangup: Fin.
"""


@pytest.mark.parametrize(
    ("otherwise", "step", "sure", "possible"),
    [
        ("hangup", "suite", True, True),
        ("hangup", "dossier", False, False),
        ("suite", "suite", False, True),
        ("fin", "suite", True, True),
        ("fin", "fin", False, True),
        ("dossier", "dossier", False, False),
        ("dossier", "fin", True, True),
    ],
)
def test_a_value_is_sure_when_every_way_gives_it(otherwise: str, step: str, sure: bool, possible: bool) -> None:
    known = known_in(ASKED.replace("EXIT", otherwise))
    assert known.is_sure(step, "case_number") is sure
    assert known.is_possible(step, "case_number") is possible


def test_what_every_call_has_is_sure_from_the_start() -> None:
    assert known_in(ASKED.replace("EXIT", "hangup")).is_sure("dossier", "caller.number")


DECIDED = """
    dossier:
      ask: Votre dossier ?
      digits: {length: 8}
      save: case_number
      then: selon
      otherwise: selon
    selon:
      branch:
        - when: CONDITION
          then: oui
      otherwise: non
    oui:
      say: "{case_number:digits}"
      then: hangup
    non:
      say: Non.
      then: hangup
"""


@pytest.mark.parametrize(
    ("condition", "when_it_holds", "otherwise"),
    [
        ("known(case_number)", True, False),
        ("not known(case_number)", False, True),
        ('case_number == "1"', True, False),
        ('case_number == "1" or dialled == "2"', False, False),
        ('dialled == "2" and starts(case_number, "1")', True, False),
        ('not known(case_number) or dialled == "2"', False, True),
    ],
)
def test_a_condition_tells_what_is_there_behind_it(condition: str, when_it_holds: bool, otherwise: bool) -> None:
    known = known_in(DECIDED.replace("CONDITION", condition))
    assert known.is_sure("oui", "case_number") is when_it_holds
    assert known.is_sure("non", "case_number") is otherwise


def test_the_way_to_a_person_is_a_way_too() -> None:
    raw = source_of(ASKED.replace("EXIT", "hangup")).replace(b"start:", b"person: fin\nstart:")
    faults = Faults()
    known = load_flows({"essai.yaml": raw}, faults).town.flows["essai"].known
    assert faults.found == [] and known is not None
    assert not known.is_sure("fin", "case_number")
    assert known.is_sure("suite", "case_number")


# --- against the engine -------------------------------------------------------------------------------------------

texts = st.sampled_from(["Bonjour.", "{topic}", "{case_number:digits} {mark:count}"])
conditions = st.sampled_from(
    ["known(topic)", "not known(mark)", 'topic == "a"', "mark > 1 or known(case_number)", 'not (topic != "a")',
     "known(mark) and known(topic)", 'case_number in ["1", "2"]', "caller.contacts > 0"]
)  # fmt: skip
ways = st.lists(st.fixed_dictionaries({"when": conditions, "then": exits}), min_size=1, max_size=3)
steps = st.one_of(
    st.fixed_dictionaries({"say": texts, "then": exits}),
    st.fixed_dictionaries(
        {"menu": texts, "choices": st.dictionaries(st.sampled_from("123"), exits, min_size=1), "otherwise": exits}
    ),
    st.fixed_dictionaries(
        {
            "ask": texts,
            "digits": st.just({"most": 3}),
            "save": st.just("case_number"),
            "then": exits,
            "otherwise": exits,
        }
    ),
    st.fixed_dictionaries({"branch": ways, "otherwise": exits}),
    st.fixed_dictionaries({"set": st.sampled_from([{"topic": "a"}, {"mark": 2}, {"topic": "b"}]), "then": exits}),
)


@st.composite
def checked(draw: st.DrawFn) -> tuple[Flow, Known]:
    data: dict[str, Any] = {
        "flow": "essai",
        "languages": ["fr"],
        "start": STEPS[0],
        "steps": {name: draw(steps) for name in STEPS},
    }
    data["steps"]["tout"] = {"set": {"topic": "", "mark": 0}, "then": "case"}
    data["steps"]["case"] = {
        "ask": "?",
        "digits": {"length": 1},
        "save": "case_number",
        "then": "return",
        "otherwise": "return",
    }
    faults = Faults()
    flows = load_flows({"essai.yaml": json.dumps(data).encode()}, faults)
    advice_on(flows.town)
    assume(not faults.found)
    known = flows.town.flows["essai"].known
    assert known is not None
    return flows.by_name["essai"], known


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(checked(), st.lists(inputs, max_size=15))
def test_what_is_said_to_be_sure_is_there_and_nothing_is_there_that_is_said_to_be_impossible(
    flow_and_known: tuple[Flow, Known], given_inputs: list[Input]
) -> None:
    flow, known = flow_and_known
    session = begin(flow, call="c1", version="v1", caller={"contacts": 1}, dialled="3939")
    for given_input in [Started(), *given_inputs]:
        advance(flow, session, given_input)
        if session.ended:
            return
        for name in NAMES:
            there = value_of(session, name) is not None
            assert there or not known.is_sure(session.step, name)
            assert not there or known.is_possible(session.step, name)
