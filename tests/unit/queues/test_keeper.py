"""Engines that fall silent, and what is given up of an Asterisk that has none left."""

from queues.keeper import CALLS_GONE_MS, PHONES_GONE_MS, SILENT_MS, Absences, Gone, silent
from queues.model import Node


def node(name: str, asterisk: str, silent_ms: int = 0) -> Node:
    return Node(name, asterisk, silent_ms)


def test_an_engine_that_says_nothing_for_too_long_is_silent() -> None:
    nodes = [node("n1", "north", SILENT_MS), node("n2", "north", SILENT_MS + 1)]
    assert [each.name for each in silent(nodes)] == ["n2"]


def test_an_asterisk_with_a_live_engine_is_served() -> None:
    absences = Absences(["north"])
    for now in (0, 100_000):
        assert absences.look([node("n1", "north", SILENT_MS + 1), node("n2", "north")], now) == []


def test_phones_are_given_up_first_and_calls_once_asterisk_must_have_let_them_go() -> None:
    absences = Absences([])
    absences.look([node("n1", "north")], 0)
    assert absences.look([], 1000) == []
    assert absences.look([], 1000 + PHONES_GONE_MS) == [("north", Gone.PHONES)]
    assert absences.look([], 1000 + CALLS_GONE_MS) == [("north", Gone.CALLS)]
    assert absences.look([], 9000 + CALLS_GONE_MS) == []


def test_one_that_came_back_is_given_up_anew_only_after_another_absence() -> None:
    absences = Absences(["north"])
    absences.look([], 0)
    absences.look([], CALLS_GONE_MS)
    assert absences.look([node("n1", "north")], CALLS_GONE_MS + 1) == []
    assert absences.look([], CALLS_GONE_MS + 2) == []
    assert absences.look([], 2 * CALLS_GONE_MS) == [("north", Gone.PHONES)]
