"""Builds a document from the YAML parser's events, in a loop with a stack of its own."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

import yaml

from core.document import DataPath, Document, Spot
from core.files import Faults, Place
from core.yamladvice import at

MOST_DEPTH = 32
MOST_NODES = 20_000
MOST_FAULTS = 50

_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,14})")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,7})\.[0-9]{1,7}")
_NAMED_VALUES = {"true": True, "false": False, "": None, "null": None, "~": None}
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff\ufffe\uffff]")
"""Control characters, other line breaks, and those that turn the direction of writing."""


class Stop(Exception):
    """Nothing more of this file can be read; the fault is told."""


@dataclass(slots=True)
class _Open:
    """A list or mapping being filled."""

    into: dict[str, Any] | list[Any]
    path: DataPath
    key: str | None = None
    skipping: bool = False
    """The value that comes belongs to a key that is not taken."""


class Reader:
    """Builds data from the parser's events, with a stack of its own."""

    def __init__(self, file: str, text: str, faults: Faults) -> None:
        self.text = text
        self.faults = faults
        self.document = Document(file)
        self.open: list[_Open] = []
        self.nodes = 0
        self.documents = 0
        self.told = 0
        self.sound = True

    def read(self) -> Document | None:
        for event in _events(self.text):
            match event:
                case yaml.ScalarEvent() | yaml.CollectionStartEvent():
                    self._node(event)
                case yaml.AliasEvent():
                    self.sound = False
                    self._fault(event, "aliases (*) are not allowed; write the value out", "alias")
                    self._put(None, event)
                case yaml.CollectionEndEvent():
                    self.open.pop()
                case yaml.DocumentStartEvent():
                    self._document(event)
        if self.documents == 0 or (self.document.data is None and self.sound):
            self.faults.add(Place(self.document.file, 1, 1), "the file is empty", "empty")
            return None
        return self.document if self.sound else None

    def _document(self, event: yaml.DocumentStartEvent) -> None:
        self.documents += 1
        if self.documents > 1:
            self._stop(event, "a second document begins here; one file holds one document", "documents")
        if event.tags:
            self._stop(event, "tags are not allowed", "tag")

    def _node(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        self.nodes += 1
        if self.nodes > MOST_NODES:
            self._stop(event, f"the file holds more than {MOST_NODES} values", "too-many-values")
        if event.anchor is not None:
            self.sound = False
            self._fault(event, "anchors (&) are not allowed; write the value out where it is needed", "anchor")
        if event.tag is not None:
            self.sound = False
            self._fault(event, "tags (!) are not allowed; put a text that begins with ! in quotes", "tag")
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
            return
        if len(self.open) >= MOST_DEPTH:
            self._stop(event, f"values stand more than {MOST_DEPTH} levels deep", "too-deep")
        opened: dict[str, Any] | list[Any] = {} if isinstance(event, yaml.MappingStartEvent) else []
        self.open.append(_Open(opened, self._put(opened, event)))

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        text: str = event.value
        if FORBIDDEN.search(text):
            self.sound = False
            self._fault(
                event, "an invisible character is written here as an escape; it is not allowed", "control-character"
            )
        inside = self.open[-1] if self.open else None
        if inside is not None and isinstance(inside.into, dict) and inside.key is None:
            self._key(inside, text, event)
        else:
            self._put(text if event.style else _plain(text), event)

    def _key(self, inside: _Open, key: str, event: yaml.ScalarEvent) -> None:
        inside.key = key
        path = (*inside.path, key)
        inside.skipping = path in self.document.keys
        if inside.skipping:
            first = self.document.keys[path].line
            self._fault(
                event, f"the key {key[:60]} stands here twice; the first one is in line {first}", "duplicate-key"
            )
        else:
            self.document.keys[path] = _spot(event)

    def _put(self, value: Any, event: yaml.NodeEvent) -> DataPath:
        """Put a value where it belongs; gives its path."""
        if not self.open:
            self.document.data = value
            self.document.values[()] = _spot(event)
            return ()
        inside = self.open[-1]
        if isinstance(inside.into, list):
            inside.into.append(value)
            path: DataPath = (*inside.path, len(inside.into) - 1)
        elif inside.key is None:
            self._stop(event, "a key must be a word or a number", "key")
        else:
            path = (*inside.path, inside.key)
            if inside.skipping:
                path = (*path, -self.nodes)  # a way of its own, so that the first one's places stay
            else:
                inside.into[inside.key] = value
            inside.key = None
        self.document.values[path] = _spot(event)
        return path

    def _fault(self, event: yaml.Event, message: str, rule: str) -> None:
        self.faults.add(Place(self.document.file, *at(event.start_mark)), message, rule)
        self.told += 1
        if self.told >= MOST_FAULTS:
            raise Stop

    def _stop(self, event: yaml.Event, message: str, rule: str) -> NoReturn:
        self._fault(event, message, rule)
        raise Stop


def _events(text: str) -> Iterator[yaml.Event]:
    yield from yaml.parse(text, Loader=yaml.CSafeLoader)


def _plain(text: str) -> Any:
    """The value of a scalar without quotes."""
    if text in _NAMED_VALUES:
        return _NAMED_VALUES[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text


def _spot(event: yaml.Event) -> Spot:
    line, column = at(event.start_mark)
    last_line, end = at(event.end_mark)
    if not isinstance(event, yaml.ScalarEvent) or line != last_line or event.style in ("|", ">"):
        return Spot(line, column)
    quotes = 1 if event.style else 0
    as_written = end - column == len(event.value) + 2 * quotes
    return Spot(line, column, column + quotes if as_written else 0)
