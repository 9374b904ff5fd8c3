"""Builders of flows for tests."""

from textwrap import dedent, indent

from core.files import Faults
from ivr.load import load_flows
from ivr.model import Flow

HEAD = """\
flow: essai
languages: [fr, en]
numbers: ["3939"]
start: {start}
steps:
"""


def source_of(steps: str) -> bytes:
    """A flow's file around steps as they stand in it; it starts at the first one."""
    steps = dedent(steps).strip("\n")
    return (HEAD.format(start=steps.split(":")[0].strip()) + indent(steps, "  ")).encode()


def flow_of(steps: str) -> Flow:
    """The flow of steps without fault."""
    faults = Faults()
    flows = load_flows({"essai.yaml": source_of(steps)}, faults)
    assert not faults.found, "\n".join(map(str, faults.found))
    return flows.by_name["essai"]


def told_of(steps: str) -> list[str]:
    """Rule and message of each fault in steps."""
    faults = Faults()
    load_flows({"essai.yaml": source_of(steps)}, faults)
    return [f"{fault.rule}: {fault.message}" for fault in faults.found]
