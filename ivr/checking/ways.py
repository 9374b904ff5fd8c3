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


def reached(start: str, ways: Mapping[str, Sequence[Way]]) -> frozenset[str]:
    """Every step that can be come to."""
    seen: set[str] = set()
    left = [start]
    while left:
        name = left.pop()
        if name in ways and name not in seen:
            seen.add(name)
            left.extend(way.target for way in ways[name])
    return frozenset(seen)


def in_order(start: str, ways: Mapping[str, Sequence[Way]]) -> list[str]:
    """The steps that can be reached, each before those that come after it where no circle forbids (reverse postorder
    of a depth-first walk, with a stack of its own)."""
    seen, done = {start}, []
    stack = [(start, iter(ways.get(start, ())))]
    while stack:
        name, rest = stack[-1]
        for way in rest:
            if way.target in ways and way.target not in seen:
                seen.add(way.target)
                stack.append((way.target, iter(ways[way.target])))
                break
        else:
            done.append(name)
            stack.pop()
    return done[::-1]


def circles(nodes: Iterable[str], after: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Groups of nodes that lead to each other or to themselves (Tarjan's strongly connected components, without
    recursion), in the order of `nodes`."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    found: list[list[str]] = []
    order = {name: at for at, name in enumerate(nodes)}
    for root in order:
        if root in index:
            continue
        work = [(root, iter(after.get(root, ())))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            name, rest = work[-1]
            for other in rest:
                if other not in order:
                    continue
                if other not in index:
                    index[other] = low[other] = len(index)
                    stack.append(other)
                    on_stack.add(other)
                    work.append((other, iter(after.get(other, ()))))
                    break
                if other in on_stack:
                    low[name] = min(low[name], index[other])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[name])
                if low[name] == index[name]:
                    group = []
                    while True:
                        each = stack.pop()
                        on_stack.discard(each)
                        group.append(each)
                        if each == name:
                            break
                    if len(group) > 1 or name in after.get(name, ()):
                        found.append(sorted(group, key=order.__getitem__))
    return sorted(found, key=lambda group: order[group[0]])
