"""Each file in broken/ has what the checker says of it beside it, in a .txt: a line is LINE:COLUMN: message [rule]."""

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.install.places import CHECKOUT
from core.files import Faults
from core.yamladvice import LINE_BREAK
from ivr.load import load_flows
from ivr.rules import advice_on

BROKEN = sorted((Path(__file__).parent / "broken").glob("*.yaml"))


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_a_broken_flow_is_told_at_its_place_and_never_played(path: Path) -> None:
    faults = Faults()
    flows = load_flows({"f.yaml": path.read_bytes()}, faults)
    told = [f"{each.place.line}:{each.place.column}: {each.message} [{each.rule}]" for each in sorted(faults.found)]
    assert told == path.with_suffix(".txt").read_text().splitlines()
    assert told
    assert not flows.by_name


def test_there_are_many_of_them() -> None:
    assert len(BROKEN) >= 60


SHIPPED = (CHECKOUT / "callflows" / "accueil.yaml").read_text(encoding="utf-8").splitlines()
pieces = st.sampled_from(
    ["", "  ", "    then: sujet", "    menu: [", "  sujet:", "    say: {fr: '{x}'}", "- a", "\t", "\0", "? a"]
)
edits = st.lists(st.tuples(st.integers(0, len(SHIPPED) - 1), pieces | st.text(max_size=20)), min_size=1, max_size=4)


@settings(deadline=None)
@given(edits)
@example([(len(SHIPPED) - 1, "    menu: [")])
@example([(7, "steps:\r\r\r"), (9, "  ["), (20, "\r]")])
def test_whatever_is_edited_it_is_accepted_or_told_at_a_place_in_the_file(edits: list[tuple[int, str]]) -> None:
    lines = list(SHIPPED)
    for at, piece in edits:
        lines[at] = piece
    raw = "\n".join(lines).encode("utf-8", "surrogatepass")
    faults = Faults()
    flows = load_flows({"f.yaml": raw}, faults)
    told = [*faults.found, *advice_on(flows.town)]
    assert faults.found or flows.by_name
    assert all(
        1 <= each.place.line <= len(LINE_BREAK.split("\n".join(lines))) and each.place.column >= 1 for each in told
    )
