"""Whatever flow is accepted, and whatever the caller does: every turn ends in a wait or in the end, nothing raises, and
a call that is stored and taken over at each wait goes on exactly as one that is not."""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.files import Faults
from ivr.acts import BEFORE, WAITS, Done, Hangup, Input, LeftQueue, Pressed, Refused, Started
from ivr.engine import advance, again, begin
from ivr.load import load_flows
from ivr.model import Flow
from ivr.session import Session
from ivr.verbs import VERBS
from tests.unit.ivr.flows import SUB_FLOW

STEPS = [f"pas-{number}" for number in range(8)]
exits = st.sampled_from([*STEPS, "hangup"])
names = st.sampled_from(["topic", "tries", "case_number"])
texts = st.sampled_from(["Bonjour.", "Vous, {caller.name}.", {"fr": "{dialled}", "en": "{language} {caller.contacts}"}])
values = st.one_of(st.booleans(), st.integers(-5, 5), st.sampled_from(["voirie", "12", "no", "010"]))
conditions = st.sampled_from(
    [
        "caller.contacts > 1",
        'dialled == "3939"',
        "caller.withheld",
        'not language in ["fr"]',
        "caller.contacts < 1 or true",
    ]
)
ways = st.lists(st.fixed_dictionaries({"when": conditions, "then": exits}), min_size=1, max_size=3)
digits = st.sampled_from([{"length": 3}, {"most": 4}, {"least": 2, "most": 5, "end": "#"}])
keys = st.sampled_from([*"0123456789*#", "12", "345"])
replies = st.one_of(texts, st.lists(texts, min_size=1, max_size=3))
counts = st.one_of(
    st.integers(1, 4), st.fixed_dictionaries({"nothing": st.integers(1, 3), "invalid": st.integers(1, 3)})
)
asking = {
    "attempts": counts,
    "timeout": st.sampled_from(["5s", "1500ms"]),
    "between": st.just("2s"),
    "nothing": replies,
    "invalid": replies,
    "barge_in": st.booleans(),
    "person": st.one_of(exits, st.just(False)),
    "repeat": st.booleans(),
}
operands = st.sampled_from(["dialled", "caller.number", "'\"x\"'", 3, True])
bounded = {"longest": st.just("1m"), "silence": st.just("3s")}

