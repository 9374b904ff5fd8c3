"""French, as it is spoken in France. Spelling before the reform of 1990, which every voice knows."""

from datetime import date

from ivr.spoken.numbers import cardinal, one_by_one

_DAYS = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"]
_MONTHS = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
]
_NEAR = {-1: "hier", 0: "aujourd'hui", 1: "demain", 2: "après-demain"}
_KEYS = {"*": "étoile", "#": "dièse", "+": "plus"}


class French:
    """The words of `ivr.spoken.words.Words`."""

    minus = "moins"
    yes = "oui"
    no = "non"

    def count(self, number: int) -> str:
        return cardinal(number, "fr")

    def decimal(self, whole: int, decimals: str) -> str:
        short = len(decimals) <= 2 and not decimals.startswith("0")
        after = self.count(int(decimals)) if short else " ".join(one_by_one(decimals, "fr"))
        return f"{self.count(whole)} virgule {after}"

    def amount(self, euros: int, cents: int) -> str:
        link = " d'" if euros and euros % 1_000_000 == 0 else " "
        whole = f"{self.count(euros)}{link}euro{'s' if euros > 1 else ''}"
        part = f"{self.count(cents)} centime{'s' if cents > 1 else ''}"
        if not cents:
            return whole
        return f"{whole} et {part}" if euros else part

    def day(self, day: date) -> str:
        number = "premier" if day.day == 1 else self.count(day.day)
        return f"{_DAYS[day.weekday()]} {number} {_MONTHS[day.month - 1]} {self.count(day.year)}"

    def clock(self, hour: int, minute: int) -> str:
        hours = {0: "minuit", 12: "midi"}.get(hour) or f"{_feminine(self.count(hour))} heure{'s' if hour > 1 else ''}"
        return f"{hours} {_feminine(self.count(minute))}" if minute else hours

    def moment(self, day: str, clock: str) -> str:
        return f"{day} à {clock}"

    def from_now(self, day: date, today: date, clock: str) -> str:
        days = (day - today).days
        if near := _NEAR.get(days):
            return f"{near} à {clock}"
        if 0 < days < 7:
            return f"{_DAYS[day.weekday()]} à {clock}"
        said = self.day(day)
        return f"le {said if day.year != today.year else said.rpartition(f' {self.count(day.year)}')[0]} à {clock}"

    def digits(self, keys: str) -> str:
        return ", ".join(_KEYS.get(key) or self.count(int(key)) for key in keys)

    def phone(self, digits: str) -> str:
        """In pairs, as numbers; short ones as one number (112); foreign ones digit by digit."""
        if digits.startswith("+") or (len(digits) % 2 and len(digits) > 3):
            return self.digits(digits)
        if len(digits) <= 3 and not digits.startswith("0"):
            return self.count(int(digits))
        return ", ".join(_pair(digits[at : at + 2]) for at in range(0, len(digits), 2))


def _feminine(words: str) -> str:
    """Hours and minutes are feminine: une heure, vingt et une heures."""
    return f"{words}e" if words == "un" or words.endswith(" un") else words


def _pair(pair: str) -> str:
    return " ".join(one_by_one(pair, "fr")) if pair.startswith("0") else cardinal(int(pair), "fr")
