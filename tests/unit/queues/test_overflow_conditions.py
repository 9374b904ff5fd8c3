"""Conditions of overflow rules: what they mean, and what is said of those that mean nothing."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from queues.overflow.conditions import QUANTITIES, Condition, read_condition
from queues.overflow.situation import Now as Situation

MINUTE = 60_000
NOW = 1_700_000_000_000


@dataclass(frozen=True)
class Now:
    expected_wait: float | None = 11 * MINUTE
    waited: int = 2 * MINUTE
    position: int = 3
    length: int = 12
    callers_per_agent: float = 4.0
    staffed: int = 3
    idle: int = 0
    open: bool | None = True
    closed: bool | None = False
    too_late: bool | None = False
    surge: bool = False


def fault(source: object) -> tuple[str, int | None]:
    with pytest.raises(PydanticCustomError) as raised:
        read_condition(source)
    (problem,) = (raised.value.context or {})["problems"]
    return problem.message, problem.offset


@pytest.mark.parametrize(
    "source",
    [
        "expected_wait > 10m", "10m < expected_wait", "expected_wait >= 660s and waited == 2m", "position <= 3",
        "length > 20 or callers_per_agent >= 4", "not idle > 0", "idle == 0 and staffed != 0", "2 < length < 13",
        "open and not closed", "not too_late", "not surge",
        "(length > 100 or surge) or waited >= 120s", "true", "staffed > -1",
    ],
)  # fmt: skip
def test_conditions_that_hold(source: str) -> None:
    assert read_condition(source).holds(Now())


@pytest.mark.parametrize(
    "source", ["expected_wait > 11m", "waited > 2m", "position < 3", "surge", "closed", "not open", "2 < length < 12"]
)
def test_conditions_that_do_not_hold(source: str) -> None:
    assert not read_condition(source).holds(Now())


@pytest.mark.parametrize(
    "source", ["expected_wait > 0s", "expected_wait < 1h", "expected_wait != 1m", "open", "closed"]
)
def test_what_is_not_known_neither_is_nor_is_not(source: str) -> None:
    assert not read_condition(source).holds(Now(expected_wait=None, open=None, closed=None))


@pytest.mark.parametrize(
    ("source", "message", "offset"),
    [
        ("lenght > 3", "no quantity is called lenght; did you mean length?", 0),
        ("surge and expected_wait > 10", "expected_wait is a duration: write for example expected_wait > 10m", 26),
        ("length > 10m", "length is a number: write for example length > 10", 9),
        ("open == 1", "open is true or false: write open, or not open", 0),
        ("waited", "waited is a duration: write for example waited > 10m", 0),
        ("length > idle", "compare a quantity with a number or a duration, not with another one", 9),
        ("length + 1 > 3", "a condition does not calculate; compare quantities as they are", 0),
        ("wait(3)", "there are no functions here", 0),
        ("idle is 3", "is and in do not compare here; write ==", 0),
        ("length = 3", "a single = does not compare; write ==", 7),
        ("  length > 3 and", "this cannot be read; write for example expected_wait > 10m or staffed == 0", 2),
        ("length > '3'", "expected one of " + ", ".join(QUANTITIES) + " here", 9),
        ("___ > 3", "no quantity is called ___", 0),
    ],
)
def test_what_is_said_of_a_condition_that_means_nothing(source: str, message: str, offset: int) -> None:
    told, at = fault(source)
    assert told.startswith(message)
    assert at == offset


def test_true_stands_for_always() -> None:
    assert read_condition(True).holds(Now())


@pytest.mark.parametrize("source", [3, None, False, ["length > 3"], "", "   "])
def test_what_is_no_text_is_no_condition(source: object) -> None:
    assert fault(source)[0].startswith("expected a condition, found ")


def test_it_says_what_it_asks_for_and_when_mere_time_may_change_it() -> None:
    condition = read_condition("waited > 5m or (length > 3 and 90s <= waited)")
    assert condition.names == {"waited", "length"}
    assert condition.moments == (90_000, 90_001, 300_000, 300_001)
    assert not condition.of_queue
    assert read_condition("length > 3 and open").of_queue


@given(st.text(alphabet="()and or not <>=!.,0123456789msh_expectdwailngf'\"\n", max_size=60))
def test_whatever_is_written_is_read_or_told(source: str) -> None:
    try:
        assert isinstance(read_condition(source).holds(Now()), bool)
    except PydanticCustomError as error:
        assert (error.context or {})["problems"]


def test_deep_and_long_ones_are_refused() -> None:
    assert "levels deep" in fault("not " * 30 + "open")[0]
    assert "characters" in fault("open or " * 100 + "open")[0]


def test_a_condition_keeps_its_words() -> None:
    assert isinstance(read_condition("waited  > 5m"), Condition)
    assert read_condition("waited  > 5m").source == "waited  > 5m"


@pytest.mark.parametrize(
    ("open_", "closes_in", "expected", "late"),
    [
        (True, 30, 29, False), (True, 30, 30, True), (True, 30, 45, True),  # minutes
        (True, None, 45, None), (True, 30, None, None), (None, None, 45, None), (False, None, None, True),
    ],
)  # fmt: skip
def test_nobody_is_admitted_whose_wait_passes_closing_time(
    open_: bool | None, closes_in: int | None, expected: int | None, late: bool | None
) -> None:
    outlook = None if expected is None else SimpleNamespace(wait=lambda ahead: expected * MINUTE)
    board: Any = SimpleNamespace(outlook=lambda *_: outlook, head_entered=lambda _: None, staff_known=True)
    closes_at = None if closes_in is None else NOW + closes_in * MINUTE
    line: Any = SimpleNamespace(turns=[], staffed=1, idle=0, open=open_, closes_at=closes_at, position=lambda _: 1)
    caller: Any = SimpleNamespace(turn=(0, 0, "e1"), entry=SimpleNamespace(entered=NOW))
    now = Situation(board, line, NOW)
    now.look_at(caller)
    assert now.too_late is late
    assert read_condition("too_late").holds(now) is bool(late)
