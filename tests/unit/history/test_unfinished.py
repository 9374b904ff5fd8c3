"""What the history says still waits, and still holds, when the store that knew it is empty."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from core.events import Event
from history.unfinished import capacity, closed, switches, work_left
from queues.model import Entry, Kind
from tests.unit.history.told import CALL, START, arrived, ended, told

FILE = f"{CALL}-0123456789abcdef"
MESSAGE = f"{CALL}-89abcdef"
HOUR = 3_600_000
ASKED = {
    "requirement": [{"skills": {"roads": 2}}],
    "strategy": "longest-idle",
    "members": {"ada": {}},
    "ring_ms": 9_000,
}


def of_entry(what: str, after_ms: int, **data: object) -> Event:
    """`kind` is the entry's."""
    return Event(f"{what}-{after_ms}-{data['entry']}", what, START + after_ms, CALL, data)


def left_a_message(after_ms: int = 5_000) -> list[Event]:
    came = {"since": START + after_ms, "priority": 3, "due": START + HOUR, "kind": "voicemail", "skills": {"fr": 1}}
    return [
        arrived(),
        of_entry("entry.entered", after_ms, entry=MESSAGE, queue="roads", **came, **ASKED),
        told("call.voicemail", after_ms, queue="roads", file=FILE, seconds=9),
        ended(after_ms + 10),
    ]


def happened(what: str, after_ms: int = 60_000, **data: object) -> Event:
    return of_entry(what, after_ms, entry=MESSAGE, queue="roads", **data)


def test_a_message_that_nobody_heard_waits_on_as_it_came():
    [entry] = work_left(left_a_message())
    assert entry == Entry(
        MESSAGE, CALL, "roads", START + 5_000, START + 5_000, kind=Kind.VOICEMAIL, file=FILE, due=START + HOUR,
        priority=3, asterisk="guichet", skills={"fr": 1}, **ASKED,
    )  # fmt: skip


@pytest.mark.parametrize(
    "events",
    [
        [happened("entry.offered", agent="ada", offer="o"), happened("entry.withdrawn", 60_001, offer="o")],
        [happened("entry.answered", agent="ada", offer="o")],
        [happened("entry.restored", kind="voicemail", since=START + 5_000, entered=START + 5_000, **ASKED)],
    ],
)
def test_a_message_that_somebody_began_with_is_not_done(events: list[Event]):
    assert [entry.id for entry in work_left([*left_a_message(), *events])] == [MESSAGE]


@pytest.mark.parametrize("kind", ["entry.finished", "entry.left"])
@pytest.mark.parametrize("after_ms", [1_000, 60_000])
def test_what_is_done_does_not_come_back_whatever_the_clocks_of_the_machines_say(kind: str, after_ms: int):
    assert work_left([*left_a_message(), happened(kind, after_ms)]) == []


def test_a_message_waits_where_it_was_moved_with_the_priority_it_was_given():
    moved = of_entry(
        "entry.moved", 6_000, entry=MESSAGE, queue="civil", kind="voicemail", since=START, priority=3, due=7
    )
    [entry] = work_left([*left_a_message(), moved, happened("entry.prioritised", 7_000, priority=1_443)])
    assert (entry.queue, entry.since, entry.entered, entry.priority) == ("civil", START, START + 6_000, 1_443)
    assert (entry.file, entry.due) == (FILE, 7)


def test_a_message_whose_recording_was_deleted_is_none():
    [*others] = [event for event in left_a_message() if event.kind != "call.voicemail"]
    assert work_left([*others, told("call.voicemail", 5_000, queue="roads", file="", seconds=9)]) == []


def test_of_two_messages_of_one_call_each_has_its_own_recording():
    other = f"{CALL}-fedcba9876543210"
    came = {"queue": "roads", "since": START + 9_000, "kind": "voicemail"}
    second = [
        of_entry("entry.entered", 9_000, entry=f"{CALL}-76543210", **came),
        told("call.voicemail", 9_000, queue="roads", file=other, seconds=2),
    ]
    assert [entry.file for entry in work_left([*second, *left_a_message()])] == [FILE, other]


def test_a_citizen_who_is_to_be_called_back_waits_until_the_call_is_over():
    wanted = [
        arrived(medium="callback", number="+33612345678"),
        of_entry("entry.entered", 1, entry="c-1", queue="roads", since=START, kind="callback", members={"ada": {}}),
    ]
    [entry] = work_left(wanted)
    assert (entry.kind, entry.file, entry.members) == (Kind.CALLBACK, "+33612345678", {"ada": {}})
    assert work_left([*wanted, ended(60_000)]) == []


def test_calls_are_told_by_whoever_holds_them():
    assert (
        work_left([arrived(), of_entry("entry.entered", 1, entry="e", queue="roads", since=START, kind="call")]) == []
    )


@given(some.permutations([*left_a_message(), happened("entry.prioritised", 7_000, priority=9)]))
def test_the_order_in_which_events_are_read_changes_nothing(events: list[Event]):
    [entry] = work_left(events)
    assert (entry.priority, entry.file) == (9, FILE)


# --- what holds until something else is said --------------------------------------------------------------------------


def said(kind: str, after_ms: int, **data: object) -> Event:
    return told(kind, after_ms, call="", **data)


def test_a_queue_is_closed_until_it_is_opened():
    events = [
        said("queue.closed", 1, queue="roads", author="sophie"),
        said("queue.closed", 2, queue="civil", author="ada"),
        said("queue.opened", 3, queue="roads", author="ada"),
    ]
    assert closed(events) == {"civil": "ada"}
    assert closed(events[:1]) == {"roads": "sophie"}


def test_a_switch_of_opening_hours_holds_until_its_end_or_until_it_is_taken_back():
    thrown = {"position": "closed", "at": START, "until": START + HOUR, "because": "Panne", "author": "sophie"}
    one = said("hours.switched", 1, hours="mairie", **thrown)
    assert switches([one], START + 2)["mairie"] == (thrown, "hours.switched", one.data)
    assert switches([one], START + HOUR) == {}
    back = said("hours.switched", 2, hours="mairie", **{**thrown, "position": ""})
    assert switches([one, back], START + 3) == {}


def test_a_surge_lasts_until_it_is_switched_off():
    on = said("queue.surge", 1, queue="*", on=True, author="sophie")
    assert switches([on], START)["surge:*"].says == {"since": START + 1, "author": "sophie"}
    assert switches([on, said("queue.surge", 2, queue="*", on=False, author="sophie")], START) == {}


def test_how_many_messages_an_agent_may_hold_is_what_was_said_last():
    work = [said("agent.work", at, agent=who, holds=most, held=0) for at, who, most in ((1, "ada", 3), (2, "bo", 2))]
    assert capacity(work) == {"ada": 3, "bo": 2}
    assert capacity([*work, said("agent.work", 3, agent="bo", holds=-1, held=0)]) == {"ada": 3}
