"""Calls and promises as their events tell of them, for whoever counts again (recount.py): plain, and without the
projection that the tables are made by, so that neither can be wrong like the other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.events import Event

FOR_EVER = 1 << 60
PLACES = frozenset({
    "entered", "announced", "moved", "prioritised", "offered", "interrupted", "answered", "left", "handed_over",
    "finished",
})  # fmt: skip
"""Whoever is spoken of so has a place in line, though that they came into it was lost."""


@dataclass(slots=True)
class Stay:
    """In one queue; times in ms since 1970 UTC."""

    queue: str
    at: int
    since: int | None = None
    """When the caller was first in line, where that is told."""
    kind: str = "call"
    agent: str = ""
    answered_at: int | None = None
    finished: bool = False
    talk_ms: int = 0
    hold_ms: int = 0
    wrap_up_ms: int = 0
    waited_ms: int | None = None
    left: str | None = None
    sent: bool = False
    """It left because a rule would have it so."""
    told: tuple[int, int, int, int] | None = None
    """When, the interval that was spoken, and the estimate of which it was made."""


@dataclass(slots=True)
class Call:
    """With its stays by entry."""

    started: int
    stays: dict[str, Stay] = field(default_factory=dict)
    offers: dict[str, tuple[int, str, str]] = field(default_factory=dict)
    """Offer to when, which queue, which agent."""
    refused: dict[str, str] = field(default_factory=dict)
    accepted: set[str] = field(default_factory=set)
    agent: str = ""
    served: bool = False
    """An agent spoke with the caller; who listened to their message did not."""
    queue: str = ""
    topic: str | None = None
    service: str | None = None
    settled: bool | None = None
    heard: bool = False
    turned_away: bool = False
    ended: str | None = None
    ended_at: int = 0
    calls_back: bool = False
    """It is ours, not the citizen's."""
    sent: set[str] = field(default_factory=set)
    """Entries that a rule wants out of the line, without asking the caller."""
    sent_on: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Promise:
    """To call somebody back within a window."""

    at: int
    call: str
    queue: str
    window: tuple[int, int]
    tries: int = 0
    kept: bool = False
    ended: int = 0


def read_events(ordered: Sequence[Event]) -> tuple[dict[str, Call], dict[str, Promise]]:
    """Calls and promises by id, from events in order."""
    calls: dict[str, Call] = {}
    promises: dict[str, Promise] = {}
    talking: dict[str, Stay] = {}
    since: dict[str, tuple[str, int]] = {}
    for event in ordered:
        data = event.data
        if event.call and event.call not in calls:
            calls[event.call] = Call(event.at)
        if event.kind.startswith("entry."):
            _about_entry(calls[event.call], event, data, talking)
        elif event.kind.startswith("promise."):
            _about_promise(promises, event, data)
        elif event.kind == "agent.state":
            _about_agent(event, data, talking, since)
        elif event.call:
            _about_call(calls[event.call], event, data)
    return calls, promises


def _about_entry(call: Call, event: Event, data: Mapping[str, Any], talking: dict[str, Stay]) -> None:
    entry, what = data["entry"], event.kind.removeprefix("entry.")
    match what:
        case "overflowed":
            (call.sent.add if data["action"] == "then" else call.sent.discard)(entry)
        case "back":
            call.sent.discard(entry)
        case "withdrawn":
            call.refused[data["offer"]] = data["reason"]
        case _ if what in PLACES and (what != "announced" or data.get("to_min") is not None):
            stay = call.stays.setdefault(entry, Stay("", event.at))
            stay.queue = stay.queue or data.get("from" if what == "moved" else "queue") or ""
            _about_stay(call, stay, event, data, talking)


