"""The same counts from the events themselves: pure, slow, and without the tables that reports are counted from. Who
doubts a figure, or a table, has it counted again.

Whose matter a call is cannot be told from its own events alone (persons are merged and split later): that is handed in.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from math import ceil

from core.events import Event
from history.measures.asked import HOUR_MS, By, Question
from history.measures.definitions import CHOSEN, CONTAINMENT_MS, MOST_TRIES, REFUSED_OFFERS, SINGLE_CONTACT_MS
from history.measures.retold import FOR_EVER, Call, Promise, Stay, read_events
from history.measures.sql.common import Key
from history.measures.tally import Tally
from history.projection.data import in_order
from history.projection.stays import OFFERED

BUSY = frozenset({"offered", "ringing", "talking", "hold", "wrap_up"})


def recount(events: Iterable[Event], question: Question, person_of: Callable[[str], Hashable]) -> dict[Key, Tally]:
    """All counts by key, as reports count them (`Tally`). `events` are all of the interval and of the 7 days after it,
    in any order, with what agents did before as far as it matters; `person_of` gives whose matter a call is, or
    None."""
    ordered = in_order(events)
    calls, promises = read_events(ordered)
    counted = _Counted(question)
    _count_stays(counted, calls)
    _count_offers(counted, calls)
    _count_contacts(counted, calls, promises, person_of)
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

    def same_day(self, one: int, other: int) -> bool:
        """Both in the interval, and on one day of it."""
        since, until = self.question.since, self.question.until
        return since <= one < until and since <= other < until and self.day(one) == self.day(other)

    def day(self, at: int) -> int:
        return sum(1 for start in self.question.starts[1:-1] if start <= at)


def _names(call: Call, queue: str | None = None, agent: str | None = None) -> dict[By, str | None]:
    return {
        By.QUEUE: call.queue if queue is None else queue,
        By.AGENT: call.agent if agent is None else agent,
        By.TOPIC: call.topic,
        By.SERVICE: call.service,
    }


def _count_stays(counted: _Counted, calls: Mapping[str, Call]) -> None:
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


def _count_stay(tally: Tally, stay: Stay, call: Call, question: Question) -> None:
    within = question.within.get(stay.queue, question.within_ms)
    gone, waited_ms = stay.left, stay.waited_ms
    if stay.answered_at is None and gone is None and call.ended:  # that it left was lost: it did when the call ended
        gone = "abandoned" if call.ended == "caller_hung_up" else call.ended
        waited_ms = max(0, call.ended_at - (stay.since or stay.at))
    in_time = waited_ms is not None and waited_ms <= within
    tally.offered += 1
    if stay.answered_at is not None:
        tally.answered += 1
        tally.answered_within += in_time
        tally.wait_ms += waited_ms or 0
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
        tally.short_abandons += waited_ms is not None and waited_ms <= question.short_abandon_ms
    elif gone == "callback":
        tally.callbacks += 1
        tally.callbacks_within += in_time
    else:
        tally.left += 1
        tally.unwanted += gone not in CHOSEN or (stay.sent and gone in OFFERED)


def _count_told(tally: Tally, told: tuple[int, int, int, int], answered_at: int) -> None:
    at, least, most, said = told
    truth = answered_at - at
    tally.told += 1
    tally.told_wrong_ms += abs(said - truth)
    tally.told_over_ms += said - truth
    tally.told_right += least <= truth <= most


def _count_offers(counted: _Counted, calls: Mapping[str, Call]) -> None:
    for call in calls.values():
        for offer, (at, queue, agent) in call.offers.items():
            refused = call.refused.get(offer) in REFUSED_OFFERS
            if (refused or offer in call.accepted) and (tally := counted.of(at, _names(call, queue, agent))):
                tally.offers += 1
                tally.not_accepted += refused


def _count_contacts(
    counted: _Counted, calls: Mapping[str, Call], promises: Mapping[str, Promise],
    person_of: Callable[[str], Hashable],
) -> None:  # fmt: skip
    whose = {id_: person_of(id_) for id_ in calls}
    by_person: dict[Hashable, list[Call]] = defaultdict(list)
    for id_, call in calls.items():
        by_person[whose[id_]].append(call)
    called_back = {
        promise.call
        for promise in promises.values()
        if promise.kept and promise.call in calls and counted.same_day(calls[promise.call].started, promise.ended)
    }
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
        if not call.calls_back:
            key = counted.key(call.started, names), person, counted.day(call.started)
            seen[key] = seen.get(key, False) or call.served or call.heard or id_ in called_back
    for (under, _, _), reached in seen.items():
        counted.tallies[under].tried += 1
        counted.tallies[under].reached += reached


def _count_again(tally: Tally, call: Call, later: Sequence[Call], now: int) -> None:
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


def _count_promises(counted: _Counted, calls: Mapping[str, Call], promises: Mapping[str, Promise]) -> None:
    for promise in promises.values():
        call = calls.get(promise.call) or Call(promise.at)
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
