"""What a call's events say: its contact, its stays in queues, the offers made for it, and what was written about it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from core.events import Event
from history.models import ABANDONED, ANSWERED, FAILED, LEFT, SELF_SERVICE
from history.numbers import NumberKind
from history.projection import callers, stays, written
from history.projection.data import Data, in_order
from history.projection.facts import TEXTS, Facts, Projection
from history.projection.stays import close_stays

_KEPT = (
    *("started_at", "path", "choices", "answers", "queue", "requirement", "entered_at", "offers"),
    *("agent", "answered_at", "waited_ms", "talk_ms", "ended_at"),
    *("topic", "service", "code", "settled", "score", "scale", "case_id", "medium"),
)

PROJECTIONS: Mapping[str, Projection] = {**callers.PROJECTIONS, **stays.PROJECTIONS, **written.PROJECTIONS}
"""Kinds that are not here are kept as events and change no contact."""


@dataclass(slots=True)
class CallRows:
    """The rows that a call's events make. Persons and phones are put in by the recorder."""

    contact: dict[str, Any]
    """The columns that the events alone give; `phone`: the E.164 number to which the contact belongs, or None;
    `for_person`: the key of the person for whom the caller spoke, empty where they were erased, or None."""
    entries: dict[str, dict[str, Any]]
    """By id; so are the others."""
    offers: dict[str, dict[str, Any]]
    notes: dict[str, dict[str, Any]]
    reorientations: dict[str, dict[str, Any]]
    recordings: dict[str, dict[str, Any]]


def project(call: str, events: Iterable[Event], country: str) -> CallRows:
    """The call's rows. At least one event; raises Unreadable."""
    ordered = in_order(events)
    facts = Facts(call, ordered[0].at, country)
    for event in ordered:
        if apply := PROJECTIONS.get(event.kind):
            apply(facts, event, Data(event.data))
    if facts.ended_at is not None:
        close_stays(facts)
    return CallRows(_contact(facts), facts.stays, facts.tries, facts.notes, facts.reorientations, facts.recordings)


def _contact(facts: Facts) -> dict[str, Any]:
    outcome, reason = _outcome(facts)
    return {
        "id": facts.call,
        **{name: facts.texts.get(name, "") for name in TEXTS},
        **{name: getattr(facts, name) for name in _KEPT},
        "number": facts.number.text,
        "withheld": facts.number.kind is NumberKind.WITHHELD,
        "phone": facts.number.text if facts.number.kind is NumberKind.PHONE else None,
        "for_person": facts.for_person,
        "relation": facts.relation,
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
    if facts.turned_away:
        return LEFT, facts.turned_away
    if asked := next((stay["kind"] for stay in facts.stays.values()), None):
        return LEFT, asked  # a message for an agent: somebody was asked for
    return (SELF_SERVICE if facts.end_reason == "flow_ended" else LEFT), facts.end_reason
