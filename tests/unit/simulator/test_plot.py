"""The picture of a day."""

from xml.etree import ElementTree

import numpy as np
import pytest

from simulator.levels import Levels
from simulator.plot import plot
from simulator.scenario import HOUR_MS

SVG = "{http://www.w3.org/2000/svg}"


def drawn(most: float = 30, title: str = "A day", starts: str = "08:30") -> ElementTree.Element:
    moments = np.linspace(0, 8 * HOUR_MS, 50)
    curve = np.linspace(0, most, 50)
    picture = plot(title, starts, Levels(moments, curve, curve, curve), 8 * HOUR_MS)
    return ElementTree.fromstring(picture)  # noqa: S314 - our own text


def texts(picture: ElementTree.Element) -> list[str]:
    return [element.text or "" for element in picture.iter(f"{SVG}text")]


def test_it_is_a_picture_with_a_title_whatever_the_title_holds() -> None:
    picture = drawn(title='<script>alert("1")</script> & co')
    assert texts(picture)[0] == '<script>alert("1")</script> & co'
    assert not list(picture.iter(f"{SVG}script"))
    assert picture.get("role") == "img" and "callers waiting" in str(picture.get("aria-label"))


def test_the_hours_are_those_of_the_day() -> None:
    hours = [text for text in texts(drawn()) if ":" in text and text[:2].isdecimal()]
    assert hours == ["09:00", "10:00", "11:00", "12:00", "13:00", "14:00", "15:00", "16:00"]


@pytest.mark.parametrize("most", [0, 0.4, 5, 17, 100, 101, 12_345])
def test_every_curve_stays_inside_its_panel_and_fills_a_good_part_of_it(most: float) -> None:
    picture = drawn(most)
    lines = [float(line.get("y1", 0)) for line in picture.iter(f"{SVG}line") if line.get("y1") == line.get("y2")]
    upper, lower = sorted(set(lines))[0], sorted(set(lines))[-1]
    curves = list(picture.iter(f"{SVG}polyline"))
    assert len(curves) == 3
    for curve in curves:
        heights = [float(point.split(",")[1]) for point in str(curve.get("points")).split()]
        assert upper <= min(heights) and max(heights) <= lower
        assert most < 5 or max(heights) - min(heights) > 90
