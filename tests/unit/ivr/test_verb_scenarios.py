"""Each verb's example is played by the scenarios in verbs/VERB/: every exit of the verb is taken."""

from pathlib import Path

import pytest

from core.files import Faults
from ivr.coverage import coverage
from ivr.load import load_flows
from ivr.rehearsal import rehearse
from ivr.scenario import load_scenarios
from ivr.verbs import VERBS
from tests.unit.ivr.flows import SUB_FLOW, source_of

FOLDER = Path(__file__).parent / "verbs"


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_the_scenarios_of_a_verb_take_every_step_and_exit_of_its_example(verb: str) -> None:
    faults = Faults()
    flows = load_flows({"essai.yaml": source_of(VERBS[verb].example), "identification.yaml": SUB_FLOW}, faults)
    sources = {path.name: path.read_bytes() for path in (FOLDER / verb).glob("*.yaml")}
    rehearsals = [rehearse(scenario) for scenario in load_scenarios(sources, flows, faults)]
    assert not faults.found, "\n".join(map(str, faults.found))
    for rehearsal in rehearsals:
        assert rehearsal.divergence is None, (str(rehearsal.divergence), rehearsal.dialogue)
    (found,) = coverage([flows.by_name["essai"]], rehearsals)
    assert (list(found.missing_steps), list(found.missing_exits)) == ([], [])
