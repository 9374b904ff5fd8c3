"""Conditions such as `caller.contacts > 0 and dialled == "3939"`: read once, checked, and made into closures.

What there is: `and`, `or`, `not`, brackets; `==`, `!=`, `<`, `<=`, `>`, `>=`, also in chains; `in` and `not in` with a
list of values; numbers, texts in quotes, `true`, `false`; names of values; `known(name)`: the call has this value;
`starts(name, "06")`: it begins so. Dates, times and moments are compared with texts such as "2026-11-23", "16:30",
"2026-11-23T16:30". Nothing else: no other call, no arithmetic, no index. Python's parser reads them, a whitelist
decides, and no name is ever looked up in Python.

A comparison with a value that the call does not have, or of another kind, is false whatever the comparison.
"""

import ast
import re
import warnings
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema

from core.filemodel import found, problem
from ivr.expressions import Refused, Test, limit_depth, truth

LONGEST = 500
"""Characters of a condition."""

_EXAMPLE = 'write for example caller.contacts > 0 and dialled == "3939"'
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_ASSIGNMENT = re.compile(r"(?<![=!<>])=(?!=)")


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that was read; `holds` decides it for a call. `ivr.checking.reading` says
    what it uses, and of what kinds."""

    source: str
    holds: Test
    tree: ast.expr

    def offset(self, node: ast.AST) -> int:
        """Where a node begins in the source, in characters."""
        return _offset(self.source, node)


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


FlowCondition = Annotated[
    Condition,
    PlainValidator(read_condition),
    WithJsonSchema(
        {
            "type": "string",
            "minLength": 1,
            "maxLength": LONGEST,
            "description": f"A condition; {_EXAMPLE}.",
        }
    ),
]


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
