"""Conditions such as `caller.contacts > 0 and dialled == "3939"`: read once, checked, and made into closures.

What there is: `and`, `or`, `not`, brackets; `==`, `!=`, `<`, `<=`, `>`, `>=`, also in chains; `in` and `not in` with a
list of values; numbers, texts in quotes, `true`, `false`; names of values. Nothing else: no call, no arithmetic, no
index. Python's parser reads them, a whitelist decides, and no name is ever looked up in Python.

A comparison with a value that the call does not have, or of another kind, is false whatever the comparison.
"""

import ast
import operator
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import PlainValidator

from core.filemodel import Problem, found, nearest, problem
from ivr.model import Kind
from ivr.session import Session, Value
from ivr.text import value_of

LONGEST = 500
"""Characters of a condition."""
DEEPEST = 20
"""Levels of brackets, `not`, …"""

Test = Callable[[Session], bool]
Read = Callable[[Session], Value]

_EXAMPLE = 'write for example caller.contacts > 0 and dialled == "3939"'
_KINDS: Mapping[type, Kind] = {bool: "truth", int: "number", float: "number", str: "text"}
_WORDS: Mapping[Kind, str] = {"number": "a number", "text": "a text", "truth": "true or false"}
_TRUTHS = {"true": True, "false": False}
_ORDERS: Mapping[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_EQUALITIES: Mapping[type[ast.cmpop], Callable[[Any, Any], bool]] = {ast.Eq: operator.eq, ast.NotEq: operator.ne}
_MEMBERSHIPS: Mapping[type[ast.cmpop], bool] = {ast.In: True, ast.NotIn: False}
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_ASSIGNMENT = re.compile(r"(?<![=!<>])=(?!=)")


class _Refused(Exception):
    """What stands at a node is not allowed in a condition."""

    def __init__(self, node: ast.AST, message: str) -> None:
        super().__init__(message)
        self.node, self.message = node, message


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that was read; `holds` decides it for a call. That its names exist is checked by `problems`."""

    source: str
    holds: Test
    tree: ast.expr

    def problems(self, names: Mapping[str, Kind]) -> list[Problem]:
        """Unknown names, and comparisons of different kinds, each with its offset in the source."""
        wrong = _check_truth(self.tree, names)
        return [Problem(rule, message, offset=_offset(self.source, node)) for node, rule, message in wrong]


def read_condition(value: Any) -> Condition:
    """Raises a `problem` that points into the condition."""
    if not isinstance(value, str) or not value.strip():
        raise problem("condition", f"expected a condition, found {found(value)}; {_EXAMPLE}")
    if len(value) > LONGEST:
        raise problem("condition", f"the condition has {len(value)} characters; {LONGEST} is the most")
    tree = _parse(value)
    try:
        _limit_depth(tree)
        return Condition(value, _truth(tree), tree)
    except _Refused as refused:
        raise problem("condition", refused.message, offset=_offset(value, refused.node)) from None


FlowCondition = Annotated[Condition, PlainValidator(read_condition)]


# --- reading ------------------------------------------------------------------------------------------------------


def _flat(source: str) -> str:
    """One line that Python's parser takes as it is; offsets move by what stands before it."""
    return source.strip().replace("\n", " ")


def _margin(source: str) -> int:
    return len(source) - len(source.lstrip())


def _parse(source: str) -> ast.expr:
    flat = _flat(source)
    if single := _ASSIGNMENT.search(_QUOTED.sub(lambda quoted: "_" * len(quoted[0]), flat)):
        raise problem("condition", "a single = does not compare; write ==", offset=_margin(source) + single.start())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(flat, mode="eval").body
    except SyntaxError as error:
        at = min(max((error.offset or 1) - 1, 0), len(flat))
        raise problem("condition", f"this cannot be read; {_EXAMPLE}", offset=_margin(source) + at) from None
    except (ValueError, MemoryError, RecursionError):
        raise problem("condition", f"this cannot be read; {_EXAMPLE}") from None


def _offset(source: str, node: ast.AST) -> int:
    """Where a node begins, in characters; the parser counts bytes of UTF-8."""
    column: int = getattr(node, "col_offset", 0)
    return _margin(source) + len(_flat(source).encode()[:column].decode(errors="replace"))


def _limit_depth(tree: ast.expr) -> None:
    level: list[ast.AST] = [tree]
    for _ in range(DEEPEST):
        level = [child for node in level for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
        if not level:
            return
    raise _Refused(level[0], f"the condition is more than {DEEPEST} levels deep")


def _name(node: ast.expr) -> str | None:
    """`caller.contacts` from its nodes; None where they are not a name."""
    words = []
    while isinstance(node, ast.Attribute):
        words.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    return ".".join((node.id, *reversed(words)))


def _constant(node: ast.expr) -> str | int | float | bool | None:
    """The value that is written at a node; None where it is no value."""
    match node:
        case ast.Constant(value=bool() | int() | float() | str()):
            return node.value  # type: ignore[return-value] # the pattern says so
        case ast.Name(id="true" | "false"):
            return _TRUTHS[node.id]
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)) if number is not True:
            return -number
    return None


# --- to closures --------------------------------------------------------------------------------------------------


