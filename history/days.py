"""Where a day begins."""

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo

Zone = Callable[[], tzinfo | None]
"""The time zone that days go by now; None: this machine's."""


def machines() -> None:
    """This machine's, which is what None says."""


def midnight(now: int, zone: tzinfo | None = None) -> int:
    """The beginning of the day in which `now` is, in that time zone (this machine's, where none is given), by what its
    clocks showed then: before a change of the clock that is another offset than now. Both in ms since 1970 UTC."""
    here = datetime.fromtimestamp(now / 1000, UTC).astimezone(zone)
    return int(datetime(here.year, here.month, here.day, tzinfo=zone).timestamp() * 1000)
