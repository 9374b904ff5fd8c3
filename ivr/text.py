"""Texts to be spoken: one for each language, with places for values such as `{caller.contacts}`, or
`{case_number:digits}` to say how the value is spoken."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema

from core.filemodel import TEXTS_SCHEMA, Problem, nearest, problems, read_texts
from ivr.session import Session, Value
from ivr.spoken import FORMS, spoken

Missing = Callable[[str], None]
"""Told the name of each value that a text wanted and the call does not have."""

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}|[{}]")
NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
CALLER = "caller."
MOST_PLACES = 20
"""Values that one text speaks."""


def value_of(session: Session, name: str) -> Value:
    """The value that a name such as `caller.contacts`, `language` or `case_number` has in this call, or None."""
    if name.startswith(CALLER):
        return session.caller.get(name[len(CALLER) :])
    return session.language if name == "language" else session.variables.get(name)


@dataclass(frozen=True, slots=True)
class Place:
    """A place for a value: its name, how it is spoken ('': by what it is), and its offset in the text."""

    name: str
    form: str
    offset: int


@dataclass(frozen=True, slots=True)
class Template:
    """A text in pieces."""

    text: str
    pieces: tuple[tuple[str, Place | None], ...]
    """Words, and the place that comes after them (None after the last words)."""

    @property
    def places(self) -> tuple[Place, ...]:
        return tuple(place for _, place in self.pieces if place)

    def fill(self, session: Session, missing: Missing) -> str:
        """The words for this call. A value that is not there is left out, and `missing` is told."""
        if len(self.pieces) == 1:
            return self.text
        words = []
        for before, place in self.pieces:
            words.append(before)
            if place:
                value = value_of(session, place.name)
                if value is None:
                    missing(place.name)
                else:
                    words.append(spoken(value, place.form, session.language, session.now))
        return "".join(words)


@dataclass(frozen=True, slots=True)
class Text:
    """What an admin wrote under `say`, `menu`, …: by language, or under '' where one text serves all."""

    templates: Mapping[str, Template]

    def in_language(self, language: str) -> Template:
        """The text in this language; in the first one written where the language is missing."""
        template = self.templates.get(language)
        return template if template is not None else next(iter(self.templates.values()))

    def places(self) -> Iterator[tuple[str, Place]]:
        """Each place for a value, with its language."""
        for language, template in self.templates.items():
            for place in template.places:
                yield language, place


def _read_template(text: str, inside: tuple[str, ...], wrong: list[Problem]) -> Template:
    pieces: list[tuple[str, Place | None]] = []
    end = 0
    for match in _PLACEHOLDER.finditer(text):
        name, colon, form = (match[1] or "").partition(":")
        if not NAME.fullmatch(name):
            message = "expected a value's name in braces, such as {caller.contacts}, found " + repr(match[0][:40])
            wrong.append(Problem("placeholder", message, inside, match.start()))
        elif colon and form not in FORMS:
            message = f"no value is spoken as {form[:40]!r}{nearest(form, list(FORMS))}"
            wrong.append(Problem("placeholder", message, inside, match.start() + len(name) + 2))
        else:
            pieces.append((text[end : match.start()], Place(name, form, match.start() + 1)))
            end = match.end()
        if len(pieces) + len(wrong) > MOST_PLACES:
            message = f"the text speaks more than {MOST_PLACES} values"
            wrong.append(Problem("placeholder", message, inside, match.start()))
            break
    return Template(text, (*pieces, (text[end:], None)))


def _read_text(value: Any) -> Text:
    wrong: list[Problem] = []
    texts = read_texts(value)
    by_language = {"": texts} if isinstance(texts, str) else texts
    templates = {
        language: _read_template(text, (language,) if language else (), wrong) for language, text in by_language.items()
    }
    if wrong:
        raise problems(wrong)
    return Text(templates)


FlowText = Annotated[Text, PlainValidator(_read_text), WithJsonSchema(TEXTS_SCHEMA)]
