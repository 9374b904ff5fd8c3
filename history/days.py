"""Where a day begins."""

from datetime import UTC, datetime, tzinfo


def midnight(now: int, zone: tzinfo | None = None) -> int:
    """The beginning of the day in which `now` is, in that time zone (this machine's, where none is given). Both in ms
    since 1970 UTC."""
    here = datetime.fromtimestamp(now / 1000, UTC).astimezone(zone)
    return int(datetime(here.year, here.month, here.day, tzinfo=here.tzinfo).timestamp() * 1000)
