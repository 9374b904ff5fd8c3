"""What a condition uses, what must be there when it holds, and whether it compares like with like."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from core.expressions import TRUTHS, constant, name_at
from ivr.conditions import Condition
from ivr.expressions import KINDS, ORDERS, TIMES, called_with
from ivr.model import Kind

Names = frozenset[str]
NONE: Names = frozenset()

WORDS: Mapping[Kind, str] = {
    "number": "a number",
    "text": "a text",
    "truth": "true or false",
    "date": "a date",
    "time": "a time",
    "moment": "a moment",
}
_FAMILY: Mapping[Kind, Kind] = {"digits": "text", "phone": "text"}
_FORMS: Mapping[Kind, str] = {"date": '"2026-11-23"', "time": '"16:30"', "moment": '"2026-11-23T16:30"'}


@dataclass(frozen=True, slots=True)
class Use:
    """A name in a condition. `sure`: names that are there whenever it is looked at, by what stands before it.
    `asks`: it is only asked whether it is there."""

    name: str
    offset: int
    sure: Names = NONE
    asks: bool = False


def uses(condition: Condition) -> Iterator[Use]:
    for node, sure, asks in _uses(condition.tree, NONE):
        name = name_at(node)
        if name is not None and name not in TRUTHS:
            yield Use(name, condition.offset(node), sure, asks)


def sure_when(condition: Condition, *, holds: bool) -> Names:
    """Names that are there when the condition holds, or when it does not."""
    return _sure(condition.tree, holds)


def kind_problems(condition: Condition, names: Mapping[str, Kind]) -> Iterator[tuple[int, str]]:
    """Offset and message of each comparison that cannot be meant."""
    for node, message in _check_truth(condition.tree, names):
        yield condition.offset(node), message


def _uses(node: ast.expr, sure: Names) -> Iterator[tuple[ast.expr, Names, bool]]:
    match node:
        case ast.BoolOp():
            for each in node.values:
                yield from _uses(each, sure)
                sure |= _sure(each, isinstance(node.op, ast.And))
        case ast.UnaryOp(op=ast.Not()):
            yield from _uses(node.operand, sure)
        case ast.Compare():
            for each in (node.left, *node.comparators):
                yield each, sure, False
        case ast.Call():
            yield node.args[0], sure, True
        case _:
            yield node, sure, False


def _sure(node: ast.expr, holds: bool) -> Names:
    """A comparison holds only between values that are there."""
    match node:
        case ast.BoolOp():
            each_has = [_sure(each, holds) for each in node.values]
            all_so = isinstance(node.op, ast.And) is holds
            return NONE.union(*each_has) if all_so else each_has[0].intersection(*each_has[1:])
        case ast.UnaryOp(op=ast.Not()):
            return _sure(node.operand, not holds)
        case ast.Compare():
            named = [name_at(each) for each in (node.left, *node.comparators)]
        case ast.Call():
            named = [called_with(node)[0]]
        case _:
            named = [name_at(node)]
    return frozenset(name for name in named if name is not None and name not in TRUTHS) if holds else NONE


_Wrong = Iterator[tuple[ast.expr, str]]


def _check_truth(node: ast.expr, names: Mapping[str, Kind]) -> _Wrong:
    match node:
        case ast.BoolOp():
            for each in node.values:
                yield from _check_truth(each, names)
        case ast.UnaryOp(op=ast.Not()):
            yield from _check_truth(node.operand, names)
        case ast.Compare():
            yield from _check_comparison(node, names)
        case ast.Call():
            kind = _kind(node.args[0], names)
            if name_at(node.func) == "starts" and kind not in ("text", "unknown"):
                yield node.args[0], f"{WORDS[kind]} does not start with a text"
        case _:
            kind = _kind(node, names)
            if kind not in ("truth", "unknown"):
                yield node, f"this is {WORDS[kind]}, not true or false; compare it with something"


def _check_comparison(node: ast.Compare, names: Mapping[str, Kind]) -> _Wrong:
    operands = [node.left, *node.comparators]
    for op, left, right in zip(node.ops, operands, operands[1:], strict=False):
        for other in right.elts if isinstance(right, ast.List | ast.Tuple) else [right]:
            kind, other_kind = _kind(left, names), _kind(other, names)
            wrong = _time_problem(left, kind, other, other_kind)
            if wrong:
                yield wrong
            elif "unknown" not in (kind, other_kind) and kind != other_kind and not {kind, other_kind} & set(TIMES):
                yield other, f"{WORDS[kind]} is compared with {WORDS[other_kind]}: that is never so"
            elif type(op) in ORDERS and other_kind in ("text", "truth") and not {kind} & {*TIMES, "unknown"}:
                yield other, "only numbers, dates and times are smaller or larger; use == or !="


def _time_problem(left: ast.expr, kind: Kind, right: ast.expr, other: Kind) -> tuple[ast.expr, str] | None:
    """A date, time or moment is compared with its like, or with a text that is written as one."""
    for written, written_kind, against in ((right, other, kind), (left, kind, other)):
        if against in TIMES and written_kind not in (against, "unknown"):
            text = constant(written)
            if not isinstance(text, str) or TIMES[against](text) is None:
                what = f'"{text[:40]}"' if isinstance(text, str) else WORDS[written_kind]
                return written, f"expected {WORDS[against]} such as {_FORMS[against]} here, found {what}"
    return None


def _kind(node: ast.expr, names: Mapping[str, Kind]) -> Kind:
    written = constant(node)
    if written is not None:
        return KINDS[type(written)]
    kind = names.get(name_at(node) or "", "unknown")
    return _FAMILY.get(kind, kind)