def _truth(node: ast.expr) -> Test:
    """The node as something that is true or false."""
    match node:
        case ast.BoolOp(op=ast.And()):
            return _all([_truth(each) for each in node.values])
        case ast.BoolOp():
            tests = [_truth(each) for each in node.values]
            return lambda session: any(test(session) for test in tests)
        case ast.UnaryOp(op=ast.Not()):
            test = _truth(node.operand)
            return lambda session: not test(session)
        case ast.Compare():
            left, pairs = node.left, []
            for op, right in zip(node.ops, node.comparators, strict=True):
                pairs.append(_comparison(op, left, right, node))
                left = right
            return pairs[0] if len(pairs) == 1 else _all(pairs)
    read = _value(node)
    return lambda session: read(session) is True


def _all(tests: list[Test]) -> Test:
    return lambda session: all(test(session) for test in tests)


def _comparison(op: ast.cmpop, left: ast.expr, right: ast.expr, around: ast.expr) -> Test:
    read_left = _value(left)
    if type(op) in _MEMBERSHIPS:
        return _membership(read_left, _list(right), wanted=_MEMBERSHIPS[type(op)])
    read_right, compare = _value(right), _EQUALITIES.get(type(op))
    ordering = _ORDERS.get(type(op))
    if ordering is not None:
        return _ordered(ordering, read_left, read_right)
    if compare is None:
        raise _Refused(around, "is does not compare here; write ==")
    return _equal(compare, read_left, read_right)


def _equal(compare: Callable[[Any, Any], bool], read_left: Read, read_right: Read) -> Test:
    def test(session: Session) -> bool:
        left, right = read_left(session), read_right(session)
        kind = _KINDS.get(type(left))
        return kind is not None and kind == _KINDS.get(type(right)) and compare(left, right)

    return test


def _ordered(compare: Callable[[Any, Any], bool], read_left: Read, read_right: Read) -> Test:
    def test(session: Session) -> bool:
        left, right = read_left(session), read_right(session)
        return _KINDS.get(type(left)) == "number" == _KINDS.get(type(right)) and compare(left, right)

    return test


def _membership(read: Read, values: list[Value], *, wanted: bool) -> Test:
    kinds = {(_KINDS[type(value)], value) for value in values}

    def test(session: Session) -> bool:
        value = read(session)
        kind = _KINDS.get(type(value))
        return kind is not None and ((kind, value) in kinds) is wanted

    return test


def _list(node: ast.expr) -> list[Value]:
    if not isinstance(node, ast.List | ast.Tuple):
        raise _Refused(node, 'after in comes a list of values, such as ["3939", "3940"]')
    values: list[Value] = []
    for each in node.elts:
        value = _constant(each)
        if value is None:
            raise _Refused(each, "expected a number, a text in quotes, true or false in this list")
        values.append(value)
    return values


def _value(node: ast.expr) -> Read:
    """The node as a value: written here, or one of the call's."""
    constant = _constant(node)
    if constant is not None:
        return lambda _: constant
    name = _name(node)
    if name is not None:
        return lambda session: value_of(session, name)
    if isinstance(node, ast.Call):
        raise _Refused(node, "a condition calls no functions")
    raise _Refused(node, "expected a name, a number, a text in quotes, or a comparison here")


# --- checking names and kinds -------------------------------------------------------------------------------------

_Wrong = Iterator[tuple[ast.expr, str, str]]


def _check_truth(node: ast.expr, names: Mapping[str, Kind]) -> _Wrong:
    match node:
        case ast.BoolOp():
            for each in node.values:
                yield from _check_truth(each, names)
        case ast.UnaryOp(op=ast.Not()):
            yield from _check_truth(node.operand, names)
        case ast.Compare():
            yield from _check_comparison(node, names)
        case _:
            yield from _check_name(node, names)
            kind = _kind(node, names)
            if kind in _WORDS and kind != "truth":
                yield node, "condition-kind", f"this is {_WORDS[kind]}, not true or false; compare it with something"


def _check_comparison(node: ast.Compare, names: Mapping[str, Kind]) -> _Wrong:
    operands = [node.left, *node.comparators]
    for operand in operands:
        yield from _check_name(operand, names)
    for op, left, right in zip(node.ops, operands, operands[1:], strict=False):
        kind = _kind(left, names)
        others = right.elts if isinstance(right, ast.List | ast.Tuple) else [right]
        for other in others:
            other_kind = _kind(other, names)
            if "unknown" not in (kind, other_kind) and kind != other_kind:
                message = f"{_WORDS[kind]} is compared with {_WORDS[other_kind]}: that is never so"
                yield other, "condition-kind", message
            elif type(op) in _ORDERS and other_kind not in ("number", "unknown"):
                yield other, "condition-kind", "only numbers are smaller or larger; use == or !="


def _check_name(node: ast.expr, names: Mapping[str, Kind]) -> _Wrong:
    name = _name(node)
    if name is not None and name not in names and name not in _TRUTHS:
        yield node, "unknown-name", f"unknown name {name}{nearest(name, list(names))}"


def _kind(node: ast.expr, names: Mapping[str, Kind]) -> Kind:
    constant = _constant(node)
    if constant is not None:
        return _KINDS[type(constant)]
    return names.get(_name(node) or "", "unknown")
