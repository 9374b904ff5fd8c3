"""Ways through graphs, however long."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.checking.graph import Graph, circles, in_order, reached

names = st.sampled_from("abcdefg")
graphs = st.dictionaries(names, st.lists(names, max_size=4), min_size=1)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ({"a": ["b"], "b": []}, []),
        ({"a": ["a"]}, [["a"]]),
        ({"a": ["b"], "b": ["a"]}, [["a", "b"]]),
        ({"a": ["b"], "b": ["c"], "c": ["b"], "d": ["d", "a"]}, [["b", "c"], ["d"]]),
        ({"a": ["hangup", "b"], "b": ["hangup"]}, []),
    ],
)
def test_circles_are_found(after: Graph, expected: list[list[str]]) -> None:
    assert circles(after) == expected


@given(graphs)
def test_who_comes_back_to_oneself_is_in_a_circle_and_nobody_else(after: Graph) -> None:
    back = {name for name in after if any(name in reached(other, after) for other in after[name])}
    assert {name for circle in circles(after) for name in circle} == back


@given(graphs, names)
def test_all_that_is_reached_is_in_order_once_from_the_start_on(after: Graph, start: str) -> None:
    order = in_order(start, after)
    assert set(order) == reached(start, after)
    assert len(order) == len(set(order))
    assert order[:1] == ([start] if start in after else [])


def test_a_chain_of_thousands_is_followed_to_its_end() -> None:
    after = {str(n): [str(n + 1)] for n in range(20_000)}
    assert in_order("0", after) == list(after)
    assert circles(after) == []
    assert circles({**after, "19999": ["0"]}) == [list(after)]
