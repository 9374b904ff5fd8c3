"""Expressions that admins write in files, read by Python's parser and held against a whitelist; nothing is ever looked
up in Python. Here is what every language of conditions shares: reading, limits, names, constants, places of faults.
What names and comparisons mean is said where they are used (ivr/conditions.py, queues/overflow/conditions.py)."""

import ast
import re
import warnings
from collections.abc import Mapping
from typing import Any

from core.filemodel import found, problem

LONGEST = 500
"""Characters of a condition."""
DEEPEST = 20
"""Levels of brackets, `not`, …"""
TRUTHS: Mapping[str, bool] = {"true": True, "false": False}

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_ASSIGNMENT = re.compile(r"(?<![=!<>])=(?!=)")


class Refused(Exception):
    """What stands at a node is not allowed in a condition."""

    def __init__(self, node: ast.AST, message: str) -> None:
        super().__init__(message)
        self.node, self.message = node, message


def source_of(value: Any, example: str) -> str:
    """The text of a condition. Raises a `problem` for anything else; `example` ends the message."""
    if not isinstance(value, str) or not value.strip():
        raise problem("condition", f"expected a condition, found {found(value)}; {example}")
    if len(value) > LONGEST:
        raise problem("condition", f"the condition has {len(value)} characters; {LONGEST} is the most")
    return value


def parse(source: str, example: str) -> ast.expr:
    """The tree of a condition. Raises a `problem` that points into it; `example` ends the message."""
    flat = _flat(source)
    if single := _ASSIGNMENT.search(_QUOTED.sub(lambda quoted: "_" * len(quoted[0]), flat)):
        raise problem("condition", "a single = does not compare; write ==", offset=_margin(source) + single.start())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(flat, mode="eval").body
    except SyntaxError as error:
        at = min(max((error.offset or 1) - 1, 0), len(flat))
        raise problem("condition", f"this cannot be read; {example}", offset=_margin(source) + at) from None
    except (ValueError, MemoryError, RecursionError):
        raise problem("condition", f"this cannot be read; {example}") from None


def offset_in(source: str, node: ast.AST) -> int:
    """Where a node begins, in characters; the parser counts bytes of UTF-8."""
    column: int = getattr(node, "col_offset", 0)
    return _margin(source) + len(_flat(source).encode()[:column].decode(errors="replace"))


def limit_depth(tree: ast.expr) -> None:
    level: list[ast.AST] = [tree]
    for _ in range(DEEPEST):
        level = [child for node in level for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
        if not level:
            return
    raise Refused(level[0], f"the condition is more than {DEEPEST} levels deep")


def name_at(node: ast.expr) -> str | None:
    """`caller.contacts` from its nodes; None where they are not a name."""
    words = []
    while isinstance(node, ast.Attribute):
        words.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    return ".".join((node.id, *reversed(words)))


def constant(node: ast.expr) -> str | int | float | bool | None:
    """The value that is written at a node; None where it is no value."""
    match node:
        case ast.Constant(value=bool() | int() | float() | str()):
            return node.value  # type: ignore[return-value] # the pattern says so
        case ast.Name(id="true" | "false"):
            return TRUTHS[node.id]
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)) if number is not True:
            return -number
    return None


def _flat(source: str) -> str:
    """One line that Python's parser takes as it is; offsets move by what stands before it."""
    return source.strip().replace("\n", " ")


def _margin(source: str) -> int:
    return len(source) - len(source.lstrip())
