"""A town as rules look at it: its flows, and the names of everything that flows may name."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from ivr.checking.view import FlowView
from ivr.material.answer import AnswerFile
from ivr.material.filed import Filed
from ivr.material.service import ServiceFile


@dataclass(frozen=True, slots=True)
class TownView:
    """The flows without faults, by name. Names of queues and so on: None where they are not known, so that nothing is
    said of them (one flow file is checked alone, a part that the town does not have)."""

    flows: Mapping[str, FlowView] = field(default_factory=dict)
    faulty: Collection[str] = ()
    """Flows that are there and have faults: nothing is said of who names them."""
    alone: bool = False
    """It is one flow's file, of whose town nothing is known."""
    queues: Collection[str] | None = None
    skills: Collection[str] | None = None
    answers: Collection[str] | None = None
    services: Collection[str] | None = None
    hours: Collection[str] | None = None
    prompts: Collection[str] | None = None
    parts: Collection[str] | None = None
    """What the house has of ivr.model.PARTS."""
    answer_files: Mapping[str, Filed[AnswerFile]] = field(default_factory=dict)
    """Those without faults, by name; so the services."""
    service_files: Mapping[str, Filed[ServiceFile]] = field(default_factory=dict)
    today: str = ""
    """The date (2027-01-31), where files are looked at on a day."""
