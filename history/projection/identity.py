"""Who is who, from every decision about it. Nothing is ever decided by the order in which decisions were recorded."""

from collections.abc import Iterable, Mapping
from typing import Any

from core.events import Event
from history.models import Change, Confidence
from history.numbers import NumberKind, read_number
from history.projection.data import Data, Unreadable

MOST_SPLIT = 500
"""Calls and numbers in one decision."""

NAMING = frozenset({"contact.spoke_for", "case.opened", "case.changed", "promise.made"})
"""Kinds that name a person without deciding who is who: there is one from then on."""
FOUND_AGAIN = NAMING | {"history.unusual"}
"""Kinds that are a line for whom they name. Reading is not among them: the audit has the event's id."""

Row = dict[str, Any]


def changes_of(event: Event, country: str) -> list[Row]:
    """The event as lines of identity_change; none where it decides nothing and names nobody. Raises Unreadable."""
    make = _MAKERS.get(event.kind)
    if make is None and event.kind not in FOUND_AGAIN:
        return []
    data = Data(event.data)
    person = data.name("person", 40)
    if not person and make:
        raise Unreadable("no person is named")
    shared = {"at": event.at, "author": data.text("author"), "reason": data.words("reason", 500), "confidence": ""}
    nothing = {"other": None, "call": None, "number": None}
    named: Row = {"change": Change.NAMED.value, "person": person, "author": "", "reason": ""}
    lines = make(person, event, data, country) if make else [named] if person else []
    single = len(lines) == 1
    return [
        {"id": event.id if single else f"{event.id}/{place}", **shared, **nothing, **line}
        for place, line in enumerate(lines)
    ]


def _confirmed(person: str, event: Event, _: Data, __: str) -> list[Row]:
    return [_assigned(person, event.call, Confidence.CONFIRMED)]


def _identified(person: str, event: Event, data: Data, _: str) -> list[Row]:
    try:
        confidence = Confidence(data.text("confidence"))
    except ValueError:
        raise Unreadable("confidence is none that is known") from None
    if confidence not in (Confidence.CODE, Confidence.NUMBER_AND_CODE):
        raise Unreadable("a keyed-in number gives no such confidence")
    return [_assigned(person, event.call, confidence)]


def _merged(person: str, _: Event, data: Data, __: str) -> list[Row]:
    return [{"change": Change.MERGED.value, "person": person, "other": _other(person, data)}]


def _parted(person: str, _: Event, __: Data, ___: str) -> list[Row]:
    return [{"change": Change.PARTED.value, "person": person}]


def _numbered(person: str, _: Event, data: Data, country: str) -> list[Row]:
    return [{"change": Change.NUMBERED.value, "person": person, "number": _phone(data.text("number"), country)}]


def _split(person: str, _: Event, data: Data, country: str) -> list[Row]:
    other, calls, numbers = _other(person, data), data.texts("calls"), data.texts("numbers")
    if not 0 < len(calls) + len(numbers) <= MOST_SPLIT:
        raise Unreadable(f"a split names 1 to {MOST_SPLIT} calls and numbers")
    moved = [_assigned(other, call, Confidence.CONFIRMED) | {"other": person} for call in calls]
    given: Row = {"change": Change.NUMBERED.value, "person": other, "other": person}
    return moved + [{**given, "number": _phone(number, country)} for number in numbers]


_MAKERS = {
    "person.confirmed": _confirmed,
    "call.identified": _identified,
    "person.merged": _merged,
    "person.parted": _parted,
    "person.numbered": _numbered,
    "person.split": _split,
}
CHANGES = frozenset(_MAKERS)


def _assigned(person: str, call: str, confidence: Confidence) -> Row:
    if not call:
        raise Unreadable("no call is named")
    return {"change": Change.ASSIGNED.value, "person": person, "call": call, "confidence": confidence.value}


def _other(person: str, data: Data) -> str:
    other = data.name("other", 40)
    if not other or other == person:
        raise Unreadable("no other person is named")
    return other


def _phone(raw: str, country: str) -> str:
    number = read_number(raw, country)
    if number.kind is not NumberKind.PHONE:
        raise Unreadable("that is no phone number")
    return number.text


# --- what the decisions amount to ----------------------------------------------------------------------------------


def latest(changes: Iterable[Mapping[str, Any]], name: str) -> dict[str, Mapping[str, Any]]:
    """The last line for each value of the column `name`."""
    found: dict[str, Mapping[str, Any]] = {}
    for change in sorted(changes, key=_when):
        found[change[name]] = change
    return found


def assignments(changes: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Call to the line that counts: what an agent confirmed outweighs whatever was keyed in, else the last one."""
    found: dict[str, Mapping[str, Any]] = {}
    for change in sorted(changes, key=lambda c: (c["confidence"] == Confidence.CONFIRMED, *_when(c))):
        found[change["call"]] = change
    return found


def shown_under(changes: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Person to the one under whom they are shown, for all that a MERGED or PARTED line names: themselves, where they
    are shown under nobody else.

    A merge joins whoever either of them was shown under at that moment; so there is never a circle. Parting takes a
    person, with those merged into them before, out from under the other.
    """
    above: dict[str, str] = {}
    named: dict[str, None] = {}

    def top(person: str) -> str:
        while person in above:
            person = above[person]
        return person

    for change in sorted(changes, key=_when):
        person, other = change["person"], change["other"]
        named |= dict.fromkeys(filter(None, (person, other)))
        if change["change"] == Change.PARTED:
            above.pop(person, None)
        elif top(person) != top(other):
            above[top(person)] = top(other)
    return {person: top(person) for person in named}


def _when(change: Mapping[str, Any]) -> tuple[int, str]:
    return change["at"], change["id"]
