"""English, with the British `and`."""

from datetime import date

from ivr.spoken.numbers import cardinal, one_by_one, ordinal

_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_NEAR = {-1: "yesterday", 0: "today", 1: "tomorrow"}
_KEYS = {"*": "star", "#": "hash", "+": "plus"}


class English:
    """The words of `ivr.spoken.words.Words`."""

    minus = "minus"
    yes = "yes"
    no = "no"

    def count(self, number: int) -> str:
        return cardinal(number, "en")

    def decimal(self, whole: int, decimals: str) -> str:
        return f"{self.count(whole)} point {' '.join(one_by_one(decimals, 'en'))}"

    def amount(self, euros: int, cents: int) -> str:
        whole = f"{self.count(euros)} euro{'' if euros == 1 else 's'}"
        part = f"{self.count(cents)} cent{'' if cents == 1 else 's'}"
        if not cents:
            return whole
        return f"{whole} and {part}" if euros else part

    def day(self, day: date) -> str:
        return f"{_DAYS[day.weekday()]} the {ordinal(day.day, 'en')} of {_MONTHS[day.month - 1]} {self._year(day.year)}"

    def clock(self, hour: int, minute: int) -> str:
        if minute == 0 and hour in (0, 12):
            return "noon" if hour else "midnight"
        minutes = f" {'oh ' if minute < 10 else ''}{self.count(minute)}" if minute else ""
        return f"{self.count(hour % 12 or 12)}{minutes} {'am' if hour < 12 else 'pm'}"

    def moment(self, day: str, clock: str) -> str:
        return f"{day} at {clock}"

    def from_now(self, day: date, today: date, clock: str) -> str:
        days = (day - today).days
        if near := _NEAR.get(days):
            return f"{near} at {clock}"
        if 0 < days < 7:
            return f"on {_DAYS[day.weekday()]} at {clock}"
        said = self.day(day)
        return f"on {said if day.year != today.year else said.rpartition(f' {self._year(day.year)}')[0]} at {clock}"

    def digits(self, keys: str) -> str:
        return ", ".join(_KEYS.get(key) or self.count(int(key)) for key in keys)

    def phone(self, digits: str) -> str:
        """Digit by digit, with a breath after every second one."""
        plus = "plus, " if digits.startswith("+") else ""
        keys = digits.removeprefix("+")
        first = [keys[: len(keys) % 2]] if len(keys) % 2 else []
        if len(keys) == 3:
            first, keys = [keys], ""
        pairs = first + [keys[at : at + 2] for at in range(len(keys) % 2, len(keys), 2)]
        return plus + ", ".join(" ".join(one_by_one(pair, "en")) for pair in pairs)

    def _year(self, year: int) -> str:
        century, rest = divmod(year, 100)
        if not 1100 <= year <= 9999 or 2000 <= year <= 2009:
            return self.count(year)
        if not rest:
            return f"{self.count(century)} hundred"
        return f"{self.count(century)} {'oh ' if rest < 10 else ''}{self.count(rest)}"
