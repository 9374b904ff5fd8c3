"""Texts to be spoken: one for each language, with places for values such as `{caller.contacts}`, or
`{case_number:digits}` to say how the value is spoken. A piece in another language stands in brackets, for the voice of
that language: `Pour la voirie, tapez 1. [en:For English, press 9.]`"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema

from core.filemodel import TEXTS_SCHEMA, Problem, nearest, problems, read_texts
from ivr.acts import Prompt
from ivr.session import Session, Value
from ivr.spoken import FORMS, spoken

Missing = Callable[[str], None]
"""Told the name of each value that a text wanted and the call does not have."""

_MARK = re.compile(r"\{(?P<value>[^{}]*)\}|\[(?P<language>[a-z]{2,3}(?:-[A-Z]{2})?):\s*|[][{}]")
_WORDS = re.compile(r"\w")
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

    def __str__(self) -> str:
        return f"{self.name}:{self.form}" if self.form else self.name


@dataclass(frozen=True, slots=True)
class Piece:
    """Words of one language ('': that of the text) in pieces of their own: words, and the place that comes after them
    (None after the last words)."""

    language: str
    words: tuple[tuple[str, Place | None], ...]
    offset: int = field(default=0, compare=False)
    """Where it begins in the text as it was written."""

    @property
    def places(self) -> tuple[Place, ...]:
        return tuple(place for _, place in self.words if place)

    @property
    def text(self) -> str:
        """As it was written, with the names of values in braces."""
        return "".join(before + (f"{{{place}}}" if place else "") for before, place in self.words)

    def fill(self, session: Session, language: str, missing: Missing) -> str:
        """The words for this call. A value that is not there is left out, and `missing` is told."""
        words = []
        for before, place in self.words:
            words.append(before)
            if place:
                value = value_of(session, place.name)
                if value is None:
                    missing(place.name)
                else:
                    words.append(spoken(value, place.form, language, session.now))
        return "".join(words)


@dataclass(frozen=True, slots=True)
class Template:
    """A text in pieces, each in one language."""

    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        """What is heard, with the names of values in braces."""
        return "".join(piece.text for piece in self.pieces)

    @property
    def places(self) -> tuple[Place, ...]:
        return tuple(place for piece in self.pieces for place in piece.places)

    def prompts(self, language: str, fill: Callable[[Piece, str], str]) -> Iterator[Prompt]:
        """What is spoken, each piece by the voice of its language. `fill` gives the words of a piece; one without any
        is left out, but for a text that has no words at all."""
        whole = [Prompt(fill(each, each.language or language), each.language or language) for each in self.pieces]
        if len(whole) == 1:
            yield whole[0]
            return
        heard = [Prompt(each.text.strip(), each.language) for each in whole if _WORDS.search(each.text)]
        yield from heard or [Prompt("", language)]


@dataclass(frozen=True, slots=True)
class Text:
    """What an admin wrote under `say`, `menu`, …: by language, or under '' where one text serves all."""

    templates: Mapping[str, Template]

    def in_language(self, language: str) -> Template:
        """The text in this language; in the first one written where the language is missing."""
        return self._chosen(language)[0]

    def prompts(self, session: Session, missing: Missing) -> tuple[Prompt, ...]:
        """What is spoken in this call. A value that is not there is left out, and `missing` is told."""
        template, language = self._chosen(session.language)
        return tuple(template.prompts(language, lambda piece, spoken_in: piece.fill(session, spoken_in, missing)))

    def fixed_prompts(self, language: str) -> Iterator[Prompt]:
        """What is spoken in that language, as far as its words are known before a call."""
        template, spoken_in = self._chosen(language)
        fixed = template.prompts(spoken_in, lambda piece, _: "" if piece.places else piece.text)
        yield from (prompt for prompt in fixed if prompt.text)

    def read(self, session: Session, missing: Missing) -> Prompt:
        """The whole text in the call's language, to be read and not heard."""
        template, language = self._chosen(session.language)
        text = "".join(piece.fill(session, piece.language or language, missing) for piece in template.pieces)
        return Prompt(text, language)

    def places(self) -> Iterator[tuple[str, Place]]:
        """Each place for a value, with its language."""
        for language, template in self.templates.items():
            for place in template.places:
                yield language, place

    def languages(self) -> Iterator[tuple[str, str, int]]:
        """The language of each piece that is in another one, with the text's language and its offset there."""
        for language, template in self.templates.items():
            for piece in template.pieces:
                if piece.language:
                    yield language, piece.language, piece.offset

    def _chosen(self, language: str) -> tuple[Template, str]:
        template = self.templates.get(language) or self.templates.get("")
        if template is not None:
            return template, language
        return next((template, other) for other, template in self.templates.items())


