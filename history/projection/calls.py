"""What a call's events say: its contact, its stays in queues, the offers made for it, and what was written about it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.events import Event
from history.models import ABANDONED, ANSWERED, FAILED, LEFT, SELF_SERVICE
from history.numbers import Number, NumberKind, read_number
from history.projection.data import Data, in_order

MOST_CHOICES = 500
MOST_ANSWERS = 200
LONGEST_NOTE = 20_000
LONGEST_SEALED = 200_000
OFFERED = frozenset({"callback", "voicemail", "end"})
"""Ways out of a line that callers may choose where a rule offers them (queues/overflow/rules.py), or that a rule may
take by itself."""
SENT = "sent_"
"""Before the reason of whom a rule sent that way: it was not their wish."""
CALLBACK_REASONS = frozenset({"callback"})
"""Reasons of entry.left that mean: it became a callback."""

_TEXTS = ("asterisk", "channel", "name", "dialled", "flow", "version", "language")
_KEPT = (
    *("started_at", "path", "choices", "answers", "queue", "requirement", "entered_at", "offers"),
    *("agent", "answered_at", "waited_ms", "talk_ms", "ended_at"),
    *("topic", "service", "code", "settled", "score", "scale", "case_id", "medium"),
)


@dataclass(slots=True)
class CallRows:
    """The rows that a call's events make. Persons and phones are put in by the recorder."""

    contact: dict[str, Any]
    """The columns that the events alone give; `phone`: the E.164 number to which the contact belongs, or None;
    `for_person`: the key of the person for whom the caller spoke, or None."""
    entries: dict[str, dict[str, Any]]
    """By id; so are the others."""
    offers: dict[str, dict[str, Any]]
    notes: dict[str, dict[str, Any]]
    reorientations: dict[str, dict[str, Any]]
    recordings: dict[str, dict[str, Any]]


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
        said = dict.fromkeys(("expected_ms", "expected_most_ms", "expected_at"))
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
CALL = "call"
"""What a contact says of being served is about its calls; messages and callbacks are stays of their own."""

# --- one function for each kind of event -------------------------------------------------------------------------


def _arrived(facts: Facts, event: Event, data: Data) -> None:
    facts.started_at = event.at
    if not data.flag("withheld"):
        facts.number = read_number(data.text("number"), facts.country)
    for name in _TEXTS:
        facts.texts[name] = data.text(name)
    facts.medium = data.name("medium", 20) or None


def _chose(facts: Facts, event: Event, data: Data) -> None:
    choice = {"at": event.at, "step": data.text("step"), "digits": data.text("digits"), "choice": data.text("choice")}
    if len(facts.choices) < MOST_CHOICES:
        facts.choices.append(choice)


def _answer_heard(facts: Facts, event: Event, data: Data) -> None:
    solved = data.truth("solved")
    answer = {"at": event.at, "step": data.text("step"), "answer": data.text("answer"), "solved": solved}
    facts.answers = facts.answers or []
    if len(facts.answers) < MOST_ANSWERS:
        facts.answers.append(answer)
    if solved is not None:
        facts.settled = solved


def _surveyed(facts: Facts, _: Event, data: Data) -> None:
    facts.score, facts.scale = data.small("score"), data.small("scale")


def _recorded(facts: Facts, event: Event, data: Data) -> None:
    kind = "voicemail" if event.kind == "call.voicemail" else "recording"
    facts.recordings[event.id] = {
        "id": event.id,
        "call": facts.call,
        "at": event.at,
        "kind": kind,
        "file": data.text("file"),
        "seconds": data.small("seconds"),
    }


def _entered(facts: Facts, event: Event, data: Data) -> None:
    entry, queue, requirement = data.text("entry"), data.text("queue"), data.steps("requirement")
    stay = facts.stay(entry, event.at)
    stay |= {"queue": queue, "entered_at": event.at, "since": data.moment("since"), "priority": data.small("priority")}
    stay["kind"] = data.name("kind", 20) or "call"
    if facts.answered_at is None and stay["kind"] == CALL:
        facts.entry, facts.queue, facts.requirement, facts.entered_at = entry, queue, requirement, event.at


def _announced(facts: Facts, event: Event, data: Data) -> None:
    """How long the wait was foretold to be, the first time that it was; an announcement may tell the place alone."""
    if "to_min" not in data:
        return
    stay = facts.stay(data.text("entry"), event.at)
    if stay["expected_at"] is None or event.at < stay["expected_at"]:
        least, most = data.whole("from_min"), data.whole("to_min")
        stay |= {"expected_at": event.at, "expected_ms": least * 60_000, "expected_most_ms": (most or least) * 60_000}


