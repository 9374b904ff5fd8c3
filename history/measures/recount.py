"""The same counts from the events themselves: pure, slow, and without the tables that reports are counted from. Who
doubts a figure, or a table, has it counted again.

Whose a call is cannot be told from its own events alone (persons are merged and split later): that is handed in.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from math import ceil
from typing import Any

from core.events import Event
from history.measures.asked import HOUR_MS, By, Question
from history.measures.definitions import CHOSEN, CONTAINMENT_MS, MOST_TRIES, REFUSED_OFFERS, SINGLE_CONTACT_MS
from history.measures.sql.common import Key
from history.measures.tally import Tally
from history.projection.data import in_order

FOR_EVER = 1 << 60
BUSY = frozenset({"offered", "ringing", "talking", "hold", "wrap_up"})


@dataclass(slots=True)
class _Stay:
    queue: str
    at: int
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
    """By a rule, without asking the caller."""
    told: tuple[int, int, int] | None = None


@dataclass(slots=True)
class _Call:
    started: int
    stays: dict[str, _Stay] = field(default_factory=dict)
    offers: dict[str, tuple[int, str, str]] = field(default_factory=dict)
    """Offer to when, which queue, which agent."""
    refused: dict[str, str] = field(default_factory=dict)
    accepted: set[str] = field(default_factory=set)
    agent: str = ""
    queue: str = ""
    topic: str | None = None
    service: str | None = None
    settled: bool | None = None
    heard: bool = False
    turned_away: bool = False
    ended: str | None = None
    for_person: Hashable = None
    sent_on: list[int] = field(default_factory=list)


@dataclass(slots=True)
class _Promise:
    at: int
    call: str
    queue: str
    window: tuple[int, int]
    tries: int = 0
    kept: bool = False
    ended: int = 0


def recount(events: Iterable[Event], question: Question, person_of: Callable[[str], Hashable]) -> dict[Key, Tally]:
    """All counts by key, as reports count them (`Tally`). `events` are all of the interval and of the 7 days after it,
    in any order, with what agents did before as far as it matters; `person_of` gives whose a call is, or None."""
    ordered = in_order(events)
    calls, promises = _read(ordered)
    counted = _Counted(question)
    _count_stays(counted, calls)
    _count_offers(counted, calls)
    _count_contacts(counted, calls, person_of)
    _count_promises(counted, calls, promises)
    if question.by in (None, By.AGENT) and not set(question.limits) - {By.AGENT}:
        _count_time(counted, ordered)
    return counted.tallies


class _Counted:
    """Tallies under construction, and what a thing counts under."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.tallies: dict[Key, Tally] = defaultdict(Tally)

    def of(self, at: int, names: Mapping[By, str | None]) -> Tally | None:
        """The tally of something at a time; None where it is not asked for."""
        question = self.question
        inside = question.since <= at < question.until
        if not inside or any(names.get(name) != value for name, value in question.limits.items()):
            return None
        return self.tallies[self.key(at, names)]

    def key(self, at: int, names: Mapping[By, str | None]) -> Key:
        by = self.question.by
        if by is None:
            return None
        if by is By.HOUR:
            return (at - self.question.since) // HOUR_MS
        return self.day(at) if by is By.DAY else names.get(by) or ""

    def day(self, at: int) -> int:
        return sum(1 for start in self.question.starts[1:-1] if start <= at)


def _names(call: _Call, queue: str | None = None, agent: str | None = None) -> dict[By, str | None]:
    return {
        By.QUEUE: call.queue if queue is None else queue,
        By.AGENT: call.agent if agent is None else agent,
        By.TOPIC: call.topic,
        By.SERVICE: call.service,
    }


# --- what the events say ---------------------------------------------------------------------------------------


def _read(ordered: Sequence[Event]) -> tuple[dict[str, _Call], dict[str, _Promise]]:
    calls: dict[str, _Call] = {}
    promises: dict[str, _Promise] = {}
    talking: dict[str, _Stay] = {}
    since: dict[str, tuple[str, int]] = {}
    for event in ordered:
        data = event.data
        if event.call and event.call not in calls:
            calls[event.call] = _Call(event.at)
        if event.kind.startswith("entry."):
            _about_entry(calls[event.call], event, data, talking)
        elif event.kind.startswith("promise."):
            _about_promise(promises, event, data)
        elif event.kind == "agent.state":
            _about_agent(event, data, talking, since)
        elif event.call:
            _about_call(calls[event.call], event, data)
    return calls, promises


