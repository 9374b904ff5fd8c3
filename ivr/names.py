"""The names that texts and conditions may use: what every call has, and what the steps of a flow make."""

from collections.abc import Iterable, Mapping
from keyword import iskeyword
from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema

from core.filemodel import found, problem
from ivr.model import Kind, Step
from ivr.text import NAME

GIVEN: Mapping[str, Kind] = {
    "dialled": "phone",
    "language": "text",
    "caller.number": "phone",
    "caller.name": "text",
    "caller.withheld": "truth",
    "caller.contacts": "number",
    "caller.contacts_today": "number",
    "caller.open_cases": "number",
    "caller.preferred_language": "text",
    "caller.slow_speech": "truth",
    "caller.relay_service": "truth",
}
"""What every call has, for all that is known of that number: earlier contacts, open cases, what its owner asked for. A
number is whoever picked up that phone: flows decide by it, and are told nobody's name, topic or case."""

RESERVED = frozenset({"dialled", "language", "caller", "true", "false"})
LONGEST_NAME = 40


def known_names(steps: Iterable[Step]) -> dict[str, Kind]:
    """Every name of a flow; `unknown` where steps give it values of several kinds."""
    names = dict(GIVEN)
    for step in steps:
        for name, kind in step.makes().items():
            names[name] = kind if names.get(name, kind) == kind else "unknown"
    return names


def read_name(value: Any) -> str:
    """A name that a step may give a value to. Raises a `problem`."""
    if not isinstance(value, str) or len(value) > LONGEST_NAME or "." in value or not NAME.fullmatch(value):
        raise problem(
            "name", f"expected a name such as case_number (small letters, digits and _), found {found(value)}"
        )
    if value in RESERVED or iskeyword(value):
        raise problem("name", f"the name {value} is taken; choose another one")
    return value


NewName = Annotated[
    str,
    PlainValidator(read_name),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": "^[a-z][a-z0-9_]*$",
            "maxLength": LONGEST_NAME,
            "description": "A name for a value, such as case_number.",
        }
    ),
]