def _moved(facts: Facts, event: Event, data: Data) -> None:
    """It left one queue and waits in another one: two stays, each with its own outcome."""
    entry, queue, waited_ms = data.text("entry"), data.text("queue"), data.whole("waited_ms")
    former = facts.stay(entry, event.at)
    former |= {"queue": former["queue"] or data.text("from"), "left_at": event.at, "waited_ms": waited_ms}
    former |= {"outcome": LEFT, "reason": data.text("reason") or "moved"}
    stay = facts.next_stay(entry, event.at)
    stay |= {"queue": queue, "since": data.moment("since") or former["since"], "kind": former["kind"]}
    stay["priority"] = data.small("priority") if "priority" in data else former["priority"]
    if facts.answered_at is None:
        facts.entry, facts.queue, facts.entered_at = entry, queue, event.at
        if "requirement" in data:
            facts.requirement = data.steps("requirement")


def _prioritised(facts: Facts, event: Event, data: Data) -> None:
    facts.stay(data.text("entry"), event.at)["priority"] = data.small("priority")


def _offered(facts: Facts, event: Event, data: Data) -> None:
    """Several at once, where a queue rings all."""
    entry = data.text("entry")
    stay = facts.stay(entry, event.at)
    if queue := data.text("queue"):
        stay["queue"] = stay["queue"] or queue
    for each in (data, *data.each("beside")):
        facts.offers += stay["kind"] == CALL
        stay["offers"] += 1
        offer = each.text("offer")
        facts.tries[offer] = {
            "id": offer,
            "call": facts.call,
            "entry": entry,
            "queue": stay["queue"],
            "agent": each.text("agent"),
            "at": event.at,
            "ended_at": None,
            "result": None,
        }


def _withdrawn(facts: Facts, event: Event, data: Data) -> None:
    _end_offer(facts, data.text("offer"), event.at, data.name("reason", 20))


def _interrupted(facts: Facts, event: Event, data: Data) -> None:
    """They talked, and do again or not: the stay was answered all the same."""
    stay = facts.stay(data.text("entry"), event.at)
    facts.talk_ms = (facts.talk_ms or 0) + data.whole("talk_ms")
    stay["talk_ms"] = (stay["talk_ms"] or 0) + data.whole("talk_ms")


def _answered(facts: Facts, event: Event, data: Data) -> None:
    entry, agent, queue, waited_ms = data.text("entry"), data.text("agent"), data.text("queue"), data.whole("waited_ms")
    stay = facts.stay(entry, event.at)
    _end_offer(facts, data.text("offer"), event.at, "answered")
    if stay["kind"] == CALL and stay["answered_at"] is not None:
        facts.agent = stay["agent"] = agent  # again, after an interruption: how long they waited is the first time's
        return
    if stay["kind"] == CALL:
        facts.entry, facts.agent, facts.answered_at = entry, agent, event.at
        facts.queue, facts.waited_ms = queue or facts.queue, waited_ms
    stay |= {"agent": agent, "answered_at": event.at, "waited_ms": waited_ms, "outcome": ANSWERED}
    stay["queue"] = queue or stay["queue"]


def _overflowed(facts: Facts, _: Event, data: Data) -> None:
    (facts.sent.add if data.text("action") == "then" else facts.sent.discard)(data.text("entry"))


def _back(facts: Facts, _: Event, data: Data) -> None:
    """What the rule wanted was refused: the caller waits again."""
    facts.sent.discard(data.text("entry"))


def _refused(facts: Facts, _: Event, data: Data) -> None:
    if data.text("act").startswith("queue "):
        facts.turned_away = data.text("reason") or "closed"


def _left(facts: Facts, event: Event, data: Data) -> None:
    entry, reason, queue, waited_ms = (
        data.text("entry"),
        data.text("reason"),
        data.text("queue"),
        data.whole("waited_ms"),
    )
    stay = facts.stay(entry, event.at)
    if stay["kind"] == CALL:
        facts.left[entry] = reason
        if facts.answered_at is None:
            facts.entry, facts.queue, facts.waited_ms = entry, queue or facts.queue, waited_ms
    sent = f"{SENT}{reason}" if entry in facts.sent and reason in OFFERED else reason
    stay |= {"left_at": event.at, "reason": sent}
    if stay["answered_at"] is None or stay["kind"] != CALL:
        stay |= {"waited_ms": waited_ms, "outcome": _stay_outcome(reason)}
    stay["queue"] = queue or stay["queue"]
    for offer, made in facts.tries.items():
        if made["entry"] == entry and made["result"] is None:
            _end_offer(facts, offer, event.at, "caller_left")


