"""Queue files."""

import pytest

from core.files import Faults
from queues.definition import Queue, load_queues


def read(raw: str) -> tuple[Queue | None, list[str]]:
    faults = Faults()
    queues = load_queues({"q.yaml": raw.encode()}, faults)
    return next(iter(queues.values()), None), [str(fault) for fault in faults.found]


def test_a_queue_says_whom_it_asks_for_and_how_long_phones_ring() -> None:
    queue, told = read("""
queue: etat-civil
title: {fr: État civil, en: Civil records}
service_level: {within: 60s, target: 85%}
ring: 15s
wrap_up: 1m
require:
  - skills: {etat-civil: 3}
""")
    assert told == []
    assert queue is not None
    assert (queue.name, queue.ring_ms, queue.wrap_up_ms) == ("etat-civil", 15_000, 60_000)
    assert queue.service_level is not None
    assert (queue.service_level.within, queue.service_level.target) == (60_000, 0.85)


def test_without_more_words_any_agent_may_answer() -> None:
    queue, _ = read("queue: accueil")
    assert queue is not None
    assert queue.required_with({}) == {}
    assert (queue.ring_ms, queue.wrap_up_ms) == (20_000, 30_000)


def test_what_a_caller_asks_for_is_added_and_the_higher_level_counts() -> None:
    queue, _ = read("queue: q\nrequire: [{skills: {a: 3, b: 1}}]")
    assert queue is not None
    assert queue.required_with({"a": 1, "b": 2, "c": 1}) == {"a": 3, "b": 2, "c": 1}


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ("queue: q\nrign: 20s", "q.yaml:2:1: unknown key 'rign'; did you mean ring? [unknown-key]"),
        ("queue: q\nring: vite", "q.yaml:2:7: expected a duration such as 7s, 2m or 500ms, found 'vite' [duration]"),
        ("queue: q\noverflow: []", "q.yaml:2:1: unknown key 'overflow'; known: queue, require, ring, "
         "service_level, title, wrap_up [unknown-key]"),
        ("queue: q\nrequire: [{skills: {a: 1}}, {skills: {b: 1}}]",
         "q.yaml:2:10: expected at most 1 here, found 2 [out-of-range]"),
        ("queue: q\nrequire: [{skills: {a: 1}, for: 60s}]",
         "q.yaml:2:28: unknown key 'for'; known: skills [unknown-key]"),
        ("queue: q\nservice_level: {within: 60s, target: 850%}",
         "q.yaml:2:38: expected a share such as 85%, found '850%' [share]"),
        ("queue: q\nrequire: [{skills: {}}]", "q.yaml:2:20: expected at least 1 here, found none [out-of-range]"),
        ("queue: Q 1", "q.yaml:1:8: expected the name of the queue (a small letter, then letters, digits, - or _), "
         "found 'Q 1' [name]"),
        ("queue: q\nqueue: r",
         "q.yaml:2:1: the key queue stands here twice; the first one is in line 1 [duplicate-key]"),
        ("ring: 20s", "q.yaml:1:1: the key queue is missing [missing-key]"),
    ],
)  # fmt: skip
def test_a_broken_queue_is_told_at_its_place_and_not_used(raw: str, told: str) -> None:
    assert read(raw) == (None, [told])


def test_two_queues_with_the_same_name_are_a_fault() -> None:
    faults = Faults()
    load_queues({"a.yaml": b"queue: q", "b.yaml": b"queue: q"}, faults)
    assert [str(fault) for fault in faults.found] == [
        "b.yaml:1:8: the queue q stands in a.yaml already [duplicate-queue]"
    ]
