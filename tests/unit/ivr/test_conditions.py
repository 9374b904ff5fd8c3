"""Conditions decide; what they cannot know does not hold; nothing else can be written in them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from ivr.conditions import LONGEST, read_condition
from ivr.names import GIVEN
from ivr.session import Session

CALL = Session(
    "c1", "accueil", "v1", "fr",
    caller={"number": "+33612345678", "contacts": 3, "withheld": False, "name": None},
    variables={"dialled": "3939", "tries": 1.5, "urgent": True},
)  # fmt: skip


@pytest.mark.parametrize(
    "condition",
    [
        "caller.contacts > 2",
        "caller.contacts == 3.0",
        "1 < caller.contacts <= 3",
        "tries == 1.5 and not caller.withheld",
        'dialled == "3939"',
        "dialled != '3940' or false",
        'dialled in ["3939", "3940"]',
        'language not in ("en", "de")',
        "-1 < caller.contacts",
        "urgent",
        "urgent == true",
        "not (caller.contacts < 3)",
        "true",
    ],
)
def test_a_condition_holds(condition: str) -> None:
    assert read_condition(condition).holds(CALL) is True


@pytest.mark.parametrize(
    "condition",
    [
        "caller.contacts > 3",
        'dialled == "3940"',
        "caller.withheld",
        "2 < caller.contacts < 3",
        "urgent and false",
        "dialled",
        "caller.contacts",
    ],
)
def test_a_condition_does_not_hold(condition: str) -> None:
    assert read_condition(condition).holds(CALL) is False


@pytest.mark.parametrize("comparison", ['== "x"', '!= "x"', "< 1", ">= 1", 'in ["x"]', 'not in ["x"]', "== missing"])
def test_a_comparison_with_a_missing_value_does_not_hold(comparison: str) -> None:
    assert read_condition(f"missing {comparison}").holds(CALL) is False
    assert read_condition(f"caller.name {comparison}").holds(CALL) is False


@pytest.mark.parametrize(
    "comparison", ["urgent == 1", "urgent > 0", 'caller.contacts == "3"', "dialled < 4000", "1 != true"]
)
def test_values_of_different_kinds_are_never_comparable(comparison: str) -> None:
    assert read_condition(comparison).holds(CALL) is False


@pytest.mark.parametrize(
    ("source", "offset"),
    [
        ("caller.contacts > f(1)", 18),
        ("'é' == dialled + 'x'", 7),
        ("  caller.contacts > 0 and [1][0] == 1", 26),
        ("dialled ==\n  x[0]", 13),
    ],
)
def test_what_is_refused_is_pointed_at(source: str, offset: int) -> None:
    with pytest.raises(PydanticCustomError) as refused:
        read_condition(source)
    assert refused.value.context["problems"][0].offset == offset  # type: ignore[index]


def test_unknown_names_are_pointed_at_with_the_nearest_one() -> None:
    (problem,) = read_condition("'é' == language and  caller.contcts > 1").problems(GIVEN)
    assert problem.offset == 21
    assert problem.message == "unknown name caller.contcts; did you mean caller.contacts?"


def test_a_long_condition_is_refused() -> None:
    with pytest.raises(PydanticCustomError, match="1 problems"):
        read_condition("true" + " and true" * LONGEST)


@settings(deadline=None)
@given(st.text(alphabet="abc.01 ()[]{}<>=!+-*/'\"\\\n:,&|@lambdnotrif_", max_size=60) | st.text(max_size=40))
def test_whatever_is_written_is_read_or_refused_with_a_place(source: str) -> None:
    try:
        condition = read_condition(source)
    except PydanticCustomError as refused:
        for problem in refused.context["problems"]:  # type: ignore[index]
            assert problem.offset is None or 0 <= problem.offset <= len(source)
    else:
        assert condition.holds(CALL) in (True, False)
        assert all(0 <= problem.offset <= len(source) for problem in condition.problems(GIVEN) if problem.offset)
