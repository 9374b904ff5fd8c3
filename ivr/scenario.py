"""Scenario files: what a caller does in a flow, what is heard, and how the call ends.

scenario: a birth certificate is answered without an agent
flow: accueil
from: "+33612345678"
known: {contacts: 2}             # what history knows of the caller
given: {hours: closed}           # what the world answers wherever the play does not say; hours: else as the town's
                                 # file says of the time in `at`, where that is told
play:
  - hears: sujet                 # a step whose words are heard before the call waits again
    says: tapez 1                # … and some of these words
    press: 1                     # or silence: true, or hang_up: true
  - queue: answered              # or lookup, hours, sms, …: what the world answers here
    after: 40s
ends: {at: merci}
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Field, PlainValidator, model_validator

from core.document import Document
from core.filemodel import DialledNumber, Duration, FileModel, found, named, nearest, problem
from core.files import Faults, Place
from core.validation import read_model
from core.yamlfile import parse_yaml
from ivr.acts import Value
from ivr.load import Flows
from ivr.model import Flow
from ivr.world import KEYS, OUTCOMES, Told

LONGEST_PRESS = 64
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")


def _read_keys(value: Any) -> str:
    keys = str(value) if type(value) is int else value
    if not isinstance(keys, str) or not 0 < len(keys) <= LONGEST_PRESS or not KEYS.issuperset(keys):
        raise problem("keys", f'expected keys of a telephone such as 1 or "12345678#", found {found(value)}')
    return keys


def _read_moment(value: Any) -> datetime:
    try:
        if isinstance(value, str) and MOMENT.fullmatch(value):
            return datetime.fromisoformat(value)
    except ValueError:
        pass  # a day that is none: told below
    raise problem("moment", f"expected a local time such as 2026-11-23T10:00, found {found(value)}")


def _read_values(value: Any) -> dict[str, Value]:
    if not isinstance(value, dict):
        raise problem("wrong-type", f"expected values such as {{contacts: 2}}, found {found(value)}")
    for name, given in value.items():
        if isinstance(given, list | dict):
            raise problem("wrong-type", f"expected a plain value, found {found(given)}", (name,))
    return dict(value)


def _told(verb: str) -> PlainValidator:
    """Reads how the world answers that verb's act."""
    outcomes = OUTCOMES[verb]

    def read(value: Any) -> Told:
        if isinstance(value, str) and value in outcomes.words:
            return value
        if isinstance(value, dict) and outcomes.brings:
            return _read_values(value)
        also = ", or values such as {status: closed}" if outcomes.brings else ""
        raise problem("outcome", f"expected {', '.join(outcomes.words)}{also}; found {found(value)}")

    return PlainValidator(read)


Values = Annotated[dict[str, Value], PlainValidator(_read_values)]
StepPath = Annotated[
    str, named("a step, in a sub-flow as FLOW/STEP", r"[a-z][a-z0-9_-]{0,49}(/[a-z][a-z0-9_-]{0,49})?")
]


class World(FileModel):
    """What the world answers, by the verb (ivr/world.py)."""

    queue: Annotated[Told, _told("queue")] | None = None
    hours: Annotated[Told, _told("hours")] | None = None
    lookup: Annotated[Told, _told("lookup")] | None = None
    answer: Annotated[Told, _told("answer")] | None = None
    service: Annotated[Told, _told("service")] | None = None
    callback: Annotated[Told, _told("callback")] | None = None
    sms: Annotated[Told, _told("sms")] | None = None
    voicemail: Annotated[Told, _told("voicemail")] | None = None
    record: Annotated[Told, _told("record")] | None = None
    transfer: Annotated[Told, _told("transfer")] | None = None

    def answers(self) -> dict[str, Told]:
        return {verb: told for verb in OUTCOMES if (told := getattr(self, verb)) is not None}


class Moment(World):
    """One line of the play: what is heard, and then one thing that happens, `after` some time."""

    hears: StepPath | None = None
    says: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    after: Duration = 0
    press: Annotated[str, PlainValidator(_read_keys)] | None = None
    silence: Literal[True] | None = None
    hang_up: Literal[True] | None = None

    @property
    def does(self) -> list[str]:
        """What happens: nothing or one thing."""
        own = [name for name in ("press", "silence", "hang_up") if getattr(self, name) is not None]
        return [*own, *self.answers()]

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        if len(self.does) > 1:
            raise problem("two-things", f"one thing at a time, found {' and '.join(self.does)}; write two lines")
        if self.says is not None and self.hears is None:
            raise problem("says", "says goes with hears: the step whose words these are")
        if not self.does and self.hears is None:
            raise problem("nothing", "nothing happens here; write what is heard, or what the caller does")
        return self


class Ends(FileModel):
    """How the call ends: in which step; with which answers spoken, and which values, if these are told."""

    at: StepPath
    answers: list[str] | None = None
    values: Values | None = None


class ScenarioFile(FileModel):
    """A scenario's file."""

    scenario: Annotated[str, Field(min_length=1, max_length=200)]
    flow: str
    caller: DialledNumber | None = Field(default=None, alias="from")
    at: Annotated[datetime, PlainValidator(_read_moment)] | None = None
    """When the call begins: the dialogue's clock."""
    known: Values = Field(default_factory=dict)
    given: World = World()
    play: list[Moment] = Field(default_factory=list, max_length=500)
    ends: Ends


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario that was read without fault, with its flow."""

    told: ScenarioFile
    flow: Flow
    document: Document

    @property
    def title(self) -> str:
        return self.told.scenario

    def place(self, *path: str | int) -> Place:
        return self.document.place(path)


def load_scenarios(sources: Mapping[str, bytes], flows: Flows, faults: Faults) -> list[Scenario]:
    """The scenarios in files, by the name that is shown of each file. What is wrong is added to the faults."""
    scenarios = []
    for file in sorted(sources):
        before = len(faults.found)
        document = parse_yaml(sources[file], file, faults)
        told = read_model(ScenarioFile, document, faults) if document else None
        if document is None or told is None:
            continue
        _check(told, flows, document, faults)
        if len(faults.found) == before:
            scenarios.append(Scenario(told, flows.by_name[told.flow], document))
    return scenarios


def _check(told: ScenarioFile, flows: Flows, document: Document, faults: Faults) -> None:
    """The flow and the steps that it names are there."""
    flow = flows.by_name.get(told.flow)
    if flow is None:
        known = nearest(told.flow, list(flows.by_name))
        faults.add(document.place(("flow",)), f"no flow is called {told.flow[:60]}{known}", "unknown-flow")
        return
    steps = [*flow.steps, *(f"{other.name}/{step}" for other in flows.by_name.values() for step in other.steps)]
    named_steps = [(("play", index, "hears"), moment.hears) for index, moment in enumerate(told.play) if moment.hears]
    for path, step in [*named_steps, (("ends", "at"), told.ends.at)]:
        if step not in steps:
            message = f"no step of the flow {flow.name} is called {step[:60]}{nearest(step, steps)}"
            faults.add(document.place(path), message, "unknown-step")