class _Reader:
    """Reads a text mark by mark: values in braces, pieces of other languages in brackets."""

    def __init__(self, text: str, inside: tuple[str, ...], wrong: list[Problem]) -> None:
        self.text, self.inside, self.wrong = text, inside, wrong
        self.pieces: list[Piece] = []
        self.words: list[tuple[str, Place | None]] = []
        self.language, self.begun = "", 0
        """Of the piece that is being read, and where it began."""
        self.end = 0
        """Up to where the text was taken in."""
        self.marks = 0
        """Values, and what is none."""

    def read(self) -> Template:
        for match in _MARK.finditer(self.text):
            if match["value"] is not None:
                self._value(match)
            elif match["language"] and not self.language:
                self._turn(match, match["language"])
            elif match[0] == "]" and self.language:
                self._turn(match, "")
            else:
                self._strange(match)
            if self.marks > MOST_PLACES:
                self._tell(f"the text speaks more than {MOST_PLACES} values", match.start())
                break
        if self.language:
            self._tell(f"the piece in {self.language} has no end; close it with ]", self.begun)
        self._turn(None, "")
        return Template(tuple(self.pieces))

    def _value(self, match: re.Match[str]) -> None:
        name, colon, form = match["value"].partition(":")
        if not NAME.fullmatch(name):
            self._strange(match)
            return
        self.marks += 1
        if colon and form not in FORMS:
            self._tell(
                f"no value is spoken as {form[:40]!r}{nearest(form, list(FORMS))}", match.start() + len(name) + 2
            )
        else:
            self.words.append((self.text[self.end : match.start()], Place(name, form, match.start() + 1)))
            self.end = match.end()

    def _turn(self, match: re.Match[str] | None, language: str) -> None:
        """The piece ends here, and one in that language begins."""
        last = self.text[self.end : match.start() if match else len(self.text)]
        if last or self.words or (match is None and not self.pieces):
            self.pieces.append(Piece(self.language, (*self.words, (last, None)), self.begun))
        self.words, self.language = [], language
        if match:
            self.begun, self.end = match.start(), match.end()

    def _strange(self, match: re.Match[str]) -> None:
        self.marks += 1
        if match[0][0] in "[]":
            expected = "a piece in another language in brackets, such as [en:For English, press 9.]"
        else:
            expected = "a value's name in braces, such as {caller.contacts}"
        self._tell(f"expected {expected}, found {match[0][:40]!r}", match.start())

    def _tell(self, message: str, offset: int) -> None:
        self.wrong.append(Problem("placeholder", message, self.inside, offset))


def _read_text(value: Any) -> Text:
    wrong: list[Problem] = []
    texts = read_texts(value)
    by_language = {"": texts} if isinstance(texts, str) else texts
    templates = {
        language: _Reader(text, (language,) if language else (), wrong).read() for language, text in by_language.items()
    }
    if wrong:
        raise problems(wrong)
    return Text(templates)


FlowText = Annotated[Text, PlainValidator(_read_text), WithJsonSchema(TEXTS_SCHEMA)]
