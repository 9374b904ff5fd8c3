"""What the events say that somebody writes about a call."""

from collections.abc import Mapping

from core.events import Event
from history.projection.data import Data
from history.projection.facts import Facts, Projection

LONGEST_NOTE = 20_000
LONGEST_SEALED = 200_000
SOMEBODY_ERASED = ""
"""In place of the key of whom a caller spoke for: it stays somebody else's matter."""


def _coded(facts: Facts, _: Event, data: Data) -> None:
    for name in ("topic", "service", "code"):
        if name in data:
            setattr(facts, name, data.text(name) or None)
    if "settled" in data:
        facts.settled = data.truth("settled")


def _noted(facts: Facts, event: Event, data: Data) -> None:
    note, sealed = data.name("note", 40), data.flag("sealed")
    facts.notes[note] = {
        "id": note,
        "call": facts.call,
        "case_id": data.name("case", 40) or None,
        "at": event.at,
        "author": data.text("author"),
        "text": data.words("text", LONGEST_SEALED if sealed else LONGEST_NOTE),
        "sealed": sealed,
    }


def _linked(facts: Facts, _: Event, data: Data) -> None:
    facts.case_id = data.name("case", 40) or None


def _reoriented(facts: Facts, event: Event, data: Data) -> None:
    named = {name: data.text(name) for name in ("author", "came_from", "sent_to", "step")}
    row = {"id": event.id, "call": facts.call, "at": event.at, "cause": data.name("cause", 40), **named}
    facts.reorientations[event.id] = row


def _spoke_for(facts: Facts, _: Event, data: Data) -> None:
    facts.for_person = (data.name("person", 40) or None) if "person" in data else SOMEBODY_ERASED
    facts.relation = data.name("relation", 40) or None


PROJECTIONS: Mapping[str, Projection] = {
    "contact.coded": _coded,
    "contact.noted": _noted,
    "contact.linked": _linked,
    "contact.reoriented": _reoriented,
    "contact.spoke_for": _spoke_for,
    "call.identified": _linked,
    "case.opened": _linked,
}
