"""Queue files."""

import pytest

from core.files import Faults
from queues.definition import Queue
from queues.load import load_queues


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
    assert queue.name == "etat-civil"
    assert queue.terms({}) == {
        "requirement": [{"skills": {"etat-civil": 3}}],
        "strategy": "least-over-qualified",
        "members": {},
        "ring_ms": 15_000,
        "wrap_up_ms": 60_000,
        "wrap_up_most_ms": 0,
        "until_coded": False,
        "left_out_ms": 60_000,
    }
    assert queue.service_level is not None
    assert (queue.service_level.within, queue.service_level.target) == (60_000, 0.85)


def test_without_more_words_any_agent_may_answer() -> None:
    queue, _ = read("queue: accueil")
    assert queue is not None
    terms = queue.terms({})
    assert terms["requirement"] == [{}]
    assert (terms["ring_ms"], terms["wrap_up_ms"]) == (20_000, 30_000)
    assert queue.terms({"anglais": 1})["requirement"] == [{"skills": {"anglais": 1}}]


def test_what_a_caller_asks_for_is_added_and_the_higher_level_counts() -> None:
    queue, _ = read("queue: q\nrequire: [{skills: {a: 3, b: 1}}]")
    assert queue is not None
    assert queue.terms({"a": 1, "b": 2, "c": 1})["requirement"] == [{"skills": {"a": 3, "b": 2, "c": 1}}]


def test_a_requirement_widens_step_by_step_and_in_the_end_anyone_may_answer() -> None:
    queue, told = read("""
queue: q
require:
  - {skills: {civil: 3}, for: 60s}
  - {skills: {civil: 1}, any: [{anglais: 1, allemand: 2}], for: 2m}
  - {any: [{accueil: 1}], for: 1m, then: anyone}
""")
    assert told == []
    assert queue is not None
    assert queue.terms({"civil": 2})["requirement"] == [
        {"skills": {"civil": 3}, "for_ms": 60_000},
        {"skills": {"civil": 2}, "any": [{"anglais": 1, "allemand": 2}], "for_ms": 120_000},
        {"skills": {"civil": 2}, "any": [{"accueil": 1}], "for_ms": 60_000},
        {},
    ]


def test_a_queue_may_name_its_members_and_choose_among_them() -> None:
    queue, told = read("""
queue: q
strategy: round-robin
members: {camille: {}, sacha: {priority: 2, delay: 30s}}
""")
    assert told == []
    assert queue is not None
    terms = queue.terms({})
    assert terms["strategy"] == "round-robin"
    assert terms["members"] == {
        "camille": {"priority": 1, "delay_ms": 0, "place": 1},
        "sacha": {"priority": 2, "delay_ms": 30_000, "place": 2},
    }


def test_a_wrap_up_can_be_extended_or_last_until_coded() -> None:
    queue, _ = read("queue: q\nwrap_up: 30s\nwrap_up_most: 2m")
    assert queue is not None
    assert queue.terms({})["wrap_up_most_ms"] == 120_000
    queue, _ = read("queue: q\nwrap_up_coded: true")
    assert queue is not None
    assert queue.terms({})["until_coded"]


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ("queue: q\nrign: 20s", "q.yaml:2:1: unknown key 'rign'; did you mean ring? [unknown-key]"),
        ("queue: q\nring: 0s", "q.yaml:2:7: expected at least 1s, found '0s' [out-of-range]"),
        ("queue: q\nring: vite", "q.yaml:2:7: expected a duration such as 7s, 2m or 500ms, found 'vite' [duration]"),
        ("queue: q\nrequire: [{skills: {a: 1}}, {skills: {b: 1}}]",
         "q.yaml:2:11: a step that others follow says how long it lasts: for [step]"),
        ("queue: q\nrequire: [{skills: {a: 1}, for: 60s}]", "q.yaml:2:11: the last step has `for` and "
         "`then: anyone`, or neither: nothing else follows it [step]"),
        ("queue: q\nrequire: [{skills: {a: 1}, then: anyone}]", "q.yaml:2:11: the last step has `for` and "
         "`then: anyone`, or neither: nothing else follows it [step]"),
        ("queue: q\nrequire: [{skills: {a: 1}, for: 1s, then: never}, {skills: {b: 1}}]",
         "q.yaml:2:43: only the last step has `then` [step]"),
        ("queue: q\nrequire: [{for: 60s, then: anyone}]", "q.yaml:2:11: expected skills or any, found neither; leave "
         "require out to take any agent [empty-step]"),
        ("queue: q\nstrategy: linaer", "q.yaml:2:11: expected a strategy, found 'linaer'; did you mean linear? "
         "[strategy]"),
        ("queue: q\nwrap_up: 30s\nwrap_up_most: 20s",
         "q.yaml:3:15: expected a longer time than wrap_up [wrap-up]"),
        ("queue: q\nwrap_up_coded: true\nwrap_up_most: 2m",
         "q.yaml:3:15: a wrap-up until coded has no end to extend [wrap-up]"),
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


