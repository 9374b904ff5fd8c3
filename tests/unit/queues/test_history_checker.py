"""The checker itself finds what it is to find."""

from typing import Any

from core.events import Event
from tests.history_checker import check, unfinished
from tests.line import NOW


def told(*facts: tuple[str, int, dict[str, Any]]) -> list[Event]:
    return [Event(f"{number}", kind, NOW + at, "", data) for number, (kind, at, data) in enumerate(facts)]


def entered(name: str, at: int) -> tuple[str, int, dict[str, Any]]:
    return "entry.entered", at, {"entry": name, "queue": "civil", "since": NOW + at, "priority": 0, "requirement": {}}


def offer(kind: str, name: str, agent: str, at: int) -> tuple[str, int, dict[str, Any]]:
    return f"entry.{kind}", at, {"entry": name, "queue": "civil", "agent": agent, "offer": f"{name}-{agent}"}


def rule(name: str, at: int, action: str = "move", **more: Any) -> tuple[str, int, dict[str, Any]]:
    data = {"entry": name, "queue": "civil", "rule": "civil/1", "action": action, "why": "it is so", **more}
    return "entry.overflowed", at, data


def moved(name: str, at: int, to: str = "general", **more: Any) -> tuple[str, int, dict[str, Any]]:
    data = {"entry": name, "from": "civil", "queue": to, "since": NOW, "priority": 0, "requirement": {}}
    return "entry.moved", at, {**data, "reason": "overflow", **more}


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


def test_a_moved_caller_is_counted_in_one_queue_after_the_other() -> None:
    left = "entry.left", 9, {"entry": "e1", "queue": "general", "reason": "callback"}
    assert check(told(entered("e1", 0), rule("e1", 5), moved("e1", 5), left)) == []
    in_the_old_one = "entry.left", 9, {"entry": "e1", "queue": "civil", "reason": "abandoned"}
    [fault] = check(told(entered("e1", 0), rule("e1", 5), moved("e1", 5), in_the_old_one))
    assert "counted in another queue than general" in fault


def test_a_move_that_no_rule_made_is_found() -> None:
    [fault] = check(told(entered("e1", 0), moved("e1", 5)))
    assert "no rule said that e1 is to move" in fault
    assert check(told(entered("e1", 0), moved("e1", 5, reason="a colleague asked", author="boss"))) == []


def test_a_rule_without_a_reason_or_of_another_queue_is_found() -> None:
    [fault] = check(told(entered("e1", 0), rule("e1", 5, "say", why="")))
    assert "nobody knows why" in fault
    [fault] = check(told(entered("e1", 0), rule("e1", 5, "say", rule="roads/1")))
    assert "which is in another queue" in fault


def test_an_offer_while_the_caller_is_aside_is_found() -> None:
    aside = "entry.aside", 5, {"entry": "e1", "queue": "civil", "reason": "then"}
    back = "entry.back", 6, {"entry": "e1", "queue": "civil"}
    facts = entered("e1", 0), rule("e1", 5, "then"), aside
    [fault] = check(told(*facts, offer("offered", "e1", "a1", 7)))
    assert "is offered to a1 while its caller is aside" in fault
    assert check(told(*facts, back, offer("offered", "e1", "a1", 7))) == []


def test_a_caller_who_is_aside_is_not_overtaken() -> None:
    aside = "entry.aside", 5, {"entry": "e1", "queue": "civil", "reason": "callback"}
    facts = entered("e1", 0), aside, entered("e2", 100), offer("offered", "e2", "a1", 1000)
    assert check(told(*facts)) == []
