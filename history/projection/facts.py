"""What is known of a call so far, as its events are gone through one after another."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from core.events import Event
from history.numbers import Number, NumberKind
from history.projection.data import Data

TEXTS = ("asterisk", "channel", "name", "dialled", "flow", "version", "language")
"""What is known of the call's arrival, as texts."""


@dataclass(slots=True)
class Facts:
    """What is known of a call so far."""

    call: str
    started_at: int
    country: str
    number: Number = field(default_factory=lambda: Number(NumberKind.WITHHELD, ""))
    texts: dict[str, str] = field(default_factory=dict)
    """asterisk, channel, name, dialled, flow, version, language."""
    medium: str | None = None
    path: list[str] = field(default_factory=list)
    choices: list[dict[str, Any]] = field(default_factory=list)
    answers: list[dict[str, Any]] | None = None
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
    topic: str | None = None
    service: str | None = None
    code: str | None = None
    settled: bool | None = None
    score: int | None = None
    scale: int | None = None
    case_id: str | None = None
    for_person: str | None = None
    relation: str | None = None
    stays: dict[str, dict[str, Any]] = field(default_factory=dict)
    sent: set[str] = field(default_factory=set)
    """Entries that a rule sent out of the line, without asking the caller."""
    turned_away: str = ""
    """Why no queue took them."""
    present: dict[str, str] = field(default_factory=dict)
    """An entry's present stay, where it was moved."""
    tries: dict[str, dict[str, Any]] = field(default_factory=dict)
    notes: dict[str, dict[str, Any]] = field(default_factory=dict)
    reorientations: dict[str, dict[str, Any]] = field(default_factory=dict)
    recordings: dict[str, dict[str, Any]] = field(default_factory=dict)

    def stay(self, entry: str, at: int) -> dict[str, Any]:
        """The entry's present stay, made on the first word about it."""
        if (known := self.stays.get(self.present.get(entry, entry))) is not None:
            return known
        return self._new_stay(entry, at)

    def next_stay(self, entry: str, at: int) -> dict[str, Any]:
        """The entry's stay in a further queue: `ENTRY/2`, `ENTRY/3`, …"""
        count = 2 + sum(1 for id_ in self.stays if id_.startswith(f"{entry}/"))
        self.present[entry] = f"{entry}/{count}"
        return self._new_stay(self.present[entry], at)

    def _new_stay(self, entry: str, at: int) -> dict[str, Any]:
        nothing = dict.fromkeys(
            ("since", "agent", "answered_at", "left_at", "waited_ms", "talk_ms", "finished_at", "outcome", "reason")
        )
        said = dict.fromkeys(("expected_ms", "expected_most_ms", "expected_at", "foretold_ms"))
        row = {
            "id": entry,
            "call": self.call,
            "queue": "",
            "kind": "call",
            "entered_at": at,
            "priority": 0,
            "offers": 0,
        }
        self.stays[entry] = row = {**row, **nothing, **said}
        return row


MESSAGE = "voicemail"


Projection = Callable[[Facts, Event, Data], None]
"""What one kind of event adds."""
