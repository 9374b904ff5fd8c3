"""Flow files to flows, with every fault at once.

A flow with a fault is not among the flows: nothing that a caller could reach is half right.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from types import MappingProxyType
from typing import Any

from core.document import Document
from core.filemodel import found, nearest
from core.files import Faults
from core.validation import read_model
from core.yamlfile import parse_yaml
from ivr.checking.town import TownView
from ivr.checking.view import FlowView
from ivr.model import ENDS, Flow, FlowFile, Step
from ivr.numbers import dialled_key
from ivr.rules import MOST_FAULTS, check_flow, check_town
from ivr.verbs import VERBS

ALONE = TownView(alone=True)
"""Nothing is known of the town around the flows."""


@dataclass(frozen=True, slots=True)
class Flows:
    """All flows of a town."""

    by_name: Mapping[str, Flow] = field(default_factory=dict)
    by_number: Mapping[str, Flow] = field(default_factory=dict)
    """By `dialled_key` of each number."""
    town: TownView = ALONE
    """The flows as the checker looks at them."""

    def for_number(self, dialled: str) -> Flow:
        """The flow that a dialled number starts. A number that no flow names starts the first flow that has numbers: a
        caller who found the way here is better heard than turned away."""
        flow = self.by_number.get(dialled_key(dialled))
        return flow or next(iter(self.by_number.values()), None) or next(iter(self.by_name.values()))


def load_flows(sources: Mapping[str, bytes], faults: Faults, around: TownView = ALONE) -> Flows:
    """The flows in files, by the name that is shown of each file. What is wrong is added to the faults. `around`: what
    else the town has."""
    by_name: dict[str, Flow] = {}
    by_number: dict[str, Flow] = {}
    views: dict[str, FlowView] = {}
    faulty: set[str] = set()
    for file in sorted(sources):
        before = len(faults.found)
        document = parse_yaml(sources[file], file, faults)
        flow, view = _read_flow(document, faults, MappingProxyType(by_name)) if document else (None, None)
        if document is None or flow is None or view is None or len(faults.found) > before:
            faulty |= {PurePath(file).stem, view.name if view else ""}
            continue
        if flow.name in by_name:
            message = f"the flow {flow.name} stands in {views[flow.name].document.file} already"
            faults.add(document.place(("flow",)), message, "duplicate-flow")
            continue
        by_name[flow.name], views[flow.name] = flow, view
        for index, number in enumerate(flow.numbers):
            other = by_number.setdefault(dialled_key(number), flow)
            if other is not flow:
                there = views[other.name].document.file
                message = f"the number {number} starts the flow {other.name} already, in {there}"
                faults.add(document.place(("numbers", index)), message, "duplicate-number")
    town = replace(around, flows=MappingProxyType(views), faulty=frozenset(faulty))
    before = len(faults.found)
    check_town(town, faults)
    files = {fault.place.file for fault in faults.found[before:]}
    for name in [name for name, view in views.items() if view.document.file in files]:
        del by_name[name]
    by_number = {number: flow for number, flow in by_number.items() if flow.name in by_name}
    return Flows(MappingProxyType(by_name), MappingProxyType(by_number), town)


def _read_flow(document: Document, faults: Faults, town: Mapping[str, Flow]) -> tuple[Flow | None, FlowView | None]:
    """The flow of one file, among those of `town`. What is wrong is added to the faults: then it must not be used."""
    most = len(faults.found) + MOST_FAULTS
    head = read_model(FlowFile, document, faults)
    raw = document.data.get("steps") if isinstance(document.data, dict) else None
    if not isinstance(raw, dict):
        return None, None
    steps: dict[str, Step] = {}
    unread: list[type[Step] | None] = []
    for name, keys in raw.items():
        if len(faults.found) >= most:
            faults.add(document.key_place(("steps", name)), "there are more faults; mend these first", "more")
            return None, None
        verb = _verb(name, keys, document, faults)
        step = read_model(verb, document, faults, ("steps", name)) if verb else None
        if step is not None:
            steps[name] = step
        else:
            unread.append(verb)
    view = FlowView(document, steps, unread)
    check_flow(view, faults)
    return (_flow(head, steps, town) if head else None), view


def _flow(head: FlowFile, steps: Mapping[str, Step], town: Mapping[str, Flow]) -> Flow:
    return Flow(
        head.flow,
        head.title or head.flow,
        tuple(head.languages),
        tuple(head.numbers),
        head.start,
        MappingProxyType(dict(steps)),
        MappingProxyType(head.parameters),
        tuple(map(str, head.results)),
        str(head.person or ""),
        town,
    )


def _verb(name: str, keys: Any, document: Document, faults: Faults) -> type[Step] | None:
    """The verb of a step: the one key that names a verb and does not belong to another one that is there (`voicemail`
    may have a key `queue`)."""
    path = ("steps", name)
    if name in ENDS:
        faults.add(document.key_place(path), f"{name} is the built-in end; give this step another name", "name")
        return None
    if not isinstance(keys, dict):
        return None  # told by the file's model
    verbs = [key for key in keys if key in VERBS]
    verbs = [key for key in verbs if not any(key in VERBS[other].file_keys() for other in verbs if other != key)]
    if len(verbs) == 1:
        return VERBS[verbs[0]]
    if verbs:
        message = f"a step has one verb, found {' and '.join(verbs)}; make them two steps"
        faults.add(document.key_place((*path, verbs[1])), message, "two-verbs")
        return None
    _tell_no_verb(path, list(keys), document, faults)
    return None


def _tell_no_verb(path: tuple[str, str], keys: Sequence[str], document: Document, faults: Faults) -> None:
    options = {field for verb in VERBS.values() for field in verb.file_keys()} - set(VERBS)
    strange = [key for key in keys if key not in options]
    if strange:
        message = f"no verb is called {found(strange[0])}{nearest(strange[0], list(VERBS))}"
        faults.add(document.key_place((*path, strange[0])), message, "unknown-verb")
    else:
        message = f"the step {path[1]} does nothing; it needs a verb: {', '.join(sorted(VERBS))}"
        faults.add(document.key_place(path), message, "no-verb")
