"""Which values a call has when it comes to a step: a data flow over the ways of a flow.

A name is *sure* at a step when every way from the start gives it a value, *possible* when some way does (the classic
"definite assignment" and "reaching definitions" of compilers). Sets are bits of whole numbers: a thousand steps with a
thousand names take milliseconds.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ivr.checking.ways import Way
from ivr.model import Step
from ivr.names import GIVEN

MOST_ROUNDS = 50
"""Over all steps; a flow needs as many as its circles stand inside each other. After that nothing is claimed."""


@dataclass(frozen=True, slots=True)
class Known:
    """By each step that can be reached, the bits of the names that are sure and possible on coming to it."""

    bit: Mapping[str, int]
    sure: Mapping[str, int]
    possible: Mapping[str, int]

    def is_sure(self, step: str, name: str) -> bool:
        return bool(self.sure.get(step, 0) & self.bit.get(name, 0))

    def is_possible(self, step: str, name: str) -> bool:
        return bool(self.possible.get(step, 0) & self.bit.get(name, 0))


def knowledge(
    order: Sequence[str], steps: Mapping[str, Step], ways: Mapping[str, Sequence[Way]], parameters: Iterable[str]
) -> Known | None:
    """`order`: the steps that can be reached, the start first. None where it would take too long to say."""
    made = {name: step.makes() for name, step in steps.items()}
    names = sorted({*GIVEN, *parameters, *(name for values in made.values() for name in values)})
    bit = {name: 1 << at for at, name in enumerate(names)}
    first = _bits((*GIVEN, *parameters), bit)
    gives = {name: _bits(values, bit) for name, values in made.items()}
    sure, possible = {order[0]: first}, {order[0]: first}
    for _ in range(MOST_ROUNDS):
        changed = False
        for name in order:
            for way in ways[name]:
                if way.target not in ways:
                    continue
                given = 0 if way.key in steps[name].without else gives[name]
                has = sure[name] | given | _bits(way.sure, bit)
                may = possible[name] | given
                changed |= _narrow(sure, way.target, has) | _widen(possible, way.target, may)
        if not changed:
            return Known(bit, sure, possible)
    return None


def _narrow(sure: dict[str, int], target: str, has: int) -> bool:
    before = sure.get(target)
    sure[target] = has if before is None else before & has
    return sure[target] != before


def _widen(possible: dict[str, int], target: str, may: int) -> bool:
    before = possible.get(target)
    possible[target] = may | (before or 0)
    return possible[target] != before


def _bits(names: Iterable[str], bit: Mapping[str, int]) -> int:
    bits = 0
    for name in names:
        bits |= bit.get(name, 0)
    return bits
