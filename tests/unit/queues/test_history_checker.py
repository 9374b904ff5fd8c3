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
