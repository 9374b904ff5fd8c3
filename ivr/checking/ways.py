"""The ways through a flow: each exit of each step, and what may be said of who takes it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.document import DataPath
from ivr.checking.reading import NONE, Names, sure_when
from ivr.collecting import Question
from ivr.conditions import Condition
from ivr.model import Exit, Step


@dataclass(frozen=True, slots=True)
class Way:
    """An exit. `key`: the step's key it stands under; `sure`: names that are there when it is taken, by the step's
    conditions; `path` is empty for the way that 0 opens to a person."""

    target: str
    key: str
    path: DataPath = ()
    sure: Names = NONE


def waits(step: Step) -> bool:
    """The call waits in this step for something to happen."""
    return type(step).resume is not Step.resume


def ways_of(
    steps: Mapping[str, Step], pieces: Iterable[tuple[DataPath, object]], person: str
) -> Mapping[str, Sequence[Way]]:
    """The exits of each step. Conditions are taken to be tried in their order, each deciding over the exits that stand
    beside it; the exits of the step after it are taken where it does not hold."""
    found: dict[str, list[Way]] = {name: [] for name in steps}
    refused: dict[str, Names] = dict.fromkeys(steps, NONE)
    conditions: dict[DataPath, Condition] = {}
    for path, value in pieces:
        step = str(path[1])
        if isinstance(value, Condition):
            conditions[path[:-1]] = value
        elif isinstance(value, Exit):
            condition = conditions.get(path[:-1])
            sure = refused[step]
            if condition is not None:
                sure |= sure_when(condition, holds=True)
                refused[step] |= sure_when(condition, holds=False)
            found[step].append(Way(str(value), str(path[2]), path, sure))
    if person:
        for name, asking in steps.items():
            if isinstance(asking, Question) and asking.person is None:
                found[name].append(Way(person, "person"))
    return found
