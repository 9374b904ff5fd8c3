"""Conditions of overflow rules, such as `expected_wait > 10m and idle == 0`: read once, typed, made into closures.

What there is: `and`, `or`, `not`, brackets; the quantities below; `==`, `!=`, `<`, `<=`, `>`, `>=` between a quantity
and a number or a duration (`90s`, `10m`, `1h`), also in chains. A comparison with a quantity that is not known now (an
expected wait without experience, hours that nobody told) is false, whatever the comparison. Each comparison has a
constant on one side: so it is known beforehand at which moments mere time makes it true."""

import ast
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Protocol

from pydantic import PlainValidator, WithJsonSchema

from core.expressions import LONGEST, TRUTHS, Refused, constant, limit_depth, name_at, offset_in, parse, source_of
from core.filemodel import nearest, problem, read_duration

Kind = Literal["duration", "number", "truth"]


class Situation(Protocol):
    """One caller's, at one moment. None: not known. Durations in milliseconds."""

    @property
    def expected_wait(self) -> float | None: ...
    @property
    def waited(self) -> int: ...
    @property
    def position(self) -> int: ...
    @property
    def length(self) -> int: ...
    @property
    def callers_per_agent(self) -> float: ...
    @property
    def staffed(self) -> int: ...
    @property
    def idle(self) -> int: ...
    @property
    def open(self) -> bool | None: ...
    @property
    def closed(self) -> bool | None: ...
    @property
    def too_late(self) -> bool | None: ...
    @property
    def surge(self) -> bool: ...


QUANTITIES: Mapping[str, tuple[Kind, str]] = {
    "expected_wait": ("duration", "how much longer this caller will probably wait"),
    "waited": ("duration", "how long this caller has waited since first queueing"),
    "position": ("number", "this caller's place in line, from 1"),
    "length": ("number", "callers in line, this one too"),
    "callers_per_agent": ("number", "callers in line for each agent at work whom the queue may ask"),
    "staffed": ("number", "agents at work whom the queue may ask: on a break too, not at a phone lost for 2 minutes"),
    "idle": ("number", "agents of those who are free now"),
    "open": ("truth", "the queue's `hours` say that it is open"),
    "closed": ("truth", "the queue's `hours` say that it is closed"),
    "too_late": ("truth", "the queue's `hours` close before this caller would be answered, or are closed"),
    "surge": ("truth", "the surge switch is on, for this queue or for all"),
}
"""What a condition may ask, of which kind it is, and what it means."""
OF_THE_CALLER = frozenset({"expected_wait", "waited", "position", "too_late"})
"""What is not the same for all callers of a queue."""
OF_HOURS = frozenset({"open", "closed", "too_late"})
"""What the queue's hours say."""

Test = Callable[[Situation], bool]

