"""What the files of answers and services have in common: longer texts, dates, links, topics."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, PlainValidator, WithJsonSchema

from core.filemodel import (
    FileModel,
    Problem,
    Spoken,
    Texts,
    found,
    named,
    problem,
    problems,
    read_texts,
    texts_schema,
)  # fmt: skip

LONGEST_PAGE = 20_000
"""Characters of one page in one language."""
LONGEST_URL = 500
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_BRACES = re.compile(r"[{}]")


def in_language(texts: str | Mapping[str, str], language: str) -> tuple[str, str]:
    """The text in this language, or else the first one written; and the language that it is in (as asked for, where
    one text serves all)."""
    if isinstance(texts, str):
        return texts, language
    known = language if language in texts else next(iter(texts))
    return texts[known], known


def _without_values(texts: Spoken) -> Spoken:
    each = {"": texts} if isinstance(texts, str) else texts
    wrong = [
        Problem("placeholder", "values of a call cannot be spoken here", (language,) if language else (), match.start())
        for language, text in each.items()
        if (match := _BRACES.search(text))
    ]
    if wrong:
        raise problems(wrong)
    return texts


def _read_pages(value: Any) -> Spoken:
    return read_texts(value, LONGEST_PAGE)


def _read_date(value: Any) -> str:
    try:
        if isinstance(value, str) and _DATE.fullmatch(value):
            return date.fromisoformat(value).isoformat()
    except ValueError:
        pass
    raise problem("date", f"expected a date such as 2027-01-31, found {found(value)}")


def _read_url(value: Any) -> str:
    if isinstance(value, str) and len(value) <= LONGEST_URL and value.isprintable() and " " not in value:
        try:
            parts = urlsplit(value)
        except ValueError:
            parts = urlsplit("")
        if parts.scheme in ("https", "http") and parts.hostname and "@" not in parts.netloc:
            return value
    raise problem("link", f"expected an address that begins with https://, found {found(value)}")


PlainTexts = Annotated[Texts, AfterValidator(_without_values)]
"""A text, or one a language, that is the same for all callers."""
Pages = Annotated[
    Spoken, PlainValidator(_read_pages),
    WithJsonSchema(texts_schema(LONGEST_PAGE, "A text in Markdown, or one text a language.")),
]  # fmt: skip
IsoDate = Annotated[
    str,
    PlainValidator(_read_date),
    WithJsonSchema({"type": "string", "pattern": f"^{_DATE.pattern}$", "description": "A date such as 2027-01-31."}),
]
Url = Annotated[
    str,
    PlainValidator(_read_url),
    WithJsonSchema({"type": "string", "pattern": "^https?://", "description": "An address such as https://…"}),
]
Topic = Annotated[str, named("a topic")]


class Link(FileModel):
    """Where more is to be read."""

    title: Texts
    url: Url
