"""Whole numbers as words, by the library num2words: of any language that it knows."""

from functools import lru_cache

from num2words import num2words


@lru_cache(maxsize=10_000)
def cardinal(number: int, language: str) -> str:
    """Without the commas that some languages write: a voice would pause there."""
    return str(num2words(number, lang=language)).replace(",", "")


@lru_cache(maxsize=1_000)
def ordinal(number: int, language: str) -> str:
    return str(num2words(number, lang=language, to="ordinal")).replace(",", "")


def one_by_one(digits: str, language: str) -> list[str]:
    """The words of single digits."""
    return [cardinal(int(digit), language) for digit in digits]