EXAMPLE = "write for example expected_wait > 10m or staffed == 0"
_DURATION = re.compile(r"(?<![\w.])[0-9]{1,9}(ms|s|m|h)\b")
_ORDERS: Mapping[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_HOW: Mapping[Kind, str] = {
    "duration": "{0} is a duration: write for example {0} > 10m",
    "number": "{0} is a number: write for example {0} > 10",
    "truth": "{0} is true or false: write {0}, or not {0}",
}


@dataclass(frozen=True, slots=True)
class Condition:
    """`names`: the quantities that it asks for; `moments`: after how long a wait, in ms, mere time may change it."""

    source: str
    holds: Test
    names: frozenset[str]
    moments: tuple[int, ...]

    def __reduce__(self) -> tuple[Any, ...]:
        """Other processes read it again: closures stay where they are."""
        return read_condition, (self.source,)

    @property
    def of_queue(self) -> bool:
        """It is the same for all callers of the queue."""
        return not self.names & OF_THE_CALLER


def read_condition(value: Any) -> Condition:
    """Raises a `problem` that points into the condition."""
    source = "true" if value is True else source_of(value, EXAMPLE)
    durations = {match.start(): match[0] for match in _DURATION.finditer(source)}
    # A name of the same length that nobody can write otherwise, so that every offset stays.
    plain = _DURATION.sub(lambda match: "_" * len(match[0]), source)
    tree = parse(plain, EXAMPLE)
    reader = _Reader(plain, durations)
    try:
        limit_depth(tree)
        holds = reader.truth(tree)
    except Refused as refused:
        raise problem("condition", refused.message, offset=offset_in(plain, refused.node)) from None
    return Condition(source, holds, frozenset(reader.names), tuple(sorted(reader.moments)))


QueueCondition = Annotated[
    Condition,
    PlainValidator(read_condition),
    WithJsonSchema(
        {
            "type": "string",
            "minLength": 1,
            "maxLength": LONGEST,
            "description": f"A condition over {', '.join(QUANTITIES)}; {EXAMPLE}.",
        }
    ),
]


class _Reader:
    """Makes closures of a tree, and notes what they ask for."""

    def __init__(self, source: str, durations: Mapping[int, str]) -> None:
        self._source, self._durations = source, durations
        self.names: set[str] = set()
        self.moments: set[int] = set()

    def truth(self, node: ast.expr) -> Test:
        match node:
            case ast.BoolOp(op=ast.And()):
                return _all([self.truth(each) for each in node.values])
            case ast.BoolOp():
                tests = [self.truth(each) for each in node.values]
                return lambda now: any(test(now) for test in tests)
            case ast.UnaryOp(op=ast.Not()):
                test = self.truth(node.operand)
                return lambda now: not test(now)
            case ast.Compare():
                return _all([self._comparison(*pair) for pair in _pairs(node)])
            case ast.Name(id="true" | "false"):
                always = TRUTHS[node.id]
                return lambda _: always
        name, kind = self._quantity(node)
        if kind != "truth":
            raise Refused(node, _HOW[kind].format(name))
        read = operator.attrgetter(name)
        return lambda now: read(now) is True

    def _comparison(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> Test:
        compare = _ORDERS.get(type(op))
        if compare is None:
            raise Refused(left, "is and in do not compare here; write ==")
        if self._constant(left) is not None:
            return self._compare(right, left, lambda quantity, written: compare(written, quantity))
        return self._compare(left, right, compare)

    def _compare(self, named: ast.expr, written: ast.expr, compare: Callable[[Any, Any], bool]) -> Test:
        name, kind = self._quantity(named)
        found = self._constant(written)
        if found is None:
            self._quantity(written)
            raise Refused(written, "compare a quantity with a number or a duration, not with another one")
        if kind == "truth" or found[0] != kind:
            raise Refused(named if kind == "truth" else written, _HOW[kind].format(name))
        value = found[1]
        if name == "waited":
            self.moments.update((int(value), int(value) + 1))
        read = operator.attrgetter(name)

        def test(now: Situation) -> bool:
            known = read(now)
            return known is not None and compare(known, value)

        return test

    def _constant(self, node: ast.expr) -> tuple[Kind, int | float] | None:
        if isinstance(node, ast.Name) and (text := self._durations.get(offset_in(self._source, node))):
            return "duration", read_duration(text)
        value = constant(node)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return "number", value

    def _quantity(self, node: ast.expr) -> tuple[str, Kind]:
        name = name_at(node)
        if isinstance(node, ast.BinOp | ast.UnaryOp):
            raise Refused(node, "a condition does not calculate; compare quantities as they are")
        if isinstance(node, ast.Call):
            raise Refused(node, "there are no functions here")
        if name is None or self._constant(node) is not None or name in TRUTHS:
            raise Refused(node, f"expected one of {', '.join(QUANTITIES)} here")
        if name not in QUANTITIES:
            raise Refused(node, f"no quantity is called {name[:40]}{nearest(name, list(QUANTITIES))}")
        self.names.add(name)
        return name, QUANTITIES[name][0]


def _pairs(node: ast.Compare) -> Iterator[tuple[ast.expr, ast.cmpop, ast.expr]]:
    return zip([node.left, *node.comparators[:-1]], node.ops, node.comparators, strict=True)


def _all(tests: list[Test]) -> Test:
    return tests[0] if len(tests) == 1 else lambda now: all(test(now) for test in tests)
