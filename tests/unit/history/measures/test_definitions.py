"""Each measure by hand, on numbers small enough to be checked by eye."""

import pytest

from core.errors import GuichetError
from history.measures.definitions import SERVICE_LEVELS, measures
from history.measures.tally import Tally

DAY = Tally(
    offered=100, answered=70, abandoned=15, left=8, callbacks=5, waiting=2, short_abandons=5, unwanted=4,
    answered_within=60, abandoned_within=9, callbacks_within=3, wait_ms=1_400_000, handled=70, talk_ms=14_000_000,
    hold_ms=700_000, wrap_up_ms=2_100_000, told=10, told_wrong_ms=50_000, told_over_ms=-20_000, told_right=8,
    wait_p50=10_000, wait_p90=60_000, wait_p95=90_000, offers=80, not_accepted=10, contacts=120, identified=100,
    anonymous=20, ripe=80, single=60, ripe_a_day=90, contained=18, tried=90, reached=81, reoriented=7, busy_ms=900,
    idle_ms=100, promised=5, called=4, in_time=3,
)  # fmt: skip
BY_HAND = {
    "offered": 100, "answered": 70, "abandoned": 15, "left": 8, "callbacks": 5, "waiting": 2, "short_abandons": 5,
    "service_level": 60 / (70 + 15 - 5 + 4), "abandonment": 0.15, "abandonment_net": 10 / 95, "asa": 20.0,
    "wait_p50": 10.0, "wait_p90": 60.0, "wait_p95": 90.0, "aht": (14_000 + 2_100) / 70, "occupancy": 0.9,
    "agent_non_response": 0.125, "contacts": 120, "single_contact": 0.75, "single_contact_ripe": 0.8,
    "anonymous": 20 / 120, "containment": 0.2, "misdirection": 0.1, "expected_wait_error": 5.0,
    "expected_wait_bias": -2.0, "expected_wait_right": 0.8, "callbacks_reached": 0.8, "callbacks_in_time": 0.6,
    "person_success": 0.9,
}  # fmt: skip


def test_every_measure_is_what_the_trade_says_it_is() -> None:
    assert {name: measure.of(DAY) for name, measure in measures().items()} == pytest.approx(BY_HAND)


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("guichet", 60 / 84),
        ("asterisk", 60 / 70),
        ("asterisk_sl2", 69 / 85),
        ("genesys", 60 / 85),
        ("amazon", 72 / 90),
    ],
)
def test_others_mean_something_else_by_service_level(name: str, level: float) -> None:
    assert measures(name)["service_level"].of(DAY) == pytest.approx(level)


def test_every_definition_is_tried_here() -> None:
    assert set(SERVICE_LEVELS) == {"guichet", "asterisk", "asterisk_sl2", "genesys", "amazon"}


def test_a_measure_of_nothing_has_no_value_and_a_count_of_nothing_is_nought() -> None:
    nothing = {name: measure.of(Tally()) for name, measure in measures().items()}
    assert {name for name, value in nothing.items() if value is not None} == {
        name for name, measure in measures().items() if measure.unit == "count"
    }


def test_every_measure_has_a_version_and_words_in_both_languages() -> None:
    for measure in measures().values():
        assert measure.version >= 1
        assert measure.words["fr"]
        assert measure.words["en"]


def test_a_service_level_that_nobody_knows_is_refused() -> None:
    with pytest.raises(GuichetError, match="there are guichet, asterisk"):
        measures("cisco'; DROP TABLE entry")
