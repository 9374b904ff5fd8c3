"""Events without the person in them: what happened and when stays, who it was goes. Pure.

A name of an event's data that nobody listed here may come with a later kind of event. So beside the names that are
known to hold something personal, every text is looked through for the person's own numbers and names.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from core.events import Event

PERSONAL = frozenset(
    {"number", "name", "digits", "text", "title", "spoken", "file", "preferences", "languages", "numbers"}
    | {"channel", "person", "other", "relation", "reason_given", "caller", "phone", "to_number"}
)
"""Names in events' data whose values are emptied, of whatever kind the event is."""
NAMES_OF_PERSONS = ("person", "other")
"""Under which events have a person's key."""
_BESIDE = frozenset({"reason", "calls", "numbers", "number"})
"""What a decision says of the person whom it names."""
LEAST_DIGITS = 6
"""A shorter run of digits is no number of anybody."""
LEAST_NAME = 3
_SHORTEST_TAIL = 9
"""So many last digits make a number known however it is written: 0612345678, +33612345678."""
_NOT_DIGITS = re.compile(r"[\s().\-/]+")


@dataclass(frozen=True, slots=True)
class Traces:
    """What a person is recognised by in a text."""

    numbers: frozenset[str] = frozenset()
    """As digits."""
    names: frozenset[str] = frozenset()
    """In small letters."""

    @classmethod
    def of(cls, numbers: Collection[str], names: Collection[str]) -> "Traces":
        digits = (re.sub(r"[^0-9]", "", number) for number in numbers)
        return cls(
            frozenset(number[-_SHORTEST_TAIL:] for number in digits if len(number) >= LEAST_DIGITS),
            frozenset(name.strip().lower() for name in names if len(name.strip()) >= LEAST_NAME),
        )

    def are_in(self, text: str) -> bool:
        if self.numbers:
            digits = _NOT_DIGITS.sub("", text)
            if any(number in digits for number in self.numbers):
                return True
        small = text.lower()
        return any(name in small for name in self.names)


NO_TRACES = Traces()


def scrubbed(event: Event, traces: Traces = NO_TRACES) -> Event:
    """The event without the person. Doing it again changes nothing."""
    data = {name: _clean(name, value, traces) for name, value in event.data.items()}
    return Event(event.id, event.kind, event.at, event.call, data)


def without_persons(event: Event, keys: Collection[str]) -> Event:
    """The event without these persons, where it names them; what it says of somebody or something else stays. Nobody
    spoken for is none, which is not the same as the caller, an empty key."""
    named = {name for name in NAMES_OF_PERSONS if isinstance(key := event.data.get(name), str) and key in keys}
    if not named:
        return event
    if event.kind == "contact.spoke_for":
        return Event(event.id, event.kind, event.at, event.call, {**event.data, "person": None, "relation": ""})
    return without(event, named | _BESIDE if event.kind.startswith("person.") else named)


def without(event: Event, names: Collection[str]) -> Event:
    """The event without what stands under these names."""
    data = {name: _emptied(value) if name in names else value for name, value in event.data.items()}
    return Event(event.id, event.kind, event.at, event.call, data)


def _clean(name: str, value: Any, traces: Traces) -> Any:
    if name in PERSONAL:
        return _emptied(value)
    match value:
        case str():
            return "" if traces.are_in(value) else value
        case dict():
            return {key: _clean(key, item, traces) for key, item in value.items()}
        case list() | tuple():
            return [_clean("", item, traces) for item in value]
    return value


def _emptied(value: Any) -> Any:
    """Nothing, of the same kind."""
    match value:
        case str():
            return ""
        case list() | tuple():
            return []
        case dict():
            return {}
    return None
