"""What a language must be able to say."""

from datetime import date
from typing import Protocol


class Words(Protocol):
    """One language's words for values. All give words in small letters, names apart, and no full stop."""

    minus: str
    yes: str
    no: str

    def count(self, number: int) -> str:
        """A whole number, -999,999,999,999 to 999,999,999,999."""

    def decimal(self, whole: int, decimals: str) -> str:
        """A number that is not negative, its decimals as digits: 12 and `5`."""

    def amount(self, euros: int, cents: int) -> str:
        """Not negative; 0 to 99 cents."""

    def day(self, day: date) -> str:
        """A date with its day of the week and year."""

    def clock(self, hour: int, minute: int) -> str:
        """A time of day, 0:00 to 23:59."""

    def moment(self, day: str, clock: str) -> str:
        """A day and a time of day that were put into words."""

    def from_now(self, day: date, today: date, clock: str) -> str:
        """A moment to come as people speak of it: "demain à neuf heures"; the time of day was put into words."""

    def digits(self, keys: str) -> str:
        """One by one: `0-9`, `*`, `#`, `+`."""

    def phone(self, digits: str) -> str:
        """As people read a number aloud: `0-9`, `+` in front of a foreign one."""
