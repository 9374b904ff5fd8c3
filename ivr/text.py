"""Texts to be spoken: one for each language, with places for values such as `{caller.contacts}`."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import PlainValidator

from core.filemodel import Problem, problems, read_texts
from ivr.session import Session, Value

Missing = Callable[[str], None]
"""Told the name of each value that a text wanted and the call does not have."""

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}|[{}]")
NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
CALLER = "caller."


def value_of(session: Session, name: str) -> Value:
    """The value that a name such as `caller.contacts`, `language` or `case_number` has in this call, or None."""
    if name.startswith(CALLER):
        return session.caller.get(name[len(CALLER) :])
    return session.language if name == "language" else session.variables.get(name)


@dataclass(frozen=True, slots=True)
class Template:
    """A text in pieces; `names` are the values it wants, each with its offset in the text."""

    text: str
    pieces: tuple[tuple[str, str], ...]
    """Words, and the name of the value that comes after them ('' after the last words)."""
    names: tuple[tuple[str, int], ...]

    def fill(self, session: Session, missing: Missing) -> str:
        """The words for this call. A value that is not there is left out, and `missing` is told."""
        if not self.names:
            return self.text
        words = []
        for before, name in self.pieces:
            words.append(before)
            if name:
                value = value_of(session, name)
                if value is None:
                    missing(name)
                else:
                    words.append(str(value))
        return "".join(words)


@dataclass(frozen=True, slots=True)
class Text:
    """What an admin wrote under `say`, `menu`, …: by language, or under '' where one text serves all."""

    templates: Mapping[str, Template]

    def in_language(self, language: str) -> Template:
        """The text in this language; in the first one written where the language is missing."""
        template = self.templates.get(language)
        return template if template is not None else next(iter(self.templates.values()))

    def names(self) -> Iterator[tuple[str, str, int]]:
        """Language, name and offset of each value that the text wants."""
        for language, template in self.templates.items():
            for name, offset in template.names:
                yield language, name, offset


def _read_template(text: str, inside: tuple[str, ...], wrong: list[Problem]) -> Template:
    pieces, names, end = [], [], 0
    for match in _PLACEHOLDER.finditer(text):
        name = match[1]
        if name is None or not NAME.fullmatch(name):
            message = "expected a value's name in braces, such as {caller.contacts}, found " + repr(match[0][:40])
            wrong.append(Problem("placeholder", message, inside, match.start()))
            continue
        pieces.append((text[end : match.start()], name))
        names.append((name, match.start() + 1))
        end = match.end()
    return Template(text, (*pieces, (text[end:], "")), tuple(names))


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


FlowText = Annotated[Text, PlainValidator(_read_text)]