def test_a_queue_says_what_is_done_where_waiting_is_not_enough() -> None:
    queue, told = read("""
queue: etat-civil
hours: mairie
require: [{skills: {civil: 3}, for: 5m}, {skills: {accueil: 1}}]
announce: {position: true, wait: true, every: 30s}
overflow:
  - when: expected_wait > 10m
    until: expected_wait < 7m
    cooldown: 30s
    offer: {1: callback, 2: voicemail}
  - {when: waited > 5m, widen: {step: 2}, once: true}
  - {when: waited > 8m, raise: 5, every: 2m}
  - {when: closed, say: {fr: Nous fermons., en: We are closing.}, then: end}
  - {when: length > 50, transfer: "+33123456789"}
""")
    assert told == []
    assert queue is not None and queue.announce is not None
    assert (queue.announce.position, queue.announce.wait, queue.announce.every) == (True, True, 30_000)
    assert [rule.action for rule in queue.overflow] == ["offer", "widen", "raise", "then", "transfer"]
    assert queue.overflow[0].offer == {"1": "callback", "2": "voicemail"}
    assert (queue.overflow[0].cooldown, queue.overflow[1].widen, queue.overflow[2].every) == (30_000, 2, 120_000)
    assert queue.overflow[3].say == {"fr": "Nous fermons.", "en": "We are closing."}


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("{when: open}", "expected what is to be done: one of say, offer, widen, raise, move, then, sms, transfer"),
        ("{when: open, raise: 3, move: x}", "raise is done here already: make one rule for each; only say stands"),
        ("{when: open, raise: 3, once: true, every: 1m}", "a rule is followed once or every so often, not both"),
        ("{when: open, widen: x, every: 1m}", "widen again would change nothing"),
        ("{when: open, raise: 3, fresh: true}", "fresh says how a caller is moved"),
        ("{when: open, raise: 3, every: 5s}", "expected at least 15s, found '5s'"),
        ("{when: open, raise: 300}", "expected at most 100"),
        ("{when: open, widen: {step: no}}", "expected the name of a queue, or a step such as {step: 2}"),
        ("{when: open, offer: {x: callback}}", "expected a key from 0 to 9, found 'x'"),
        ("{when: open, offer: {1: coffee}}", "expected 'callback', 'voicemail' or 'end', found 'coffee'"),
        ("{when: opened, then: end}", "no quantity is called opened; did you mean open?"),
        ("{then: end}", "the key when is missing"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_told(rule: str, message: str) -> None:
    _, told = read(f"queue: q\nhours: h\noverflow:\n  - {rule}\n")
    assert any(message in each for each in told), told


def test_an_announcement_tells_something_and_not_too_often() -> None:
    assert "expected position: true, wait: true or both" in read("queue: q\nannounce: {every: 30s}")[1][0]
    assert "expected at least 15s, found '5s'" in read("queue: q\nannounce: {wait: true, every: 5s}")[1][0]