def _handed_over(facts: Facts, event: Event, data: Data) -> None:
    """Who was asked by the caller's agent has the caller now."""
    entry = data.text("entry")
    stay = facts.stay(entry, event.at)
    stay["kind"] = CALL
    facts.entry, facts.agent, facts.queue = entry, data.text("agent") or facts.agent, stay["queue"] or facts.queue


def _finished(facts: Facts, event: Event, data: Data) -> None:
    stay = facts.stay(data.text("entry"), event.at)
    if stay["kind"] == CALL:
        facts.talk_ms = (facts.talk_ms or 0) + data.whole("talk_ms")
        facts.agent = data.text("agent") or facts.agent
    stay |= {"talk_ms": (stay["talk_ms"] or 0) + data.whole("talk_ms"), "finished_at": event.at}


def _ended(facts: Facts, event: Event, data: Data) -> None:
    facts.ended_at, facts.end_reason, facts.path = event.at, data.text("reason"), data.texts("path")
    facts.texts["language"] = data.text("language") or facts.texts.get("language", "")


def _transferred(facts: Facts, _: Event, data: Data) -> None:
    facts.service = data.text("service") or facts.service


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
    facts.for_person, facts.relation = data.name("person", 40) or None, data.name("relation", 40) or None


PROJECTIONS: Mapping[str, Callable[[Facts, Event, Data], None]] = {
    "call.arrived": _arrived,
    "call.chose": _chose,
    "call.answered": _answer_heard,
    "call.surveyed": _surveyed,
    "call.voicemail": _recorded,
    "call.recorded": _recorded,
    "call.transferred": _transferred,
    "call.ended": _ended,
    "call.refused": _refused,
    "entry.entered": _entered,
    "entry.announced": _announced,
    "entry.moved": _moved,
    "entry.prioritised": _prioritised,
    "entry.offered": _offered,
    "entry.withdrawn": _withdrawn,
    "entry.interrupted": _interrupted,
    "entry.answered": _answered,
    "entry.overflowed": _overflowed,
    "entry.back": _back,
    "entry.left": _left,
    "entry.handed_over": _handed_over,
    "entry.finished": _finished,
    "contact.coded": _coded,
    "contact.noted": _noted,
    "contact.linked": _linked,
    "contact.reoriented": _reoriented,
    "contact.spoke_for": _spoke_for,
    "call.identified": _linked,
    "case.opened": _linked,
}
"""Kinds that are not here are kept as events and change no contact."""


# --- the whole ---------------------------------------------------------------------------------------------------


def project(call: str, events: Iterable[Event], country: str) -> CallRows:
    """The call's rows. At least one event; raises Unreadable."""
    ordered = in_order(events)
    facts = Facts(call, ordered[0].at, country)
    for event in ordered:
        if apply := PROJECTIONS.get(event.kind):
            apply(facts, event, Data(event.data))
    if facts.ended_at is not None:
        _close_stays(facts)
    return CallRows(_contact(facts), facts.stays, facts.tries, facts.notes, facts.reorientations, facts.recordings)


def _end_offer(facts: Facts, offer: str, at: int, result: str) -> None:
    if made := facts.tries.get(offer):
        made["ended_at"], made["result"] = at, result


def _close_stays(facts: Facts) -> None:
    """A call that is over waits in no line: what says so may be missing after a store was lost. Its message does."""
    for stay in facts.stays.values():
        if stay["outcome"] is None and stay["kind"] != MESSAGE:
            gone = facts.end_reason == "caller_hung_up"
            stay |= {"outcome": ABANDONED if gone else LEFT, "left_at": facts.ended_at}
            stay["reason"] = "abandoned" if gone else facts.end_reason
            stay["waited_ms"] = max(0, (facts.ended_at or 0) - (stay["since"] or stay["entered_at"]))


def _stay_outcome(reason: str) -> str:
    if reason in ("abandoned", "lost"):
        return ABANDONED
    return "callback" if reason in CALLBACK_REASONS else LEFT


def _contact(facts: Facts) -> dict[str, Any]:
    outcome, reason = _outcome(facts)
    return {
        "id": facts.call,
        **{name: facts.texts.get(name, "") for name in _TEXTS},
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
