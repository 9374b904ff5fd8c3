"""Measures of a day made by hand, and intervals."""

import numpy as np
import pytest

from core.events import Event
from queues.definition import Queue
from simulator.draws import arrivals, durations
from simulator.levels import levels_of
from simulator.measures import Window, day_figures, estimate, student
from simulator.scenario import HOUR_MS, Arrivals, Lasting
from simulator.watching import Watch

QUEUE = Queue.model_validate({"queue": "q", "service_level": {"within": "10s", "target": "80%"}})
SECOND = 1000


def a_day() -> Watch:
    """Before the window one call; in it, one answered after 4 s, one after 20 s, one gives up after 6 s, one is still
    there. The agent talks from 20 s to 50 s and from 80 s to 90 s."""
    watch = Watch()

    def tell(at: int, kind: str, **data: object) -> None:
        watch.tell(Event(f"{at}{kind}", kind, at * SECOND, "", data))

    tell(0, "agent.status", agent="a", status="available")
    for entry, at in (("early", 1), ("quick", 16), ("slow", 60), ("gone", 61), ("left", 99)):
        tell(at, "entry.entered", entry=entry, queue="q")
    tell(3, "entry.left", entry="early", waited_ms=2 * SECOND)
    tell(20, "agent.state", agent="a", to="offered")
    tell(20, "entry.answered", entry="quick", waited_ms=4 * SECOND)
    tell(50, "agent.state", agent="a", to="idle")
    tell(62, "entry.withdrawn", entry="slow")
    tell(67, "entry.left", entry="gone", waited_ms=6 * SECOND)
    tell(80, "agent.state", agent="a", to="offered")
    tell(80, "entry.answered", entry="slow", waited_ms=20 * SECOND)
    tell(90, "agent.state", agent="a", to="idle")
    watch.close(100 * SECOND)
    return watch


def test_the_measures_of_a_day_made_by_hand() -> None:
    figures = day_figures(a_day(), {"q": QUEUE}, Window(10 * SECOND, 100 * SECOND))
    queue = figures["q"]
    assert (queue["offered"], queue["answered"], queue["abandoned"], queue["waiting"]) == (4, 2, 1, 1)
    assert queue["service_level"] == pytest.approx(1 / 3)
    assert queue["asa"] == pytest.approx(12)
    assert (queue["wait_p50"], queue["wait_p95"]) == (pytest.approx(12), pytest.approx(19.2))
    assert queue["mean_wait"] == pytest.approx(10)
    assert queue["abandonment"] == pytest.approx(1 / 4)
    assert queue["not_accepted"] == pytest.approx(1 / 3)
    assert queue["queue_length"] == pytest.approx(31 / 90)
    assert figures["in all"]["occupancy"] == pytest.approx(40 / 90)
    assert figures["in all"]["busy_agents"] == pytest.approx(40 / 90)


def test_who_gives_up_at_once_does_not_count_against_the_service_level() -> None:
    watch = a_day()
    watch.queues["q"].entered += [70 * SECOND] * 2
    came = 70 * SECOND
    watch.queues["q"].abandoned += [(came, came, came, came + 5 * SECOND), (came, came, came, came + 5 * SECOND + 1)]
    queue = day_figures(watch, {"q": QUEUE}, Window(10 * SECOND, 100 * SECOND))["q"]
    assert queue["service_level"] == pytest.approx(1 / 4)
    assert queue["abandonment"] == pytest.approx(3 / 6)


def test_the_curves_of_a_day_made_by_hand() -> None:
    levels = levels_of(a_day(), 100 * SECOND)
    at = {round(moment / SECOND): index for index, moment in enumerate(levels.moments)}
    assert [levels.waiting[at[second]] for second in (18, 40, 65, 75, 100)] == [1, 0, 2, 1, 1]
    assert [levels.busy[at[second]] for second in (10, 40, 85, 95)] == [0, 1, 1, 0]
    assert set(levels.staffed) == {1.0}


def test_the_interval_of_three_values() -> None:
    found = estimate([1.0, 2.0, 3.0])
    assert (found.mean, found.half_width) == (2.0, pytest.approx(2.484138, rel=1e-6))
    assert found.holds(4.4) and not found.holds(4.5)


@pytest.mark.parametrize(("freedom", "point"), [(1, 12.706205), (9, 2.262157), (31, 2.039513), (120, 1.979930)])
def test_the_points_of_students_distribution(freedom: int, point: float) -> None:
    assert student(freedom) == pytest.approx(point, abs=1e-5)


# --- chance -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", ["exponential", "log-normal", "constant"])
def test_durations_have_the_mean_and_the_deviation_that_were_asked_for(shape: str) -> None:
    told = {"mean": "3m", "shape": shape, **({"deviation": "90s"} if shape == "log-normal" else {})}
    drawn = durations(Lasting.model_validate(told), 200_000, np.random.default_rng(1)) / SECOND
    spread = {"exponential": 180, "log-normal": 90, "constant": 0}[shape]
    assert drawn.mean() == pytest.approx(180, abs=2)
    assert drawn.std() == pytest.approx(spread, abs=2)


def test_calls_come_at_the_rates_of_their_hours() -> None:
    times = arrivals(Arrivals.model_validate({"by_hour": [4000, 0, 1000]}), 4 * HOUR_MS, np.random.default_rng(1))
    by_hour = np.histogram(times, bins=[hour * HOUR_MS for hour in range(5)])[0].tolist()
    assert by_hour[1] == by_hour[3] == 0
    assert by_hour[0] == pytest.approx(4000, abs=200) and by_hour[2] == pytest.approx(1000, abs=100)
    assert np.all(np.diff(times) >= 0)
