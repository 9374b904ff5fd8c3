"""What a picture of a flow shows: its steps with what is said in them, and their exits with their names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.document import DataPath
from ivr.conditions import Condition
from ivr.model import Exit, Flow, Step, parts
from ivr.text import Text
from ivr.verbs import VERBS

PLAIN = ("then",)
"""Exits that need no name where they are a step's only one."""
LONGEST_LABEL = 26


@dataclass(frozen=True, slots=True)
class Out:
    """One exit: what it is called, '' where there is nothing to tell, and the step it leads to (or one of ENDS)."""

    label: str
    target: str


@dataclass(frozen=True, slots=True)
class Box:
    """One step. `said`: its words in the flow's first language, or what else it is about; shortened by the drawer."""

    name: str
    verb: str
    said: str
    outs: tuple[Out, ...]


@dataclass(frozen=True, slots=True)
class Graph:
    """A flow's steps, in the order of its file."""

    name: str
    title: str
    start: str
    boxes: Mapping[str, Box]


def graph_of(flow: Flow) -> Graph:
    """The picture's content. A title with several languages is shown in the flow's first one."""
    language = flow.languages[0]
    title = flow.title if isinstance(flow.title, str) else flow.title.get(language) or next(iter(flow.title.values()))
    boxes = {name: _box(name, step, language) for name, step in flow.steps.items()}
    return Graph(flow.name, title, flow.start, boxes)


def exits_of(step: Step) -> Sequence[tuple[DataPath, Exit]]:
    """Every exit of a step with the way to it, in the order of the verb's fields."""
    return [(path, value) for path, value in parts(step) if isinstance(value, Exit)]


def verb_of(step: Step) -> str:
    """The verb's word in YAML."""
    return next(word for word, verb in VERBS.items() if verb is type(step))


def shortened(text: str, most: int) -> str:
    """At most so many characters, on one line."""
    flat = " ".join(text.split())
    return flat if len(flat) <= most else flat[: most - 1].rstrip() + "…"


def _box(name: str, step: Step, language: str) -> Box:
    verb = verb_of(step)
    found = dict(parts(step))
    texts = sorted((item for item in found.items() if isinstance(item[1], Text)), key=lambda item: item[0][0] != verb)
    spoken = [text.in_language(language).text for _, text in texts if isinstance(text, Text)]
    about = [
        str(value) if path == (verb,) else f"{path[-1]}: {value}"
        for path, value in found.items()
        if path[0] == verb and not isinstance(value, Text | Exit | Condition) and value is not None
    ]
    return Box(name, verb, " ".join(spoken or about), _outs(step, found))


def _outs(step: Step, found: Mapping[DataPath, object]) -> tuple[Out, ...]:
    """Exits that lead to the same step share an arrow."""
    labels: dict[str, list[str]] = {}
    for path, target in exits_of(step):
        labels.setdefault(str(target), []).append(_label(path, found))
    plain = len(labels) == 1 and all(label in PLAIN for label in next(iter(labels.values())))
    return tuple(
        Out("" if plain else shortened(" · ".join(dict.fromkeys(words)), LONGEST_LABEL), target)
        for target, words in labels.items()
    )


def _label(path: DataPath, found: Mapping[DataPath, object]) -> str:
    """A way of a branch is called by its condition, other exits by their key."""
    condition = found.get((*path[:-1], "when"))
    return condition.source if isinstance(condition, Condition) else str(path[-1])
