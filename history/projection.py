"""What a call's events say about it, as one contact row. Pure: the same events give the same row, whatever the order in
which they came and however often.

A row is always made from all events of its call. They are put in order by time, then by kind, then by id, so that
clocks that differ by a little between machines change as little as can be.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.events import KINDS, Event
from core.text import clean_name
from history.models import ABANDONED, ANSWERED, FAILED, LEFT, SELF_SERVICE
from history.numbers import Number, NumberKind, read_number

GREATEST = 2**53
"""Whole numbers above this are no times and no durations."""
MOST_CHOICES = 500
MOST_JSON = 100_000
"""Characters of one event's data."""
LONGEST_ID = 80

_TEXTS = ("asterisk", "channel", "name", "dialled", "flow", "version", "language")
_KEPT = (
    *("started_at", "path", "choices", "queue", "requirement", "entered_at", "offers"),
    *("agent", "answered_at", "waited_ms", "talk_ms", "ended_at"),
)
_ORDER = {kind: place for place, kind in enumerate(KINDS)}
_ENDS_LAST = {"call.ended": len(KINDS)}


class Unreadable(ValueError):
    """An event whose data is not what its kind promises."""


class Data:
    """An event's data, each name read as what it ought to be. A name that is not there is empty, 0 or None."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._data = data

    def text(self, name: str) -> str:
        value = self._data.get(name) or ""
        if not isinstance(value, str):
            raise Unreadable(f"{name} is not a text")
        return clean_name(value)

    def whole(self, name: str) -> int:
        value = self._data.get(name) or 0
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= GREATEST:
            raise Unreadable(f"{name} is not a whole number of 0 or more")
        return value

    def flag(self, name: str) -> bool:
        return bool(self._data.get(name))

    def texts(self, name: str) -> list[str]:
        value = self._data.get(name) or []
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise Unreadable(f"{name} is not a list of texts")
        return [clean_name(item) for item in value]

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


@dataclass(slots=True)
class Facts:
    """What is known of a call so far."""

    call: str
    started_at: int
    country: str
    number: Number = field(default_factory=lambda: Number(NumberKind.WITHHELD, ""))
    texts: dict[str, str] = field(default_factory=dict)
    """asterisk, channel, name, dialled, flow, version, language."""
    path: list[str] = field(default_factory=list)
    choices: list[dict[str, Any]] = field(default_factory=list)
    entry: str = ""
    queue: str | None = None
    requirement: list[dict[str, Any]] | None = None
    entered_at: int | None = None
    offers: int = 0
    agent: str | None = None
    answered_at: int | None = None
    waited_ms: int | None = None
    talk_ms: int | None = None
    left: dict[str, str] = field(default_factory=dict)
    """Entries that left the line without an agent, and why."""
    ended_at: int | None = None
    end_reason: str = ""


# --- one function for each kind of event -------------------------------------------------------------------------


def _arrived(facts: Facts, at: int, data: Data) -> None:
    facts.started_at = at
    if not data.flag("withheld"):
        facts.number = read_number(data.text("number"), facts.country)
    for name in _TEXTS:
        facts.texts[name] = data.text(name)


def _chose(facts: Facts, at: int, data: Data) -> None:
    choice = {"at": at, "step": data.text("step"), "digits": data.text("digits"), "choice": data.text("choice")}
    if len(facts.choices) < MOST_CHOICES:
        facts.choices.append(choice)


def _entered(facts: Facts, at: int, data: Data) -> None:
    entry, queue, requirement = data.text("entry"), data.text("queue"), data.steps("requirement")
    if facts.answered_at is None:
        facts.entry, facts.queue, facts.requirement, facts.entered_at = entry, queue, requirement, at


def _offered(facts: Facts, _at: int, _data: Data) -> None:
    facts.offers += 1


def _answered(facts: Facts, at: int, data: Data) -> None:
    facts.entry, facts.agent, facts.answered_at = data.text("entry"), data.text("agent"), at
    facts.queue, facts.waited_ms = data.text("queue") or facts.queue, data.whole("waited_ms")


def _left(facts: Facts, _at: int, data: Data) -> None:
    entry, reason, queue, waited_ms = (
        data.text("entry"),
        data.text("reason"),
        data.text("queue"),
        data.whole("waited_ms"),
    )
    facts.left[entry] = reason
    if facts.answered_at is None:
        facts.entry, facts.queue, facts.waited_ms = entry, queue or facts.queue, waited_ms


def _finished(facts: Facts, _at: int, data: Data) -> None:
    facts.talk_ms = (facts.talk_ms or 0) + data.whole("talk_ms")
    facts.agent = data.text("agent") or facts.agent


def _ended(facts: Facts, at: int, data: Data) -> None:
    facts.ended_at, facts.end_reason, facts.path = at, data.text("reason"), data.texts("path")
    facts.texts["language"] = data.text("language") or facts.texts.get("language", "")


PROJECTIONS: Mapping[str, Callable[[Facts, int, Data], None]] = {
    "call.arrived": _arrived,
    "call.chose": _chose,
    "call.ended": _ended,
    "entry.entered": _entered,
    "entry.offered": _offered,
    "entry.answered": _answered,
    "entry.left": _left,
    "entry.finished": _finished,
}
"""Kinds that are not here are kept as events and change no contact."""

# --- the whole ---------------------------------------------------------------------------------------------------


def check(event: Event) -> None:
    """Raises Unreadable where the event could never be recorded."""
    for name, value, least in (("id", event.id, 1), ("call", event.call, 0)):
        if not isinstance(value, str) or not least <= len(value) <= LONGEST_ID or not value.isprintable():
            raise Unreadable(f"the event's {name} is not a printable text of {least} to {LONGEST_ID} characters")
    if not isinstance(event.data, Mapping):
        raise Unreadable("the event's data is not a mapping")
    if isinstance(event.at, bool) or not isinstance(event.at, int) or not 0 <= event.at <= GREATEST:
        raise Unreadable("the event's time is not a whole number of milliseconds since 1970")
    try:
        size = len(json.dumps(dict(event.data), allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise Unreadable(f"the event's data is not JSON: {error}") from None
    if size > MOST_JSON:
        raise Unreadable("the event's data is too long")
    project(event.call, [event], "FR")


def project(call: str, events: Iterable[Event], country: str) -> dict[str, Any]:
    """The contact's columns, but for those that the database gives (phone_id, person_id); `phone` is the E.164 number
    to which the contact belongs, or None. At least one event; raises Unreadable."""
    ordered = sorted(events, key=lambda e: (e.at, _ENDS_LAST.get(e.kind, _ORDER[e.kind]), e.id))
    facts = Facts(call, ordered[0].at, country)
    for event in ordered:
        if apply := PROJECTIONS.get(event.kind):
            apply(facts, event.at, Data(event.data))
    return _row(facts)


def _row(facts: Facts) -> dict[str, Any]:
    outcome, reason = _outcome(facts)
    return {
        "id": facts.call,
        **{name: facts.texts.get(name, "") for name in _TEXTS},
        **{name: getattr(facts, name) for name in _KEPT},
        "number": facts.number.text,
        "withheld": facts.number.kind is NumberKind.WITHHELD,
        "phone": facts.number.text if facts.number.kind is NumberKind.PHONE else None,
        "outcome": outcome,
        "reason": reason,
    }


def _outcome(facts: Facts) -> tuple[str | None, str | None]:
    """How the call came out, and in one word why. Neither while it lasts."""
    if facts.ended_at is None:
        return None, None
    left = facts.left.get(facts.entry)
    if facts.answered_at is not None:
        return ANSWERED, facts.end_reason
    if facts.end_reason == "failed":
        return FAILED, facts.end_reason
    if left in ("abandoned", "lost"):
        return ABANDONED, left
    if facts.entry and left is None:
        return (ABANDONED, "abandoned") if facts.end_reason == "caller_hung_up" else (LEFT, facts.end_reason)
    if left is not None:
        return LEFT, left
    return (SELF_SERVICE if facts.end_reason == "flow_ended" else LEFT), facts.end_reason