STEP_OF: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "say": st.fixed_dictionaries({"say": texts, "then": exits}, optional={"barge_in": st.booleans()}),
    "play": st.fixed_dictionaries({"play": st.just("bienvenue"), "then": exits}, optional={"text": texts}),
    "menu": st.fixed_dictionaries(
        {"menu": texts, "choices": st.dictionaries(keys, exits, min_size=1, max_size=4), "otherwise": exits},
        optional=asking,
    ),
    "ask": st.fixed_dictionaries(
        {"ask": texts, "digits": digits, "save": names, "then": exits, "otherwise": exits},
        optional={
            **asking,
            "check": st.sampled_from(["luhn", "mod97", "nir"]),
            "confirm": st.booleans(),
            "more_time": st.sampled_from("7#"),
        },
    ),
    "answer": st.fixed_dictionaries({"answer": st.just("acte"), "solved": exits, "unsolved": exits}, optional=asking),
    "hours": st.fixed_dictionaries(
        {"hours": st.just("mairie"), "open": exits, "closed": exits}, optional={"otherwise": exits}
    ),
    "lookup": st.fixed_dictionaries(
        {"lookup": st.just("case"), "with": st.dictionaries(names, operands), "found": exits, "missing": exits},
        optional={"otherwise": exits, "gives": st.dictionaries(names, st.sampled_from(["text", "number", "truth"]))},
    ),
    "branch": st.fixed_dictionaries({"branch": ways, "otherwise": exits}),
    "set": st.fixed_dictionaries({"set": st.dictionaries(names, values, min_size=1), "then": exits}),
    "language": st.fixed_dictionaries({"language": st.sampled_from(["fr", "en"]), "then": exits}),
    "queue": st.fixed_dictionaries({"queue": st.just("accueil"), "answered": exits, "otherwise": exits}),
    "callback": st.fixed_dictionaries({"callback": st.just("accueil"), "then": exits, "otherwise": exits}),
    "sms": st.fixed_dictionaries({"sms": texts, "then": exits, "otherwise": exits}),
    "voicemail": st.fixed_dictionaries(
        {"voicemail": texts, "queue": st.just("accueil"), "then": exits}, optional={**bounded, "otherwise": exits}
    ),
    "record": st.fixed_dictionaries(
        {"record": texts, "notice": texts, "save": names, "then": exits, "otherwise": exits}, optional=bounded
    ),
    "transfer": st.fixed_dictionaries({"transfer": st.just("+33809401401"), "answered": exits, "otherwise": exits}),
    "survey": st.fixed_dictionaries({"survey": texts, "then": exits}, optional={**asking, "scale": st.integers(2, 9)}),
    "flow": st.fixed_dictionaries(
        {"flow": st.just("identification"), "with": st.fixed_dictionaries({"tries": st.integers(0, 3)}), "then": exits},
        optional={"save": st.dictionaries(names, st.just("case_number"), max_size=2)},
    ),
    "hangup": st.fixed_dictionaries({"hangup": texts}),
}
steps = st.one_of(*STEP_OF.values())
found = st.dictionaries(
    st.sampled_from(["text", "language", "status", "open", "next_open", "topic", "file"]),
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5)),
)
inputs = st.one_of(
    st.just(Started()),
    st.builds(Pressed, st.text("0123456789*#Dé", max_size=6), st.booleans()),
    st.builds(LeftQueue, st.sampled_from(["answered", "unanswered"]), st.just("")),
    st.builds(Done, found),
    st.builds(Refused, st.sampled_from(["missing", "unavailable", "?"])),
)
callers = st.fixed_dictionaries(
    {},
    optional={
        "number": st.just("+33612345678"),
        "name": st.text(max_size=5),
        "contacts": st.integers(0, 3),
        "withheld": st.booleans(),
    },
)


@st.composite
def flows(draw: st.DrawFn) -> Flow:
    data: dict[str, Any] = {
        "flow": "essai",
        "languages": ["fr", "en"],
        "start": draw(st.sampled_from(STEPS)),
        "person": draw(exits),
        "steps": {name: draw(steps) for name in STEPS},
    }
    faults = Faults()  # JSON is YAML
    loaded = load_flows({"essai.yaml": json.dumps(data).encode(), "sub.yaml": SUB_FLOW}, faults)
    assert not faults.found, faults.found
    return loaded.by_name["essai"]


def test_every_verb_is_among_the_random_steps() -> None:
    assert set(STEP_OF) == set(VERBS)


def taken_over(session: Session) -> Session:
    return Session.from_data(json.loads(json.dumps(session.to_data())))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(flows(), callers, st.lists(inputs, max_size=25))
def test_any_accepted_flow_survives_any_caller_and_any_takeover(
    flow: Flow, caller: dict[str, Any], given_inputs: list[Input]
) -> None:
    here = begin(flow, call="c1", version="v1", caller=caller, dialled="3939")
    elsewhere = taken_over(here)
    for given_input in [Started(), *given_inputs]:
        turn = advance(flow, here, given_input)
        assert advance(flow, elsewhere, given_input) == turn
        assert here == elsewhere
        assert isinstance(turn.acts[-1], (*WAITS, Hangup))
        assert here.ended == (turn.acts[-1] == Hangup())
        assert all(isinstance(act, BEFORE) for act in turn.acts[:-1])
        assert len(turn.steps) == len(turn.acts)
        elsewhere = taken_over(elsewhere)
        if not here.ended:
            assert again(flow, elsewhere).acts == turn.acts[-1:]
        elsewhere = taken_over(here)
