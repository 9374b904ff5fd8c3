"""How long a caller will probably wait."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queues.estimate import (
    LEAST_SAMPLES,
    PRIOR_SERVICE_MS,
    PRIOR_WEIGHT,
    WINDOW_MS,
    Experience,
    Lately,
    expected_wait,
    interval,
)  # fmt: skip

MINUTE = 60_000


def plain_sum(ahead: int, agents: float, service_ms: float, theta: float) -> float:
    return sum(1 / (agents / service_ms + k * theta) for k in range(ahead + 1))


def test_without_abandonment_it_is_so_many_calls_over_so_many_agents() -> None:
    assert expected_wait(0, 10, 180_000, 0) == pytest.approx(18_000)
    assert expected_wait(9, 10, 180_000, 0) == pytest.approx(180_000)


def test_the_sum_of_ibrahim_and_whitt() -> None:
    # s = 2 agents who take a minute each, patience of two minutes: 1/2 + 1/2.5 + 1/3 minutes for two ahead
    assert expected_wait(2, 2, MINUTE, 1 / (2 * MINUTE)) == pytest.approx((1 / 2 + 1 / 2.5 + 1 / 3) * MINUTE)


@given(
    ahead=st.integers(0, 3000), agents=st.floats(0.5, 500), service=st.floats(5_000, 1e6), patience=st.floats(1e4, 1e7)
)
def test_a_long_line_is_summed_as_if_term_by_term(ahead: int, agents: float, service: float, patience: float) -> None:
    exact = plain_sum(ahead, agents, service, 1 / patience)
    assert expected_wait(ahead, agents, service, 1 / patience) == pytest.approx(exact, rel=1e-3)


@given(ahead=st.integers(0, 500), agents=st.floats(1, 100), theta=st.floats(0, 1e-4))
def test_more_ahead_is_longer_and_more_agents_is_shorter(ahead: int, agents: float, theta: float) -> None:
    wait = expected_wait(ahead, agents, PRIOR_SERVICE_MS, theta)
    assert expected_wait(ahead + 1, agents, PRIOR_SERVICE_MS, theta) > wait
    assert expected_wait(ahead, agents + 1, PRIOR_SERVICE_MS, theta) < wait


def test_few_calls_hardly_move_the_service_time_from_what_is_usual() -> None:
    experience = Experience()
    assert experience.service_ms(0) == PRIOR_SERVICE_MS
    for _ in range(PRIOR_WEIGHT):
        experience.served.add(0, 60_000)
    assert experience.service_ms(0) == (PRIOR_SERVICE_MS + 60_000) / 2
    for _ in range(10_000):
        experience.served.add(0, 60_000)
    assert experience.service_ms(0) == pytest.approx(60_000, rel=0.01)


def test_with_fewer_than_five_calls_nothing_is_known() -> None:
    experience = Experience()
    for number in range(LEAST_SAMPLES):
        assert not experience.known(0), number
        experience.served.add(0, 60_000)
    assert experience.known(0)


def test_people_who_give_up_over_the_time_that_all_waited() -> None:
    experience = Experience()
    assert experience.abandonment(0) == 0.0
    experience.waited.add(0, 60_000, 0)
    experience.waited.add(0, 30_000, 1)
    assert experience.abandonment(0) == pytest.approx(1 / 90_000)


def test_what_is_older_than_an_hour_is_forgotten_and_half_an_hour_is_kept() -> None:
    lately = Lately()
    lately.add(10 * WINDOW_MS + 1, 100)
    assert lately.seen(11 * WINDOW_MS) == (1, 100)
    lately.add(11 * WINDOW_MS, 300)
    assert lately.seen(11 * WINDOW_MS + 5) == (2, 400)
    assert lately.seen(12 * WINDOW_MS) == (1, 300)
    assert lately.seen(14 * WINDOW_MS) == (0, 0)


def test_clocks_that_differ_a_little_between_machines_lose_nothing() -> None:
    lately = Lately()
    lately.add(10 * WINDOW_MS, 100)
    lately.add(10 * WINDOW_MS - 3, 200)
    assert lately.seen(10 * WINDOW_MS) == (2, 300)


@pytest.mark.parametrize(
    ("minutes", "spoken"),
    [
        (0.0, (0, 1)), (0.5, (0, 1)), (1.0, (0, 2)), (2.0, (1, 3)), (5.0, (3, 8)), (10.0, (6, 15)), (40.0, (25, 60)),
        (50.0, (30, 0)), (500.0, (60, 0)),
    ],
)  # fmt: skip
def test_the_minutes_that_are_spoken(minutes: float, spoken: tuple[int, int]) -> None:
    assert interval(minutes * MINUTE) == spoken


@given(st.floats(0, 200))
def test_the_estimate_is_in_its_interval_and_the_interval_is_rounded_up(minutes: float) -> None:
    low, high = interval(minutes * MINUTE)
    assert low <= minutes and (not high or (minutes <= high and low < high))
