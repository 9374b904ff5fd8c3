"""Erlang's formulas, against published values and against what must hold of them."""

from collections.abc import Callable
from decimal import Decimal
from math import exp

import pytest

from simulator.erlang import Demand, agents_needed, erlang_b, erlang_c, with_delay, with_loss, with_patience

EXACT = 1e-8
PALM = Demand(rate=48 / 60, handling=60)


@pytest.mark.parametrize(("load", "agents", "blocked"), [(10, 10, 0.21458234), (20, 30, 0.00845750)])
def test_the_loss_formula_on_published_values(load: float, agents: int, blocked: float) -> None:
    assert erlang_b(load, agents) == pytest.approx(blocked, abs=EXACT)
    assert with_loss(Demand(load, 1), agents).service_level == pytest.approx(1 - blocked, abs=EXACT)


@pytest.mark.parametrize(
    ("calls", "aht", "agents", "within", "waits", "asa", "level"),
    [(360, 240, 55, 15, 0.23870094, 8.184032, 0.84588309), (100, 180, 12, 20, 0.44938822, 40.444940, 0.64015804)],
)
def test_the_delay_formula_on_published_values(
    calls: int, aht: float, agents: int, within: float, waits: float, asa: float, level: float
) -> None:
    outlook = with_delay(Demand(calls / 1800, aht), agents, within)
    assert outlook.wait_probability == pytest.approx(waits, abs=EXACT)
    assert outlook.asa == pytest.approx(asa, abs=5e-7)
    assert outlook.service_level == pytest.approx(level, abs=EXACT)


def test_the_patience_formula_on_published_values() -> None:
    outlook = with_patience(Demand(48, 1), 50, 1, 2)
    assert outlook.wait_probability == pytest.approx(0.46777407, abs=EXACT)
    assert outlook.abandonment == pytest.approx(0.03091225, abs=EXACT)
    assert outlook.queue_length == pytest.approx(2.967576, abs=5e-7)


def test_the_table_of_palm() -> None:
    patient, impatient = with_delay(PALM, 50, 20), with_patience(PALM, 50, 20, 120)
    assert (round(patient.mean_wait, 2), round(patient.occupancy, 3)) == (20.83, 0.960)
    assert (round(impatient.abandonment, 5), round(impatient.mean_wait, 3)) == (0.03091, 3.709)
    assert round(impatient.occupancy, 4) == 0.9303


# --- what must hold ---------------------------------------------------------------------------------------------------


def by_states(demand: Demand, agents: int, patience: float, within: float) -> tuple[float, float, float]:
    """Abandonment, mean wait of the answered and service level of M/M/n+M, by adding up the states' probabilities and,
    for the service level, by a sum over small steps of the wait's density."""
    drain, leaving = agents / demand.handling, 1 / patience
    weights = [1.0]
    for state in range(1, agents + 4000):
        weights.append(weights[-1] * demand.rate / (min(state, agents) / demand.handling
                                                    + max(0, state - agents) * leaving))  # fmt: skip
    total = sum(weights)
    shares = [weight / total for weight in weights]
    served = waited = 0.0
    for ahead, share in enumerate(shares[agents:]):
        chance = drain / (drain + (ahead + 1) * leaving)
        waited += share * chance * sum(1 / (drain + k * leaving) for k in range(1, ahead + 2))
        served += share * chance
    at_once, steps = sum(shares[:agents]), 20_000
    step = within / steps
    soon = sum(
        exp(demand.rate / leaving * (1 - exp(-leaving * x)) - drain * x - leaving * x)
        for x in ((number + 0.5) * step for number in range(steps))
    )
    level = at_once + demand.rate * shares[agents - 1] * soon * step
    return 1 - at_once - served, waited / (at_once + served), level


@pytest.mark.parametrize(("rate", "agents", "patience"), [(0.8, 50, 120), (1.2, 50, 60), (0.1, 3, 600), (0.02, 1, 5)])
def test_patience_against_the_states_added_up_one_by_one(rate: float, agents: int, patience: float) -> None:
    demand = Demand(rate, 60)
    outlook = with_patience(demand, agents, 20, patience)
    abandonment, asa, level = by_states(demand, agents, patience, 20)
    assert outlook.abandonment == pytest.approx(abandonment, rel=1e-9)
    assert outlook.asa == pytest.approx(asa, rel=1e-9)
    assert outlook.service_level == pytest.approx(level, abs=1e-8)


def test_endless_patience_is_the_delay_formula() -> None:
    patient, delay = with_patience(PALM, 50, 20, 1e9), with_delay(PALM, 50, 20)
    assert patient.asa == pytest.approx(delay.asa, rel=1e-5)
    assert patient.service_level == pytest.approx(delay.service_level, rel=1e-5)


def test_no_patience_is_the_loss_formula() -> None:
    assert with_patience(PALM, 50, 20, 1e-6).abandonment == pytest.approx(erlang_b(48, 50), rel=1e-5)


def test_thousands_of_agents_neither_overflow_nor_lose_their_digits() -> None:
    crowd = with_patience(Demand(15_000 / 180, 180), 10_000, 20, 180)
    assert crowd.abandonment == pytest.approx(1 / 3, rel=1e-9)  # a third is too much, and all of it gives up
    assert 0 <= crowd.service_level < 1e-9
    assert (crowd.wait_probability, crowd.occupancy) == (1.0, pytest.approx(1.0))
    calm = with_patience(Demand(1_000 / 180, 180), 10_000, 20, 180)
    assert (calm.wait_probability, calm.service_level) == (0.0, 1.0)
    weight = term = Decimal(1)  # of the states below, seen from the one in which all are busy
    for state in range(10_000, 0, -1):
        term *= Decimal(state) / 9_900
        weight += term
    assert erlang_c(9_900, 10_000) == pytest.approx(float(100 / (100 + weight - 1)), rel=1e-9)


def test_the_number_of_agents_is_the_smallest_that_is_enough() -> None:
    assert [agents_needed(lambda n, enough=enough: n >= enough, 5) for enough in (1, 5, 6, 7, 99, 100_000)] == [
        5, 5, 6, 7, 99, 100_000,
    ]  # fmt: skip
    assert agents_needed(lambda _: False, 1) is None


def test_a_load_that_is_too_much_is_refused_and_everybody_waits() -> None:
    assert erlang_c(10, 10) == 1.0
    with pytest.raises(ValueError, match="never catch up"):
        with_delay(Demand(10, 1), 10, 1)


def test_a_house_that_is_hopelessly_overloaded_has_an_outlook_too() -> None:
    """The weights of its states are beyond what a decimal holds unless it is told to."""
    crowd = with_patience(Demand(10_000, 1), 1, 20, 100)
    assert crowd.abandonment == pytest.approx(1 - 1 / 10_000, rel=1e-9)
    assert (crowd.wait_probability, crowd.occupancy) == (pytest.approx(1.0), pytest.approx(1.0))


@pytest.mark.parametrize("outlook", [lambda: with_loss(PALM, 0), lambda: with_patience(PALM, 0, 20, 60)])
def test_nobody_answers_without_agents(outlook: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match="0 agents answer nobody"):
        outlook()


def test_without_patience_it_is_another_model() -> None:
    with pytest.raises(ValueError, match="model b"):
        with_patience(PALM, 50, 20, 0)
