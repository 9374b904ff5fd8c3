"""What the models of all admin-edited files share: strictness, durations, shares, names, and problems with a place.

A validator that finds something wrong raises `problem(…)`; core/validation.py turns it, and pydantic's own errors, into
Faults.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from core.document import DataPath

Spoken = str | dict[str, str]
"""A text as it stands in a file: one for all languages, or one for each."""

_DURATION = re.compile(r"([0-9]{1,9})(ms|s|m|h)")
_UNIT_MS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000}
LONGEST_MS = 24 * 3_600_000
_SHARE = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,3})?)%")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")
_NUMBER = re.compile(r"\+?[0-9*#]{1,20}")
LONGEST_TEXT = 2_000
"""Characters; about two minutes of speech."""
MOST_COMPARED = 200
"""Names that a misspelt one is compared with, the likeliest: a file made to be slow must not be."""


class FileModel(BaseModel):
    """Base of every model: nothing unknown, nothing converted, never changed."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, arbitrary_types_allowed=True)

    @classmethod
    def file_keys(cls) -> dict[str, str]:
        """The keys as they stand in a file, and the attribute of each: they differ for a word of Python (`with`)."""
        return {info.alias or name: name for name, info in cls.model_fields.items()}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong inside a value. `inside` leads on from the value; `offset` is a character of a text;
    `at_key`: it is the key that is wrong."""

    rule: str
    message: str
    inside: DataPath = ()
    offset: int | None = None
    at_key: bool = False


def problem(rule: str, message: str, inside: DataPath = (), offset: int | None = None) -> PydanticCustomError:
    """The error for one problem, to be raised by a validator."""
    return problems([Problem(rule, message, inside, offset)])


def problems(found: Sequence[Problem]) -> PydanticCustomError:
    """The error for several problems in one value."""
    return PydanticCustomError("problems", "{count} problems", {"count": len(found), "problems": tuple(found)})


def closest(name: str, known: Sequence[str]) -> str:
    """The known name that a misspelt one probably stands for, or ''."""
    likely = sorted(known, key=lambda other: (abs(len(other) - len(name)), other[:1] != name[:1], other))[
        :MOST_COMPARED
    ]
    return next(iter(get_close_matches(name[:60], likely, n=1, cutoff=0.6)), "")


def nearest(name: str, known: Sequence[str]) -> str:
    """The end of a message about an unknown name: `; did you mean …?`, else what is known if that is short."""
    close = closest(name, known)
    if close:
        return f"; did you mean {close}?"
    return f"; known: {', '.join(each[:60] for each in sorted(known))}" if 0 < len(known) <= 12 else ""


def found(value: Any) -> str:
    """A value of a file as a message names it."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case str():
            return f"'{value}'" if len(value) <= 40 else f"'{value[:40]}…'"
        case list():
            return "a list"
        case dict():
            return "a group of keys"
        case _:
            return str(value)


def read_duration(value: Any) -> int:
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise problem("duration", f"expected a duration such as 7s, 2m or 500ms, found {found(value)}")
    ms = int(match[1]) * _UNIT_MS[match[2]]
    if ms > LONGEST_MS:
        raise problem("duration", f"expected a duration of at most 24h, found {found(value)}")
    return ms


def is_duration(value: Any) -> bool:
    """It is written as one."""
    return isinstance(value, str) and _DURATION.fullmatch(value) is not None


def duration_text(ms: int) -> str:
    """Milliseconds as a person writes them: `7s`, `2m`, `500ms`."""
    unit = next((unit for unit in ("h", "m", "s") if ms and ms % _UNIT_MS[unit] == 0), "ms")
    return f"{ms // _UNIT_MS[unit]}{unit}" if ms else "0s"


def _read_share(value: Any) -> float:
    match = _SHARE.fullmatch(value) if isinstance(value, str) else None
    if match is None or float(match[1]) > 100:
        raise problem("share", f"expected a share such as 85%, found {found(value)}")
    return float(match[1]) / 100


