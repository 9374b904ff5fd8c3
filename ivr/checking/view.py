"""A flow as rules look at it: every piece of its steps with its place, its ways, and what is known on them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from core.document import DataPath, Document
from ivr.checking import graph, reading
from ivr.checking.knowledge import Known, knowledge
from ivr.checking.ways import Way, ways_of
from ivr.collecting import Question
from ivr.conditions import Condition
from ivr.model import Exit, Kind, Step, parts
from ivr.names import known_names
from ivr.operands import ValueName
from ivr.text import Text

Piece = TypeVar("Piece")


@dataclass(frozen=True, slots=True)
class Use:
    """A step's use of a name. `asks`: it is only asked whether it is there; `sure`: names that are there at this point
    by what stands before it in the same condition."""

    step: str
    path: DataPath
    offset: int
    name: str
    spoken: bool = False
    asks: bool = False
    sure: frozenset[str] = frozenset()


class FlowView:
    """`steps`: those that could be read; `unread`: the verbs, where known, of the others."""

    def __init__(self, document: Document, steps: Mapping[str, Step], unread: Sequence[type[Step] | None] = ()) -> None:
        self.document, self.steps, self._unread = document, steps, unread
        self.pieces: list[tuple[DataPath, object]] = [
            piece for name, step in steps.items() for piece in parts(step, ("steps", name))
        ]

    @property
    def whole(self) -> bool:
        """Every step could be read, so that all ways are known."""
        return not self._unread and self.start in self.steps

    @property
    def all_steps(self) -> Sequence[str]:
        """Names of all steps, also of those that could not be read."""
        steps = self.document.data["steps"]
        return list(steps)

    @property
    def name(self) -> str:
        return str(self.document.data.get("flow"))

    @property
    def start(self) -> str:
        return str(self.document.data.get("start"))

    @property
    def person(self) -> str:
        """The step behind 0, or ''."""
        person = self.document.data.get("person")
        return person if isinstance(person, str) else ""

    @property
    def numbers(self) -> Sequence[object]:
        numbers = self.document.data.get("numbers")
        return numbers if isinstance(numbers, list) else []

    @cached_property
    def languages(self) -> Sequence[str]:
        """Empty where they could not be read."""
        languages = self.document.data.get("languages")
        return [each for each in languages if isinstance(each, str)] if isinstance(languages, list) else []

    @cached_property
    def parameters(self) -> Mapping[str, Kind]:
        """What the flow is given as a sub-flow, where that could be read."""
        parameters = self.document.data.get("parameters")
        return parameters if isinstance(parameters, dict) else {}

    @cached_property
    def results(self) -> Sequence[str]:
        """What the flow gives back as a sub-flow."""
        results = self.document.data.get("results")
        return [each for each in results if isinstance(each, str)] if isinstance(results, list) else []

    @cached_property
    def names(self) -> Mapping[str, Kind] | None:
        """Every name that the flow may use; None where a step that may make names could not be read."""
        if any(verb is None or verb.makes is not Step.makes for verb in self._unread):
            return None
        return {**known_names(self.steps.values()), **self.parameters}

    @cached_property
    def ways(self) -> Mapping[str, Sequence[Way]]:
        return ways_of(self.steps, self.pieces, self.person)

    @cached_property
    def after(self) -> graph.Graph:
        """The steps that each step leads to."""
        return {name: [way.target for way in ways] for name, ways in self.ways.items()}

    @cached_property
    def reached(self) -> frozenset[str]:
        """Steps that some way from the start leads to."""
        return graph.reached(self.start, self.after)

    @cached_property
    def known(self) -> Known | None:
        """What is known on coming to each step; None where not every way is known."""
        if not self.whole or self.names is None:
            return None
        order = graph.in_order(self.start, self.after)
        return knowledge(order, self.steps, self.ways, self.parameters)

    @cached_property
    def menus(self) -> Mapping[DataPath, Sequence[str]]:
        """The keys that each question offers, by the way to them."""
        found: dict[DataPath, list[str]] = {}
        for path, _ in self.of(Exit):
            if len(path) == 4 and isinstance(self.steps[str(path[1])], Question):
                found.setdefault(path[:3], []).append(str(path[3]))
        return found

    def verb(self, step: str) -> str:
        """The word of the step's verb."""
        return type(self.steps[step]).__module__.rpartition(".")[2]

    def of(self, kind: type[Piece]) -> Iterator[tuple[DataPath, Piece]]:
        """Every piece of that kind, with the way to it."""
        for path, value in self.pieces:
            if type(value) is kind:
                yield path, value

    @cached_property
    def uses(self) -> Sequence[Use]:
        """Every use of a name: in texts, conditions, and where values are handed over."""
        found: list[Use] = []
        for path, value in self.pieces:
            step = str(path[1])
            match value:
                case Text():
                    for language, place in value.places():
                        where = (*path, language) if language else path
                        found.append(Use(step, where, place.offset, place.name, spoken=True))
                case Condition():
                    for use in reading.uses(value):
                        found.append(Use(step, path, use.offset, use.name, asks=use.asks, sure=use.sure))
                case ValueName():
                    found.append(Use(step, path, 0, str(value)))
        return found
