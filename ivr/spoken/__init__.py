"""How values are spoken: dates, times, amounts, counts, digits, phone numbers, as words of a language.

    spoken("2026-11-23", "date", "fr") == "lundi vingt-trois novembre deux mille vingt-six"

A language is one file in ivr/spoken/languages. Values come from callers and other services: what does not have the
form of its kind is spoken as it is.
"""

import re
from collections.abc import Callable, Mapping

from ivr.session import Value
from ivr.spoken.forms import cents_in, clock_in, day_in, keys_in, moment_in, number_in
from ivr.spoken.languages import LANGUAGES as LANGUAGES  # also had from here
from ivr.spoken.words import Words

_FRENCH_NUMBER = re.compile(r"(\+33|0033)(?=[1-9][0-9]{8}$)")


def spoken(value: Value, form: str, language: str, now: str = "") -> str:
    """The value in words. `form`: one of FORMS, or '' for what the value is: a date, a time or a moment is known by its
    form, numbers and other texts are left to the voice. `now`: the local time, where it is known; a moment is then
    spoken from there, as people do: "demain à neuf heures". In a language without words of its own every value is
    spoken as it is."""
    words = LANGUAGES.get(language.partition("-")[0])
    if words is None:
        return str(value)
    if form == "" and isinstance(value, str) and (soon := _from_now(value, now, words)):
        return soon
    say = FORMS.get(form)
    said = say(_plain(value), words) if say else None
    return _as_it_is(value, words) if said is None else said


def _plain(value: Value) -> str:
    return f"{value:.9f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _as_it_is(value: Value, words: Words) -> str:
    match value:
        case bool():
            return words.yes if value else words.no
        case float():
            return _count(_plain(value), words) or str(value)
        case str():
            return _moment(value, words) or value
    return str(value)


def _date(text: str, words: Words) -> str | None:
    moment = moment_in(text)
    day = moment[0] if moment else day_in(text)
    return words.day(day) if day else None


def _time(text: str, words: Words) -> str | None:
    moment = moment_in(text)
    clock = moment[1] if moment else clock_in(text)
    return words.clock(clock.hour, clock.minute) if clock else None


def _moment(text: str, words: Words) -> str | None:
    day, clock = _date(text, words), _time(text, words)
    return words.moment(day, clock) if day and clock else day or clock


def _from_now(text: str, now: str, words: Words) -> str | None:
    moment, today = moment_in(text), moment_in(now)
    if moment is None or today is None:
        return None
    day, clock = moment
    return words.from_now(day, today[0], words.clock(clock.hour, clock.minute))


def _count(text: str, words: Words) -> str | None:
    number = number_in(text)
    if number is None:
        return None
    negative, whole, decimals = number
    said = words.decimal(whole, decimals) if decimals else words.count(whole)
    return f"{words.minus} {said}" if negative and (whole or decimals) else said


def _amount(text: str, words: Words) -> str | None:
    number = number_in(text)
    if number is None:
        return None
    negative, whole, decimals = number
    cents = cents_in(whole, decimals)
    said = words.amount(*divmod(cents, 100))
    return f"{words.minus} {said}" if negative and cents else said


def _digits(text: str, words: Words) -> str | None:
    keys = keys_in(text)
    return words.digits(keys) if keys else None


def _phone(text: str, words: Words) -> str | None:
    keys = keys_in(text)
    if keys.removeprefix("+").isdecimal():
        return words.phone(_FRENCH_NUMBER.sub("0", keys))
    return words.digits(keys) if keys else None


FORMS: Mapping[str, Callable[[str, Words], str | None]] = {
    "amount": _amount,
    "count": _count,
    "date": _date,
    "digits": _digits,
    "moment": _moment,
    "phone": _phone,
    "time": _time,
}
"""What may stand behind the colon in `{case.closed_on:date}`."""
