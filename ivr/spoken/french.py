"""French, as it is spoken in France. Spelling before the reform of 1990, which every voice knows."""

from datetime import date

_SMALL = [
    "zéro",
    "un",
    "deux",
    "trois",
    "quatre",
    "cinq",
    "six",
    "sept",
    "huit",
    "neuf",
    "dix",
    "onze",
    "douze",
    "treize",
    "quatorze",
    "quinze",
    "seize",
    "dix-sept",
    "dix-huit",
    "dix-neuf",
]
_TENS = {20: "vingt", 30: "trente", 40: "quarante", 50: "cinquante", 60: "soixante", 80: "quatre-vingt"}
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
        if number < 0:
            return f"{self.minus} {self.count(-number)}"
        if number < 100:
            return _below_hundred(number)
        if number < 1_000:
            return _hundreds(number)
        words = [_big(number // 10**9 % 1_000, "milliard"), _big(number // 10**6 % 1_000, "million")]
        thousands, rest = number // 1_000 % 1_000, number % 1_000
        if thousands:
            words.append("mille" if thousands == 1 else f"{_before_mille(self.count(thousands))} mille")
        if rest:
            words.append(self.count(rest))
        return " ".join(filter(None, words))

    def decimal(self, whole: int, decimals: str) -> str:
        short = len(decimals) <= 2 and not decimals.startswith("0")
        after = self.count(int(decimals)) if short else " ".join(_SMALL[int(digit)] for digit in decimals)
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
        return ", ".join(_KEYS.get(key) or _SMALL[int(key)] for key in keys)

    def phone(self, digits: str) -> str:
        """In pairs, as numbers; short ones as one number (112); foreign ones digit by digit."""
        if digits.startswith("+") or (len(digits) % 2 and len(digits) > 3):
            return self.digits(digits)
        if len(digits) <= 3 and not digits.startswith("0"):
            return self.count(int(digits))
        return ", ".join(_pair(digits[at : at + 2]) for at in range(0, len(digits), 2))


def _below_hundred(number: int) -> str:
    if number < 20:
        return _SMALL[number]
    ten = number // 10 * 10
    if ten in (70, 90):
        ten -= 10
    rest = number - ten
    if not rest:
        return "quatre-vingts" if ten == 80 else _TENS[ten]
    return f"{_TENS[ten]}{' et ' if rest in (1, 11) and ten != 80 else '-'}{_SMALL[rest]}"


def _hundreds(number: int) -> str:
    hundred, rest = divmod(number, 100)
    first = "cent" if hundred == 1 else f"{_SMALL[hundred]} cent{'' if rest else 's'}"
    return f"{first} {_below_hundred(rest)}" if rest else first


def _big(number: int, name: str) -> str:
    return f"{_below_thousand(number)} {name}{'s' if number > 1 else ''}" if number else ""


def _below_thousand(number: int) -> str:
    return _hundreds(number) if number >= 100 else _below_hundred(number)


def _before_mille(words: str) -> str:
    """`cents` and `quatre-vingts` lose their s before mille, which is no noun."""
    return words.removesuffix("s") if words.endswith(("cents", "vingts")) else words


def _feminine(words: str) -> str:
    """Hours and minutes are feminine: une heure, vingt et une heures."""
    return f"{words}e" if words == "un" or words.endswith(" un") else words


def _pair(pair: str) -> str:
    return " ".join(_SMALL[int(digit)] for digit in pair) if pair.startswith("0") else _below_hundred(int(pair))