def read_texts(value: Any, most: int = LONGEST_TEXT) -> Spoken:
    wrong = []
    texts = value if isinstance(value, dict) else {"": value}
    if not texts:
        raise problem("wrong-type", "expected a text, or one text a language, found nothing")
    for language, text in texts.items():
        inside = (language,) if language else ()
        if language and not _LANGUAGE.fullmatch(language):
            wrong.append(
                Problem(
                    "language", f"expected a language such as fr or en, found {found(language)}", inside, at_key=True
                )
            )
        elif not isinstance(text, str):
            also = "" if inside else ", or one text a language"
            wrong.append(Problem("wrong-type", f"expected a text{also}, found {found(text)}", inside))
        elif not text.strip():
            wrong.append(Problem("empty-text", "expected a text, found an empty one", inside))
        elif len(text) > most:
            wrong.append(Problem("long-text", f"the text has {len(text)} characters; {most} is the most", inside))
    if wrong:
        raise problems(wrong)
    return dict(texts) if isinstance(value, dict) else str(value)


def _read_language(value: Any) -> str:
    if not isinstance(value, str) or not _LANGUAGE.fullmatch(value):
        raise problem("language", f"expected a language such as fr or en, found {found(value)}")
    return value


def read_number(value: Any) -> str:
    """A number to dial, as it stands in a file. Raises a `problem`."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not _NUMBER.fullmatch(text):
        raise problem("number", f'expected a number to dial such as "3939" or "+33123456789", found {found(value)}')
    return text


_DURATION_SCHEMA = {
    "type": "string",
    "pattern": f"^{_DURATION.pattern}$",
    "description": "A duration such as 7s, 2m, 500ms or 1h.",
}


def texts_schema(most: int, description: str) -> dict[str, Any]:
    """What stands in a file, for editors: JSON Schema."""
    text = {"type": "string", "minLength": 1, "maxLength": most}
    by_language = {
        "type": "object",
        "propertyNames": {"pattern": f"^{_LANGUAGE.pattern}$"},
        "additionalProperties": text,
        "minProperties": 1,
    }
    return {"anyOf": [text, by_language], "description": description}


TEXTS_SCHEMA = texts_schema(LONGEST_TEXT, "A text, or one text a language, such as {fr: Bonjour., en: Hello.}.")

Duration = Annotated[int, PlainValidator(read_duration), WithJsonSchema(_DURATION_SCHEMA)]
"""`7s`, `2m`, `500ms`, `1h` in the file; milliseconds in Python."""
Share = Annotated[
    float,
    PlainValidator(_read_share),
    WithJsonSchema({"type": "string", "pattern": f"^{_SHARE.pattern}$", "description": "A share such as 85%."}),
]
"""`85%` in the file; 0.85 in Python."""
Texts = Annotated[Spoken, PlainValidator(lambda value: read_texts(value)), WithJsonSchema(TEXTS_SCHEMA)]
"""A text, or one text a language; not empty, at most LONGEST_TEXT characters."""
Language = Annotated[
    str,
    PlainValidator(_read_language),
    WithJsonSchema(
        {"type": "string", "pattern": f"^{_LANGUAGE.pattern}$", "description": "A language such as fr or en."}
    ),
]
DialledNumber = Annotated[
    str,
    PlainValidator(read_number),
    WithJsonSchema(
        {
            "anyOf": [{"type": "string", "pattern": rf"^{_NUMBER.pattern}$"}, {"type": "integer", "minimum": 0}],
            "description": 'A number to dial such as "3939" or "+33123456789".',
        }
    ),
]


def named(what: str, pattern: str = r"[a-z][a-z0-9_-]{0,49}") -> BeforeValidator:
    """A validator for names: of a step, a queue, a flow, …"""
    compiled = re.compile(pattern)

    def check(value: Any) -> Any:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            raise problem(
                "name",
                f"expected the name of {what} (a small letter, then letters, digits, - or _), found {found(value)}",
            )
        return value

    return BeforeValidator(check)
