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


SUB_FLOW = b"""\
flow: identification
languages: [fr, en]
parameters: {tries: number}
results: [case_number]
start: dossier
steps:
  dossier:
    ask: {fr: Votre dossier ?, en: Your case?}
    digits: {most: 8}
    save: case_number
    then: return
    otherwise: return
"""
"""A flow for others to use."""


def flow_of(steps: str) -> Flow:
    """The flow of steps without fault, in a town with SUB_FLOW."""
    faults = Faults()
    flows = load_flows({"essai.yaml": source_of(steps), "sub.yaml": SUB_FLOW}, faults)
    assert not faults.found, "\n".join(map(str, faults.found))
    return flows.by_name["essai"]


def told_of(steps: str) -> list[str]:
    """Rule and message of each fault in steps."""
    faults = Faults()
    load_flows({"essai.yaml": source_of(steps)}, faults)
    return [f"{fault.rule}: {fault.message}" for fault in faults.found]
