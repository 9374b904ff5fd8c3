"""Builders: hours as a file says them, and moments as the wall clock shows them."""

from datetime import datetime
from zoneinfo import ZoneInfo

from core.files import Faults
from hours.calendar import EPOCH, local
from hours.definition import Hours, load_hours

OFFICE = """
hours: mairie
weekly:
  monday-thursday: 08:30-12:00, 13:30-17:00
  friday: 08:30-16:00
holidays: FR
exceptions:
  - {on: 2026-12-24, open: 08:30-12:00}
  - {on: 2026-12-26, open: closed}
  - from: 2026-07-13
    to: 2026-08-14
    weekly: {monday-friday: 08:30-14:00}
"""


def hours(raw: str = OFFICE) -> Hours:
    faults = Faults()
    read = load_hours({"h.yaml": raw.encode()}, faults)
    assert not faults.found, faults.found
    return next(iter(read.values()))


def at(wall: str, zone: str = "Europe/Paris", fold: int = 0) -> int:
    """Milliseconds since 1970 of a time on the wall; `fold=1`: its second time, when the clocks go back."""
    moment = datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(zone), fold=fold)
    return round((moment - EPOCH).total_seconds() * 1000)


def wall(of: Hours, when: int | None) -> str | None:
    return None if when is None else f"{local(of, when):%Y-%m-%dT%H:%M%z}"
