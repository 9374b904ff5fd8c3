"""Conditions decide; what they cannot know does not hold; nothing else can be written in them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from core.expressions import LONGEST
from ivr.acts import Value
from ivr.checking.reading import kind_problems, sure_when, uses
from ivr.conditions import read_condition
from ivr.model import Kind
from ivr.names import GIVEN
from ivr.session import Session
from tests.unit.ivr.flows import told_of

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
    told = told_of("""
        connu:
          branch:
            - when: "'é' == language and  caller.contcts > 1"
              then: hangup
          otherwise: hangup
    """)
    assert told == ["unknown-name: unknown name caller.contcts; did you mean caller.contacts?"]
    *_, use = uses(read_condition("'é' == language and  caller.contcts > 1"))
    assert (use.name, use.offset) == ("caller.contcts", 21)


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
        assert all(0 <= use.offset <= len(source) for use in uses(condition))
        assert all(0 <= offset <= len(source) for offset, _ in kind_problems(condition, GIVEN))
        assert sure_when(condition, holds=True) | sure_when(condition, holds=False) <= {u.name for u in uses(condition)}


@pytest.mark.parametrize(
    ("source", "holds"),
    [
        ("known(caller.name)", False),
        ("not known(caller.name) and known(dialled)", True),
        ('starts(dialled, "39")', True),
        ('starts(dialled, "40")', False),
        ('starts(caller.contacts, "3")', False),
        ('starts(nothing, "")', False),
    ],
)
def test_functions_ask_whether_a_value_is_there_and_how_it_begins(source: str, holds: bool) -> None:
    assert read_condition(source).holds(CALL) is holds


@pytest.mark.parametrize(
    "source",
    [
        "known()", "known(1)", "known(true)", "known(a, b)", "known(name=a)", "known(a) == 1", "known(*a)",
        "starts(a)", "starts(a, 1)", "starts(a, b)", "a.known(b)",
    ],
)  # fmt: skip
def test_functions_are_given_what_they_want_and_nothing_else(source: str) -> None:
    with pytest.raises(PydanticCustomError):
        read_condition(source)


@pytest.mark.parametrize(
    ("source", "holds"),
    [
        ('day < "2026-11-24"', True),
        ('day >= "2026-11-24"', False),
        ('"2026-01-01" <= day < "2027-01-01"', True),
        ('day == "2026-11-23"', True),
        ('clock < "17:00"', True),
        ('moment > "2026-11-23T16:29"', True),
        ('moment > "2026-11-23"', False),
        ('day > "demain"', False),
        ("day > 3", False),
    ],
)
def test_dates_and_times_are_compared_with_texts_that_are_written_as_they_are(source: str, holds: bool) -> None:
    given: dict[str, Value] = {"day": "2026-11-23", "clock": "16:30", "moment": "2026-11-23T16:30"}
    assert read_condition(source).holds(Session("c1", "essai", "v1", "fr", variables=given)) is holds


TIMES: dict[str, Kind] = {"day": "date", "clock": "time", "moment": "moment", "number": "digits"}


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ('day < "lundi"', 'expected a date such as "2026-11-23" here, found "lundi"'),
        ('"8h" == clock', 'expected a time such as "16:30" here, found "8h"'),
        ("moment == 3", 'expected a moment such as "2026-11-23T16:30" here, found a number'),
        ("day == moment", 'expected a date such as "2026-11-23" here, found a moment'),
        ("day", "this is a date, not true or false; compare it with something"),
        ('starts(day, "2026")', "a date does not start with a text"),
        ("number == 12", "a text is compared with a number: that is never so"),
    ],
)
def test_dates_and_times_are_compared_with_their_like(source: str, message: str) -> None:
    assert [told for _, told in kind_problems(read_condition(source), TIMES)][:1] == [message]


@pytest.mark.parametrize("source", ['day < "2026-01-01" and clock >= "08:00"', 'day in ["2026-12-25"]', "day < day"])
def test_what_can_be_meant_is_not_faulted(source: str) -> None:
    assert list(kind_problems(read_condition(source), TIMES)) == []


@pytest.mark.parametrize(
    ("source", "when_it_holds", "when_not"),
    [
        ("known(a)", {"a"}, set()),
        ("not known(a)", set(), {"a"}),
        ("a == 1 and b", {"a", "b"}, set()),
        ("a == 1 or a == 2", {"a"}, set()),
        ("a == 1 or b", set(), set()),
        ("not (known(a) and known(b))", set(), {"a", "b"}),
        ("not known(a) or not known(b)", set(), {"a", "b"}),
        ("true", set(), set()),
    ],
)
def test_what_a_condition_says_of_the_values_it_compares(
    source: str, when_it_holds: set[str], when_not: set[str]
) -> None:
    condition = read_condition(source)
    assert sure_when(condition, holds=True) == when_it_holds
    assert sure_when(condition, holds=False) == when_not
