"""What the events of a call's entries say: each stay in a queue, and the offers made for it."""

from collections.abc import Mapping
from typing import Any

from core.events import Event
from history.models import ABANDONED, ANSWERED, LEFT
from history.projection.data import Data
from history.projection.facts import Facts, Projection

OFFERED = frozenset({"callback", "voicemail", "end"})
"""Ways out of a line that callers may choose where a rule offers them (queues/overflow/rules.py), or that a rule may
take by itself."""
SENT = "sent_"
"""Before the reason of whom a rule sent that way: it was not their wish."""
CALLBACK_REASONS = frozenset({"callback"})
"""Reasons of entry.left that mean: it became a callback."""
MESSAGE = "voicemail"
MINUTE_MS = 60_000
CALL = "call"
"""What a contact says of being served is about its calls; messages and callbacks are stays of their own."""


def _entered(facts: Facts, event: Event, data: Data) -> None:
    entry, queue, requirement = data.text("entry"), data.text("queue"), data.steps("requirement")
    stay = facts.stay(entry, event.at)
    stay |= {"queue": queue, "entered_at": event.at, "since": data.moment("since"), "priority": data.small("priority")}
    stay["kind"] = data.name("kind", 20) or "call"
    if facts.answered_at is None and stay["kind"] == CALL:
        facts.entry, facts.queue, facts.requirement, facts.entered_at = entry, queue, requirement, event.at


def _stay(facts: Facts, event: Event, data: Data) -> dict[str, Any]:
    """The entry's present stay. In which queue: what told it first may have been lost."""
    stay = facts.stay(data.text("entry"), event.at)
    stay["queue"] = stay["queue"] or data.text("queue")
    return stay


def _announced(facts: Facts, event: Event, data: Data) -> None:
    """How long the wait was foretold to be, the first time that it was; an announcement may tell the place alone."""
    if "to_min" not in data:
        return
    stay = _stay(facts, event, data)
    if stay["expected_at"] is None or event.at < stay["expected_at"]:
        stay |= {"expected_at": event.at, "foretold_ms": data.moment("expected_ms")}
        stay["expected_ms"], most = data.whole("from_min") * MINUTE_MS, data.whole("to_min") * MINUTE_MS
        stay["expected_most_ms"] = most or None


def _moved(facts: Facts, event: Event, data: Data) -> None:
    """It left one queue and waits in another one: two stays, each with its own outcome. Who was interrupted and then
    moved was answered all the same."""
    entry, queue, waited_ms = data.text("entry"), data.text("queue"), data.whole("waited_ms")
    former = facts.stay(entry, event.at)
    former |= {"queue": former["queue"] or data.text("from"), "left_at": event.at}
    former["reason"] = data.text("reason") or "moved"
    if former["answered_at"] is None or former["kind"] != CALL:
        former |= {"waited_ms": waited_ms, "outcome": LEFT}
    facts.sent.discard(entry)  # who waits in another line was not sent out of it
    stay = facts.next_stay(entry, event.at)
    stay |= {"queue": queue, "since": data.moment("since") or former["since"], "kind": former["kind"]}
    stay["priority"] = data.small("priority") if "priority" in data else former["priority"]
    if facts.answered_at is None:
        facts.entry, facts.queue, facts.entered_at = entry, queue, event.at
        if "requirement" in data:
            facts.requirement = data.steps("requirement")


def _prioritised(facts: Facts, event: Event, data: Data) -> None:
    _stay(facts, event, data)["priority"] = data.small("priority")


def _offered(facts: Facts, event: Event, data: Data) -> None:
    """Several at once, where a queue rings all."""
    entry = data.text("entry")
    stay = _stay(facts, event, data)
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
    stay = _stay(facts, event, data)
    facts.talk_ms = (facts.talk_ms or 0) + data.whole("talk_ms")
    stay["talk_ms"] = (stay["talk_ms"] or 0) + data.whole("talk_ms")


def _answered(facts: Facts, event: Event, data: Data) -> None:
    entry, agent, queue, waited_ms = data.text("entry"), data.text("agent"), data.text("queue"), data.whole("waited_ms")
    stay = _stay(facts, event, data)
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


def _left(facts: Facts, event: Event, data: Data) -> None:
    entry, reason, queue, waited_ms = (
        data.text("entry"),
        data.text("reason"),
        data.text("queue"),
        data.whole("waited_ms"),
    )
    stay = _stay(facts, event, data)
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
    stay = _stay(facts, event, data)
    stay["kind"] = CALL
    facts.entry, facts.agent, facts.queue = entry, data.text("agent") or facts.agent, stay["queue"] or facts.queue


def _finished(facts: Facts, event: Event, data: Data) -> None:
    stay = _stay(facts, event, data)
    if stay["kind"] == CALL:
        facts.talk_ms = (facts.talk_ms or 0) + data.whole("talk_ms")
        facts.agent = data.text("agent") or facts.agent
    stay |= {"talk_ms": (stay["talk_ms"] or 0) + data.whole("talk_ms"), "finished_at": event.at}


def _end_offer(facts: Facts, offer: str, at: int, result: str) -> None:
    if made := facts.tries.get(offer):
        made["ended_at"], made["result"] = at, result


def _stay_outcome(reason: str) -> str:
    if reason in ("abandoned", "lost"):
        return ABANDONED
    return "callback" if reason in CALLBACK_REASONS else LEFT


def close_stays(facts: Facts) -> None:
    """A call that is over waits in no line: what says so may be missing after a store was lost. Its message does."""
    for stay in facts.stays.values():
        if stay["outcome"] is None and stay["kind"] != MESSAGE:
            gone = facts.end_reason == "caller_hung_up"
            stay |= {"outcome": ABANDONED if gone else LEFT, "left_at": facts.ended_at}
            stay["reason"] = "abandoned" if gone else facts.end_reason
            stay["waited_ms"] = max(0, (facts.ended_at or 0) - (stay["since"] or stay["entered_at"]))


PROJECTIONS: Mapping[str, Projection] = {
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
}
