"""Whatever flow is accepted, and whatever the caller does: every turn ends in a wait or in the end, nothing raises, and
a call that is stored and taken over at each wait goes on exactly as one that is not."""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.files import Faults
from ivr.acts import Enqueue, Gather, Hangup, Input, LeftQueue, Pressed, Started
from ivr.engine import advance, again, begin
from ivr.load import load_flows
from ivr.model import Flow
from ivr.session import Session

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

steps = st.one_of(
    st.fixed_dictionaries({"say": texts, "then": exits}),
    st.fixed_dictionaries(
        {"menu": texts, "choices": st.dictionaries(keys, exits, min_size=1, max_size=4), "otherwise": exits},
        optional={"attempts": st.integers(1, 4), "timeout": st.sampled_from(["5s", "1500ms"])},
    ),
    st.fixed_dictionaries({"ask": texts, "digits": digits, "save": names, "then": exits, "otherwise": exits}),
    st.fixed_dictionaries({"branch": ways, "otherwise": exits}),
    st.fixed_dictionaries({"set": st.dictionaries(names, values, min_size=1), "then": exits}),
    st.fixed_dictionaries({"queue": st.just("accueil"), "answered": exits, "otherwise": exits}),
    st.fixed_dictionaries({"language": st.sampled_from(["fr", "en"]), "then": exits}),
    st.fixed_dictionaries({"hangup": texts}),
)
inputs = st.one_of(
    st.just(Started()),
    st.builds(Pressed, st.text("0123456789*#Dé", max_size=6), st.booleans()),
    st.builds(LeftQueue, st.sampled_from(["answered", "unanswered"]), st.just("")),
)
callers = st.fixed_dictionaries(
    {}, optional={"name": st.text(max_size=5), "contacts": st.integers(0, 3), "withheld": st.booleans()}
)


@st.composite
def flows(draw: st.DrawFn) -> Flow:
    data: dict[str, Any] = {
        "flow": "essai",
        "languages": ["fr", "en"],
        "start": draw(st.sampled_from(STEPS)),
        "steps": {name: draw(steps) for name in STEPS},
    }
    faults = Faults()  # JSON is YAML
    loaded = load_flows({"essai.yaml": json.dumps(data).encode()}, faults)
    assert not faults.found, faults.found
    return loaded.by_name["essai"]


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
        assert isinstance(turn.acts[-1], Gather | Enqueue | Hangup)
        assert here.ended == (turn.acts[-1] == Hangup())
        assert not any(isinstance(act, Gather | Enqueue | Hangup) for act in turn.acts[:-1])
        elsewhere = taken_over(elsewhere)
        if not here.ended:
            assert again(flow, elsewhere).acts == turn.acts[-1:]
        elsewhere = taken_over(here)
