"""Check digits: whether a number can have been copied right."""

from collections.abc import Callable, Mapping
from typing import Literal

CheckName = Literal["luhn", "mod97", "nir"]


def luhn(number: str) -> bool:
    """The last digit checks the others (ISO/IEC 7812-1, annex B): SIREN, SIRET, payment cards."""
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def mod97(number: str) -> bool:
    """The last two digits check the others: the whole leaves 1 when divided by 97 (ISO 7064, MOD 97-10)."""
    return len(number) > 2 and int(number) % 97 == 1


def nir(number: str) -> bool:
    """The French social security number: its last two digits are 97 minus the rest of the others divided by 97 (INSEE).
    The letters of the two Corsican departments cannot be keyed in."""
    return len(number) > 2 and int(number[:-2]) % 97 + int(number[-2:]) == 97


CHECKS: Mapping[CheckName, Callable[[str], bool]] = {"luhn": luhn, "mod97": mod97, "nir": nir}
