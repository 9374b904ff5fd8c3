"""Which steps and exits of flows were taken by scenarios."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ivr.model import ENDS, HANGUP, RETURN, Exit, Flow, Step, parts
from ivr.rehearsal import Rehearsal

Taken = tuple[str, str, str]
"""A flow, a step of it and where the step led: to a step, to one of ENDS, or '' for the step itself."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of one flow. An exit is a step and where it leads, however many keys lead there."""

    flow: str
    steps: int
    exits: int
    missing_steps: Sequence[str]
    missing_exits: Sequence[tuple[str, str]]

    @property
    def share(self) -> float:
        """Of steps and exits together, from 0 to 1."""
        missing = len(self.missing_steps) + len(self.missing_exits)
        return 1 - missing / (self.steps + self.exits)


def coverage(flows: Iterable[Flow], rehearsals: Iterable[Rehearsal]) -> list[Coverage]:
    """Of each flow, by all that was played."""
    taken = {each for rehearsal in rehearsals for each in _taken(rehearsal)}
    return [_of(flow, taken) for flow in flows]


def _of(flow: Flow, taken: set[Taken]) -> Coverage:
    exits = [(name, target) for name, step in flow.steps.items() for target in _targets(step)]
    return Coverage(
        flow.name,
        len(flow.steps),
        len(exits),
        [name for name in flow.steps if (flow.name, name, "") not in taken],
        [(name, target) for name, target in exits if (flow.name, name, target) not in taken],
    )


def _targets(step: Step) -> list[str]:
    return list(dict.fromkeys(str(value) for _, value in parts(step) if isinstance(value, Exit)))


def _taken(rehearsal: Rehearsal) -> Iterator[Taken]:
    """A path names the steps of sub-flows FLOW/STEP; back in the first flow, the sub-flow has returned."""
    flow = rehearsal.scenario.flow
    last: dict[str, str] = {}
    for place in rehearsal.path:
        inside, _, name = place.rpartition("/")
        inside = inside or flow.name
        if inside == flow.name:
            yield from _returned(last, flow.name)
        if inside in last:
            yield inside, last[inside], name
        last[inside] = name
        yield inside, name, ""
    if rehearsal.ended and rehearsal.path:
        inside = rehearsal.path[-1].rpartition("/")[0] or flow.name
        for end in ENDS if inside == flow.name else (HANGUP,):
            yield inside, last[inside], end


def _returned(last: dict[str, str], outer: str) -> Iterator[Taken]:
    for inside in [each for each in last if each != outer]:
        yield inside, last.pop(inside), RETURN
