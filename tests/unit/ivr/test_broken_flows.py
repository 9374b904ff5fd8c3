"""Each file in broken/ has what the checker says of it beside it, in a .txt: a line is LINE:COLUMN: message [rule]."""

from pathlib import Path

import pytest

from core.files import Faults
from ivr.load import load_flows

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
