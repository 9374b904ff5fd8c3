"""Conditions as closures: a whitelist over the tree that Python's parser gives. Nothing is looked up in Python."""

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

from core.expressions import TRUTHS, Refused, constant, name_at
from ivr.model import Kind
from ivr.session import Session, Value
from ivr.spoken.forms import clock_in, day_in, moment_in
from ivr.text import value_of

Test = Callable[[Session], bool]
Read = Callable[[Session], Value]

KINDS: Mapping[type, Kind] = {bool: "truth", int: "number", float: "number", str: "text"}
ORDERS: Mapping[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
TIMES: Mapping[Kind, Callable[[str], object]] = {"date": day_in, "time": clock_in, "moment": moment_in}
"""Kinds of texts that have smaller and larger ones, with what reads them; None where a text is not of the kind."""
FUNCTIONS: Mapping[str, str] = {"known": "known(case_number)", "starts": 'starts(caller.number, "+33")'}
"""Every function with an example. `known`: the call has a value of that name. `starts`: it is a text that begins so."""
_EQUALITIES: Mapping[type[ast.cmpop], Callable[[Any, Any], bool]] = {ast.Eq: operator.eq, ast.NotEq: operator.ne}
_MEMBERSHIPS: Mapping[type[ast.cmpop], bool] = {ast.In: True, ast.NotIn: False}


def truth(node: ast.expr) -> Test:
    """The node as something that is true or false."""
    match node:
        case ast.BoolOp(op=ast.And()):
            return _all([truth(each) for each in node.values])
        case ast.BoolOp():
            tests = [truth(each) for each in node.values]
            return lambda session: any(test(session) for test in tests)
        case ast.UnaryOp(op=ast.Not()):
            test = truth(node.operand)
            return lambda session: not test(session)
        case ast.Call():
            return _call(node)
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
    ordering = ORDERS.get(type(op))
    if ordering is not None:
        return _ordered(ordering, read_left, read_right)
    if compare is None:
        raise Refused(around, "is does not compare here; write ==")
    return _equal(compare, read_left, read_right)


def _equal(compare: Callable[[Any, Any], bool], read_left: Read, read_right: Read) -> Test:
    def test(session: Session) -> bool:
        left, right = read_left(session), read_right(session)
        kind = KINDS.get(type(left))
        return kind is not None and kind == KINDS.get(type(right)) and compare(left, right)

    return test


def _ordered(compare: Callable[[Any, Any], bool], read_left: Read, read_right: Read) -> Test:
    def test(session: Session) -> bool:
        left, right = _in_order(read_left(session)), _in_order(read_right(session))
        return left is not None and right is not None and left[0] == right[0] and compare(left[1], right[1])

    return test


def _in_order(value: Value) -> tuple[str, Any] | None:
    """A value that has smaller and larger ones: a number, and a text that is a date, a time or a moment."""
    if not isinstance(value, str):
        return ("number", value) if KINDS.get(type(value)) == "number" else None
    for kind, read in TIMES.items():
        if (found := read(value)) is not None:
            return kind, found
    return None


def _membership(read: Read, values: list[Value], *, wanted: bool) -> Test:
    kinds = {(KINDS[type(value)], value) for value in values}

    def test(session: Session) -> bool:
        value = read(session)
        kind = KINDS.get(type(value))
        return kind is not None and ((kind, value) in kinds) is wanted

    return test


def _list(node: ast.expr) -> list[Value]:
    if not isinstance(node, ast.List | ast.Tuple):
        raise Refused(node, 'after in comes a list of values, such as ["3939", "3940"]')
    values: list[Value] = []
    for each in node.elts:
        value = constant(each)
        if value is None:
            raise Refused(each, "expected a number, a text in quotes, true or false in this list")
        values.append(value)
    return values


def _value(node: ast.expr) -> Read:
    """The node as a value: written here, or one of the call's."""
    written = constant(node)
    if written is not None:
        return lambda _: written
    name = name_at(node)
    if name is not None:
        return lambda session: value_of(session, name)
    if isinstance(node, ast.Call):
        raise Refused(node, _no_function(node))
    if isinstance(node, ast.BinOp | ast.UnaryOp):
        raise Refused(node, "a condition does not calculate; compare values as they are")
    raise Refused(node, "expected a name, a number, a text in quotes, or a comparison here")


# --- functions ----------------------------------------------------------------------------------------------------


def _call(node: ast.Call) -> Test:
    function = name_at(node.func)
    if function not in FUNCTIONS:
        raise Refused(node, _no_function(node))
    name, beginning = called_with(node)
    if function == "known":
        return lambda session: value_of(session, name) is not None

    def test(session: Session) -> bool:
        value = value_of(session, name)
        return isinstance(value, str) and value.startswith(beginning)

    return test


def called_with(node: ast.Call) -> tuple[str, str]:
    """The name that a function is about, and the text it is given, or ''."""
    function = name_at(node.func) or ""
    name = name_at(node.args[0]) if node.args else None
    texts = [constant(each) for each in node.args[1:]]
    wanted = 1 if function == "starts" else 0
    if name is None or name in TRUTHS or node.keywords or len(texts) != wanted:
        raise Refused(node, f"write for example {FUNCTIONS[function]}")
    if texts and not isinstance(texts[0], str):
        raise Refused(node.args[1], f"expected a text in quotes here; write for example {FUNCTIONS[function]}")
    return name, str(texts[0]) if texts else ""


def _no_function(node: ast.Call) -> str:
    name = name_at(node.func)
    if name in FUNCTIONS:
        return f"{name}(…) is true or false already; it is not compared"
    only = "a condition has known(…) and starts(…) only"
    return f"there is no function {name[:40]}; {only}" if name else only
