"""Conditions such as `caller.contacts > 0 and dialled == "3939"`: read once, checked, and made into closures.

What there is: `and`, `or`, `not`, brackets; `==`, `!=`, `<`, `<=`, `>`, `>=`, also in chains; `in` and `not in` with a
list of values; numbers, texts in quotes, `true`, `false`; names of values. Nothing else: no call, no arithmetic, no
index. Python's parser reads them, a whitelist decides, and no name is ever looked up in Python.

A comparison with a value that the call does not have, or of another kind, is false whatever the comparison.
"""

import ast
import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import PlainValidator

from core.filemodel import Problem, found, nearest, problem
from ivr.expressions import KINDS, ORDERS, TRUTHS, Refused, Test, constant, limit_depth, name_at, truth
from ivr.model import Kind

LONGEST = 500
"""Characters of a condition."""

_EXAMPLE = 'write for example caller.contacts > 0 and dialled == "3939"'
_WORDS: Mapping[Kind, str] = {"number": "a number", "text": "a text", "truth": "true or false"}
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_ASSIGNMENT = re.compile(r"(?<![=!<>])=(?!=)")


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
        limit_depth(tree)
        return Condition(value, truth(tree), tree)
    except Refused as refused:
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
            elif type(op) in ORDERS and other_kind not in ("number", "unknown"):
                yield other, "condition-kind", "only numbers are smaller or larger; use == or !="


def _check_name(node: ast.expr, names: Mapping[str, Kind]) -> _Wrong:
    name = name_at(node)
    if name is not None and name not in names and name not in TRUTHS:
        yield node, "unknown-name", f"unknown name {name}{nearest(name, list(names))}"


def _kind(node: ast.expr, names: Mapping[str, Kind]) -> Kind:
    written = constant(node)
    if written is not None:
        return KINDS[type(written)]
    return names.get(name_at(node) or "", "unknown")