def _about_entry(call: _Call, event: Event, data: Mapping[str, Any], talking: dict[str, _Stay]) -> None:
    entry, what = data["entry"], event.kind.removeprefix("entry.")
    stay = call.stays.setdefault(entry, _Stay(data.get("queue") or "", event.at))
    match what:
        case "entered":
            stay.queue, stay.at, stay.kind = data["queue"], event.at, data.get("kind") or "call"
            call.queue = stay.queue if not call.agent and stay.kind == "call" else call.queue
        case "announced" if data.get("to_min") is not None:
            least, most = data.get("from_min") or 0, data.get("to_min") or 0
            stay.told = stay.told or (event.at, least * 60_000, (most or least) * 60_000)
        case "offered":
            call.offers[data["offer"]] = event.at, stay.queue, data["agent"]
        case "withdrawn":
            call.refused[data["offer"]] = data["reason"]
        case "interrupted":
            stay.talk_ms += data["talk_ms"]
        case "answered" if stay.answered_at is not None and stay.kind == "call":
            stay.agent = call.agent = data["agent"]  # again, after an interruption
            call.accepted.add(data["offer"])
            talking[stay.agent] = stay
        case "answered":
            stay.agent, stay.answered_at, stay.waited_ms = data["agent"], event.at, data["waited_ms"]
            if stay.kind == "call":
                call.agent, call.queue = stay.agent, stay.queue
            call.accepted.add(data["offer"])
            talking[stay.agent] = stay
        case "moved":
            stay.left, stay.waited_ms = data.get("reason") or "moved", data["waited_ms"]
            call.stays[f"{entry}/{len(call.stays)}"] = stay
            call.stays[entry] = _Stay(data["queue"], event.at, stay.kind)
            call.queue = data["queue"] if not call.agent else call.queue
        case "overflowed":
            stay.sent = data["action"] == "then"
        case "back":
            stay.sent = False
        case "left":
            stay.left = data["reason"]
            if stay.answered_at is None or stay.kind != "call":
                stay.waited_ms = data["waited_ms"]
        case "finished":
            stay.finished, stay.talk_ms = True, stay.talk_ms + data["talk_ms"]


def _about_call(call: _Call, event: Event, data: Mapping[str, Any]) -> None:
    match event.kind:
        case "call.arrived":
            call.started = event.at
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
        case "contact.spoke_for":
            call.for_person = data.get("person") or None
        case "contact.reoriented":
            call.sent_on.append(event.at)
        case "call.ended":
            call.ended = data["reason"]


def _about_promise(promises: dict[str, _Promise], event: Event, data: Mapping[str, Any]) -> None:
    if event.kind == "promise.made":
        if data["kind"] == "callback":
            window = data.get("due_from") or 0, data.get("due_until") or FOR_EVER
            promises[data["promise"]] = _Promise(event.at, event.call, data.get("queue") or "", window)
    elif promise := promises.get(data["promise"]):
        if event.kind == "promise.tried":
            promise.tries += 1
        else:
            promise.kept, promise.ended = data["outcome"] == "kept", event.at