def _about_stay(call: Call, stay: Stay, event: Event, data: Mapping[str, Any], talking: dict[str, Stay]) -> None:
    entry = data["entry"]
    match event.kind.removeprefix("entry."):
        case "entered":
            stay.queue, stay.at, stay.kind = data["queue"], event.at, data.get("kind") or "call"
            stay.since = data.get("since")
            call.queue = stay.queue if not call.served and stay.kind == "call" else call.queue
        case "announced":
            least, most = (60_000 * (data.get(name) or 0) for name in ("from_min", "to_min"))
            foretold = data["expected_ms"] if data.get("expected_ms") is not None else (least + (most or least)) // 2
            stay.told = stay.told or (event.at, least, most or FOR_EVER, foretold)
        case "offered":
            for each in (data, *(data.get("beside") or ())):
                call.offers[each["offer"]] = event.at, stay.queue, each["agent"]
        case "interrupted":
            stay.talk_ms += data["talk_ms"]
        case "answered" if stay.answered_at is not None and stay.kind == "call":
            stay.agent = call.agent = data["agent"]  # again, after an interruption
            call.accepted.add(data["offer"])
            talking[stay.agent] = stay
        case "answered":
            stay.agent, stay.answered_at, stay.waited_ms = data["agent"], event.at, data["waited_ms"]
            stay.queue = data.get("queue") or stay.queue
            if stay.kind == "call":
                call.agent, call.queue, call.served = stay.agent, stay.queue, True
            call.accepted.add(data["offer"])
            talking[stay.agent] = stay
        case "moved":
            if stay.answered_at is None or stay.kind != "call":
                stay.left, stay.waited_ms = data.get("reason") or "moved", data["waited_ms"]
            call.stays[f"{entry}/{len(call.stays)}"] = stay
            call.stays[entry] = Stay(data["queue"], event.at, data.get("since") or stay.since, stay.kind)
            call.queue = data["queue"] if not call.served else call.queue
            call.sent.discard(entry)
        case "left":
            stay.sent = entry in call.sent
            stay.left, stay.queue = data["reason"], data.get("queue") or stay.queue
            if stay.answered_at is None or stay.kind != "call":
                stay.waited_ms = data["waited_ms"]
            if stay.kind == "call" and not call.served:
                call.queue = stay.queue
        case "handed_over":
            stay.kind = "call"
            call.agent, call.queue = data.get("agent") or call.agent, stay.queue or call.queue
        case "finished":
            stay.finished, stay.talk_ms = True, stay.talk_ms + data["talk_ms"]
            call.agent = data["agent"] if stay.kind == "call" else call.agent


def _about_call(call: Call, event: Event, data: Mapping[str, Any]) -> None:
    match event.kind:
        case "call.arrived":
            call.started, call.calls_back = event.at, data.get("medium") == "callback"
        case "call.answered":
            call.heard = True
            call.settled = data["solved"] if data.get("solved") is not None else call.settled
        case "call.transferred":
            call.service = data.get("service") or call.service
        case "call.refused":
            call.turned_away = call.turned_away or str(data.get("act") or "").startswith("queue ")
        case "contact.coded":
            call.topic, call.service = data.get("topic") or call.topic, data.get("service") or call.service
            call.settled = data["settled"] if data.get("settled") is not None else call.settled
        case "contact.reoriented":
            call.sent_on.append(event.at)
        case "call.ended":
            call.ended, call.ended_at = data["reason"], event.at


def _about_promise(promises: dict[str, Promise], event: Event, data: Mapping[str, Any]) -> None:
    if event.kind == "promise.made":
        if data["kind"] == "callback":
            window = data.get("due_from") or 0, data.get("due_until") or FOR_EVER
            promises[data["promise"]] = Promise(event.at, event.call, data.get("queue") or "", window)
    elif promise := promises.get(data["promise"]):
        if event.kind == "promise.tried":
            promise.tries += 1
        elif not promise.ended:
            promise.kept, promise.ended = data["outcome"] == "kept", event.at


def _about_agent(
    event: Event, data: Mapping[str, Any], talking: Mapping[str, Stay], since: dict[str, tuple[str, int]]
) -> None:
    """Hold and wrap-up belong to whom the agent spoke with last."""
    agent = data["agent"]
    state, at = since.get(agent, ("", 0))
    if data["to"] != state:
        if (stay := talking.get(agent)) and state == "hold":
            stay.hold_ms += event.at - at
        elif stay and state == "wrap_up":
            stay.wrap_up_ms += event.at - at
        since[agent] = data["to"], event.at
