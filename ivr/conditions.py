"""Conditions such as `caller.contacts > 0 and dialled == "3939"`: read once, checked, and made into closures.

What there is: `and`, `or`, `not`, brackets; `==`, `!=`, `<`, `<=`, `>`, `>=`, also in chains; `in` and `not in` with a
list of values; numbers, texts in quotes, `true`, `false`; names of values; `known(name)`: the call has this value;
`starts(name, "06")`: it begins so. Dates, times and moments are compared with texts such as "2026-11-23", "16:30",
"2026-11-23T16:30". Nothing else: no other call, no arithmetic, no index. Python's parser reads them, a whitelist
decides, and no name is ever looked up in Python.

A comparison with a value that the call does not have, or of another kind, is false whatever the comparison.
"""

import ast
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema

from core.expressions import LONGEST, Refused, limit_depth, offset_in, parse, source_of
from core.filemodel import problem
from ivr.expressions import Test, truth

_EXAMPLE = 'write for example caller.contacts > 0 and dialled == "3939"'


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that was read; `holds` decides it for a call. `ivr.checking.reading` says
    what it uses, and of what kinds."""

    source: str
    holds: Test
    tree: ast.expr

    def offset(self, node: ast.AST) -> int:
        """Where a node begins in the source, in characters."""
        return offset_in(self.source, node)


def read_condition(value: Any) -> Condition:
    """Raises a `problem` that points into the condition."""
    source = source_of(value, _EXAMPLE)
    tree = parse(source, _EXAMPLE)
    try:
        limit_depth(tree)
        return Condition(source, truth(tree), tree)
    except Refused as refused:
        raise problem("condition", refused.message, offset=offset_in(source, refused.node)) from None


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
