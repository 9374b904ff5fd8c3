"""The made-up service is believable: nobody does two things at once, and busy hours are busy."""

import numpy as np
import pytest

from simulator.demo.lives import DAY_MS, HOUR_MS, NOBODY, REASONS, Lives, draw_lives
from simulator.demo.people import names, numbers

MONDAY = 1_795_392_000_000
DAYS = [MONDAY + day * DAY_MS for day in range(14)]


@pytest.fixture(scope="module")
def lives() -> Lives:
    return draw_lives(30_000, 3_000, DAYS, seed=3)


def test_the_same_seed_gives_the_same_lives() -> None:
    one, same, other = (draw_lives(500, 50, DAYS, seed) for seed in (1, 1, 2))
    assert all((getattr(one, name) == getattr(same, name)).all() for name in Lives.__slots__)
    assert (one.started != other.started).any()


def test_no_agent_talks_to_two_callers_at_once(lives: Lives) -> None:
    for agent in range(int(lives.agent.max()) + 1):
        own = lives.agent == agent
        begins = lives.answered[own]
        over = begins + lives.talk[own] + lives.wrap_up[own]
        order = np.argsort(begins)
        assert (begins[order][1:] >= over[order][:-1]).all()


def test_who_is_in_line_is_answered_or_leaves_and_nothing_else(lives: Lives) -> None:
    queued = lives.entered != NOBODY
    assert ((lives.answered != NOBODY)[queued] ^ (lives.left != NOBODY)[queued]).all()
    assert (lives.answered[~queued] == NOBODY).all()
    assert (lives.left[~queued] == NOBODY).all()
    assert set(lives.reason[lives.left != NOBODY]) <= set(range(len(REASONS)))


def test_time_goes_forward(lives: Lives) -> None:
    queued, spoke, left = lives.entered != NOBODY, lives.answered != NOBODY, lives.left != NOBODY
    assert (lives.started[1:] >= lives.started[:-1]).all()
    assert (lives.entered[queued] >= lives.started[queued]).all()
    assert (lives.answered[spoke] > lives.entered[spoke]).all()
    assert (lives.left[left] >= lives.entered[left]).all()
    assert (lives.ended >= lives.started).all()
    assert (lives.hold <= lives.talk).all()


def test_mornings_and_mondays_are_busy_and_nights_are_not(lives: Lives) -> None:
    hour = lives.started % DAY_MS // HOUR_MS
    by_hour = np.bincount(hour, minlength=24)
    assert by_hour.argmax() in (9, 10, 11)
    assert by_hour[:6].sum() < 0.02 * len(lives)
    by_day = np.bincount((lives.started - MONDAY) // DAY_MS, minlength=14)
    assert by_day[0] == by_day[:7].max()
    assert by_day[5] + by_day[6] < 0.15 * by_day[0]


def test_some_wait_and_some_give_up_but_most_are_answered(lives: Lives) -> None:
    queued = lives.entered != NOBODY
    answered = (lives.answered != NOBODY).sum() / queued.sum()
    assert 0.8 < answered < 0.99


def test_everybody_has_a_number_of_their_own() -> None:
    found = numbers(np.arange(1, 200_001))
    assert len(set(found)) == len(found)
    assert all(number.startswith("+33") and len(number) == 12 for number in found)


def test_names_are_of_all_kinds_and_some_are_not_known() -> None:
    found = names(np.arange(1, 5_001))
    known = [name for name in found if name]
    assert 0.6 < len(known) / len(found) < 0.8
    assert any("É" in name or "é" in name for name in known)
    assert len(set(known)) > 1_000
