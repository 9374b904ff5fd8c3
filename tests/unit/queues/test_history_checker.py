"""The checker itself finds what it is to find."""

from typing import Any

from core.events import Event
from tests.history_checker import check, unfinished
from tests.line import NOW


def told(*facts: tuple[str, int, dict[str, Any]]) -> list[Event]:
    return [Event(f"{number}", kind, NOW + at, "", data) for number, (kind, at, data) in enumerate(facts)]


def entered(name: str, at: int) -> tuple[str, int, dict[str, Any]]:
    return "entry.entered", at, {"entry": name, "since": NOW + at, "priority": 0, "requirement": {}}


def offer(kind: str, name: str, agent: str, at: int) -> tuple[str, int, dict[str, Any]]:
    return f"entry.{kind}", at, {"entry": name, "agent": agent, "offer": f"{name}-{agent}"}


LIFE = (
    entered("e1", 0),
    offer("offered", "e1", "a1", 1),
    offer("withdrawn", "e1", "a1", 2),
    offer("offered", "e1", "a2", 3),
    offer("ringing", "e1", "a2", 4),
    offer("answered", "e1", "a2", 5),
    offer("finished", "e1", "a2", 6),
)


def test_a_proper_life_has_no_fault() -> None:
    assert check(told(*LIFE)) == []
    assert check([*told(*LIFE), *told(*LIFE)]) == [], "told twice with the same ids"
    assert unfinished(told(*LIFE)) == set()
    assert unfinished(told(*LIFE[:-1])) == {"e1"}


def test_a_call_offered_twice_at_once_is_found() -> None:
    [fault] = check(told(entered("e1", 0), offer("offered", "e1", "a1", 1), offer("offered", "e1", "a2", 2)))
    assert "is offered to a2 while a1 has it" in fault


def test_an_agent_with_two_calls_is_found() -> None:
    facts = entered("e1", 0), entered("e2", 0), offer("offered", "e1", "a1", 1), offer("offered", "e2", "a1", 2)
    [fault] = check(told(*facts))
    assert "agent a1 is offered e2 while having e1" in fault


def test_a_second_outcome_is_found() -> None:
    [fault] = check(told(*LIFE, ("entry.left", 7, {"entry": "e1"})))
    assert "had its outcome before" in fault


def test_an_overtaken_caller_is_found() -> None:
    facts = entered("e1", 0), entered("e2", 100), offer("offered", "e2", "a1", 1000)
    [fault] = check(told(*facts))
    assert "before e1, which came first" in fault
    assert check(told(*facts), in_order=False) == []


def test_a_caller_who_came_back_just_now_is_not_overtaken() -> None:
    facts = entered("e1", 0), entered("e2", 1), offer("offered", "e1", "a1", 900), offer("withdrawn", "e1", "a1", 990)
    assert check(told(*facts, offer("offered", "e2", "a2", 1000))) == []


def test_events_out_of_any_order_are_found() -> None:
    assert check(told(offer("offered", "e1", "a1", 1))) == ["entry.offered 0: entry e1 never entered"]
    [fault] = check(told(entered("e1", 0), offer("answered", "e1", "a1", 1)))
    assert "is not in force" in fault


TOGETHER = (
    "entry.offered",
    1,
    {"entry": "e1", "agent": "a1", "offer": "o1", "beside": [{"offer": "o2", "agent": "a2"}]},
)


def test_several_who_are_rung_by_one_decision_are_no_fault_but_two_who_answer_are() -> None:
    first, second = ({"entry": "e1", "agent": name, "offer": offer} for name, offer in (("a1", "o1"), ("a2", "o2")))
    let_go = ("entry.withdrawn", 2, {**second, "reason": "answered_elsewhere"})
    assert check(told(entered("e1", 0), TOGETHER, let_go, ("entry.answered", 2, first))) == []
    faults = check(told(entered("e1", 0), TOGETHER, ("entry.answered", 2, first), ("entry.answered", 3, second)))
    assert "is answered while a1, a2 are rung for it" in faults[0]
    assert "is answered a second time, by a2" in faults[-1]


def test_an_agent_who_holds_more_than_allowed_is_found() -> None:
    def message(name: str, at: int) -> tuple[str, int, dict[str, Any]]:
        kind, _, data = entered(name, at)
        return kind, at, {**data, "kind": "voicemail", "requirement": {name: 1}}

    works = ("agent.work", 0, {"agent": "a1", "holds": 1, "held": 0, "author": ""})
    one = works, message("m1", 0), message("m2", 0), offer("offered", "m1", "a1", 1), offer("answered", "m1", "a1", 1)
    assert check(told(*one, entered("e1", 2), offer("offered", "e1", "a1", 3))) == [], "a call comes all the same"
    [fault] = check(told(*one, offer("offered", "m2", "a1", 2)))
    assert "agent a1 holds more than they may: ['m1', 'm2']" in fault
