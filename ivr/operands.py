"""Values as steps hand them over (`with: {number: case_number, tries: 2}`): the name of a value of the call, or a
constant. A text is written in quotes of its own, `'"roads"'`, since a bare word is a name."""

import re
from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema

from core.filemodel import found, problem

_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
_QUOTED = re.compile(r"\"([^\"]{0,200})\"|'([^']{0,200})'")
LONGEST_NAME = 80


class ValueName(str):
    """The name of a value that the call must have: `case_number`, `caller.number`."""

    __slots__ = ()


def read_value_name(value: Any) -> ValueName:
    if not isinstance(value, str) or len(value) > LONGEST_NAME or not _NAME.fullmatch(value):
        raise problem("wrong-type", f"expected the name of a value such as case_number, found {found(value)}")
    return ValueName(value)


def read_operand(value: Any) -> str | int | float | bool:
    if isinstance(value, int | float):  # truths too
        return value
    if isinstance(value, str) and (quoted := _QUOTED.fullmatch(value)):
        return quoted[1] or quoted[2] or ""
    if not isinstance(value, str) or len(value) > LONGEST_NAME or not _NAME.fullmatch(value):
        raise problem(
            "wrong-type",
            "expected the name of a value such as case_number, a number, true or false, "
            f"or a text in quotes of its own ('\"roads\"'), found {found(value)}",
        )
    return ValueName(value)


ValueNamed = Annotated[
    ValueName,
    PlainValidator(read_value_name),
    WithJsonSchema(
        {"type": "string", "pattern": f"^{_NAME.pattern}$", "description": "The name of a value, such as case_number."}
    ),
]
Operand = Annotated[
    ValueName | str | int | float | bool,
    PlainValidator(read_operand),
    WithJsonSchema(
        {
            "type": ["string", "number", "boolean"],
            "description": "The name of a value, a number, true or false, or a text in quotes of its own: '\"roads\"'.",
        }
    ),
]