def _about_agent(
    event: Event, data: Mapping[str, Any], talking: Mapping[str, _Stay], since: dict[str, tuple[str, int]]
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


# --- counting --------------------------------------------------------------------------------------------------


def _count_stays(counted: _Counted, calls: Mapping[str, _Call]) -> None:
    waits: dict[Key, list[int]] = defaultdict(list)
    for call in calls.values():
        for stay in call.stays.values():
            names = _names(call, stay.queue, stay.agent)
            tally = counted.of(stay.at, names) if stay.kind == "call" else None
            if tally is not None:
                _count_stay(tally, stay, call, counted.question)
                if stay.answered_at is not None and stay.waited_ms is not None:
                    waits[counted.key(stay.at, names)].append(stay.waited_ms)
    for key, found in waits.items():
        found.sort()
        of = [found[ceil(len(found) * percent / 100) - 1] for percent in (50, 90, 95)]
        tally = counted.tallies[key]
        tally.wait_p50, tally.wait_p90, tally.wait_p95 = of


def _count_stay(tally: Tally, stay: _Stay, call: _Call, question: Question) -> None:
    within = question.within.get(stay.queue, question.within_ms)
    gone = stay.left
    if stay.answered_at is None and gone is None and call.ended:
        gone = "abandoned" if call.ended == "caller_hung_up" else call.ended
    in_time = stay.waited_ms is not None and stay.waited_ms <= within
    tally.offered += 1
    if stay.answered_at is not None:
        tally.answered += 1
        tally.answered_within += in_time
        tally.wait_ms += stay.waited_ms or 0
        if stay.finished:
            tally.handled += 1
            tally.talk_ms += stay.talk_ms
            tally.hold_ms += stay.hold_ms
            tally.wrap_up_ms += stay.wrap_up_ms
        if stay.told:
            _count_told(tally, stay.told, stay.answered_at)
    elif gone is None:
        tally.waiting += 1
    elif gone in ("abandoned", "lost"):
        tally.abandoned += 1
        tally.abandoned_within += in_time
        tally.short_abandons += stay.waited_ms is not None and stay.waited_ms <= question.short_abandon_ms
    elif gone == "callback":
        tally.callbacks += 1
        tally.callbacks_within += in_time
    else:
        tally.left += 1
        tally.unwanted += stay.sent or gone not in CHOSEN


def _count_told(tally: Tally, told: tuple[int, int, int], answered_at: int) -> None:
    at, least, most = told
    truth, said = answered_at - at, (least + most) // 2
    tally.told += 1
    tally.told_wrong_ms += abs(said - truth)
    tally.told_over_ms += said - truth
    tally.told_right += least <= truth <= most


def _count_offers(counted: _Counted, calls: Mapping[str, _Call]) -> None:
    for call in calls.values():
        for offer, (at, queue, agent) in call.offers.items():
            refused = call.refused.get(offer) in REFUSED_OFFERS
            if (refused or offer in call.accepted) and (tally := counted.of(at, _names(call, queue, agent))):
                tally.offers += 1
                tally.not_accepted += refused


def _count_contacts(
    counted: _Counted, calls: Mapping[str, _Call], person_of: Callable[[str], Hashable]
) -> None:  # fmt: skip
    whose = {id_: call.for_person or person_of(id_) for id_, call in calls.items()}
    by_person: dict[Hashable, list[_Call]] = defaultdict(list)
    for id_, call in calls.items():
        by_person[whose[id_]].append(call)
    seen: dict[tuple[Key, Hashable, int], bool] = {}
    for id_, call in calls.items():
        names = _names(call)
        tally = counted.of(call.started, names)
        if tally is None:
            continue
        tally.contacts += 1
        for at in call.sent_on:
            if (sent_on := counted.of(at, names)) is not None:
                sent_on.reoriented += 1
        person = whose[id_]
        if call.ended is None:
            continue
        if person is None:
            tally.anonymous += 1
            continue
        tally.identified += 1
        later = [other for other in by_person[person] if other.started > call.started]
        _count_again(tally, call, later, counted.question.now)
        answered = any(stay.answered_at is not None for stay in call.stays.values())
        key = counted.key(call.started, names), person, counted.day(call.started)
        seen[key] = seen.get(key, False) or answered or call.heard
    for (under, _, _), reached in seen.items():
        counted.tallies[under].tried += 1
        counted.tallies[under].reached += reached


def _count_again(tally: Tally, call: _Call, later: Sequence[_Call], now: int) -> None:
    if call.started <= now - SINGLE_CONTACT_MS:
        tally.ripe += 1
        on_it = (other for other in later if None in (call.topic, other.topic) or other.topic == call.topic)
        again = any(other.started <= call.started + SINGLE_CONTACT_MS for other in on_it)
        tally.single += call.settled is True and not again
    if call.started <= now - CONTAINMENT_MS:
        tally.ripe_a_day += 1
        alone = not call.stays and call.ended == "flow_ended" and not call.turned_away
        again = any(other.started <= call.started + CONTAINMENT_MS for other in later)
        tally.contained += alone and not again


def _count_promises(counted: _Counted, calls: Mapping[str, _Call], promises: Mapping[str, _Promise]) -> None:
    for promise in promises.values():
        call = calls.get(promise.call) or _Call(promise.at)
        if (tally := counted.of(promise.at, _names(call, promise.queue))) is not None:
            tally.promised += 1
            tally.called += promise.kept and promise.tries <= MOST_TRIES
            tally.in_time += promise.kept and promise.window[0] <= promise.ended <= promise.window[1]


def _count_time(counted: _Counted, ordered: Sequence[Event]) -> None:
    """Each agent's days, span by span."""
    question = counted.question
    until = min(question.until, question.now)
    changes: dict[str, list[Event]] = defaultdict(list)
    for event in ordered:
        if event.kind in ("agent.state", "agent.status"):
            changes[event.data["agent"]].append(event)
    for agent, moves in changes.items():
        if question.limits.get(By.AGENT, agent) != agent:
            continue
        tally = counted.tallies[agent if question.by is By.AGENT else None]
        state, status, since = "idle", "offline", 0
        for move in [*_in_turn(moves), None]:
            at = FOR_EVER if move is None else move.at
            spent = max(0, min(at, until) - max(since, question.since))
            tally.busy_ms += spent * (state in BUSY)
            tally.idle_ms += spent * (state == "idle" and status == "available")
            since = at
            if move and move.kind == "agent.state":
                state = move.data["to"]
            elif move:
                status = move.data["status"]


def _in_turn(moves: Sequence[Event]) -> Iterator[Event]:
    """In order of time, and what happened in the same millisecond so that each state follows from the one before."""
    state = "idle"
    for _, group in groupby(moves, key=lambda event: event.at):
        left = list(group)
        while left:
            event = next((e for e in left if e.kind == "agent.status" or e.data["from"] == state), left[0])
            left.remove(event)
            state = event.data.get("to", state)
            yield event
