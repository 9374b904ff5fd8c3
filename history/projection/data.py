"""An event's data, read as what it ought to be."""

import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from core.events import KINDS, Event
from core.text import MOST_NAME, clean_name

GREATEST = 2**53
"""Whole numbers above this are no times and no durations."""

_ORDER = {kind: place for place, kind in enumerate(KINDS)}
_ORDER["call.ended"] = len(KINDS)


_cleaned = lru_cache(maxsize=16_384)(clean_name)
"""Most texts are the names of queues, agents, steps: the same over and over."""


class Unreadable(ValueError):
    """An event whose data is not what its kind promises."""


def in_order(events: Iterable[Event]) -> list[Event]:
    """By time, then by kind (a call's end last), then by id."""
    return sorted(events, key=lambda event: (event.at, _ORDER[event.kind], event.id))


class Data:
    """An event's data, each name read as what it ought to be. A name that is not there is empty, 0 or None."""

    __slots__ = ("_data",)

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._data = data

    def __contains__(self, name: str) -> bool:
        return self._data.get(name) is not None

    def text(self, name: str) -> str:
        """One line of at most 80 characters."""
        value = self._data.get(name) or ""
        if not isinstance(value, str):
            raise Unreadable(f"{name} is not a text")
        return _cleaned(value) if len(value) <= MOST_NAME else clean_name(value)

    def name(self, name: str, most: int) -> str:
        """What rows are found by: refused rather than cut where it is longer than `most`."""
        value = self.text(name)
        if len(value) > most:
            raise Unreadable(f"{name} is longer than {most} characters")
        return value

    def words(self, name: str, most: int) -> str:
        """Text of several lines, at most so many characters, without what no screen should be sent."""
        value = self._data.get(name) or ""
        if not isinstance(value, str):
            raise Unreadable(f"{name} is not a text")
        return clean_words(value, most)

    def each(self, name: str) -> "list[Data]":
        """The things in a list, each with data of its own."""
        value = self._data.get(name) or []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise Unreadable(f"{name} is not a list of things")
        return [Data(item) for item in value]

    def whole(self, name: str) -> int:
        value = self._data.get(name) or 0
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= GREATEST:
            raise Unreadable(f"{name} is not a whole number of 0 or more")
        return value

    def small(self, name: str) -> int:
        """A whole number that any database takes."""
        value = self._data.get(name) or 0
        if isinstance(value, bool) or not isinstance(value, int) or abs(value) > 2**31 - 1:
            raise Unreadable(f"{name} is not a whole number, or too great")
        return value

    def moment(self, name: str) -> int | None:
        return self.whole(name) if name in self else None

    def flag(self, name: str) -> bool:
        return bool(self._data.get(name))

    def truth(self, name: str) -> bool | None:
        """True, False, or None where nothing is said."""
        value = self._data.get(name)
        if value is not None and not isinstance(value, bool):
            raise Unreadable(f"{name} is not a truth value")
        return value

    def texts(self, name: str) -> list[str]:
        value = self._data.get(name) or []
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
            raise Unreadable(f"{name} is not a list of texts")
        return [clean_name(item) for item in value]

    def simple(self, name: str, most: int) -> dict[str, Any]:
        """A mapping of at most `most` names to texts, truths and numbers."""
        value = self._data.get(name) or {}
        if not isinstance(value, dict) or len(value) > most:
            raise Unreadable(f"{name} is not a mapping of at most {most} names")
        kept: dict[str, Any] = {}
        for key, item in value.items():
            if isinstance(item, str):
                kept[clean_name(str(key))] = clean_words(item, 500)
            elif isinstance(item, bool) or (isinstance(item, int) and abs(item) <= GREATEST):
                kept[clean_name(str(key))] = item
            else:
                raise Unreadable(f"{name} holds what is no text, truth or whole number")
        return kept

    def steps(self, name: str) -> list[dict[str, Any]]:
        """A requirement (queues/requirement.py)."""
        value = self._data.get(name) or []
        if not isinstance(value, list) or not all(isinstance(step, dict) for step in value):
            raise Unreadable(f"{name} is not a list of steps")
        return [Data(step)._step() for step in value]

    def _step(self) -> dict[str, Any]:
        step: dict[str, Any] = {"skills": self._levels(self._data.get("skills") or {})}
        if groups := self._data.get("any"):
            if not isinstance(groups, list):
                raise Unreadable("any is not a list of groups")
            step["any"] = [self._levels(group) for group in groups]
        if "for_ms" in self._data:
            step["for_ms"] = self.whole("for_ms")
        return step

    def _levels(self, value: Any) -> dict[str, int]:
        if not isinstance(value, dict):
            raise Unreadable("skills are not a mapping to levels")
        return {clean_name(str(skill)): Data(value).whole(skill) for skill in value}


def clean_words(raw: str, most: int) -> str:
    """Text that is safe to keep and to show as text: lines are kept; no other control, no format (bidi, zero-width),
    private or unassigned characters; normalised (NFC); at most so many characters."""
    short = raw[: most * 4]
    if short.isascii() and short.isprintable():
        return short[:most].strip()
    kept = unicodedata.normalize("NFC", short.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))
    return "".join(c for c in kept if c == "\n" or unicodedata.category(c)[0] != "C")[:most].strip()
