"""Numbers of cases, as citizens write them down, key them in and hear them: ten digits, read in pairs like a French
phone number. The last two check the others (ISO 7064, MOD 97-10): one wrong digit, or two exchanged, never give another
number. Flows check them with `check: mod97`.

The eight others are drawn at random, not counted, so that nobody's number follows from somebody else's.
"""

import re
from random import Random

DIGITS = 10
_FREE = 10**8
_NOT_DIGITS = re.compile(r"[\s.\-]+")


def new_number(random: Random) -> str:
    """A number that is very likely nobody's yet; `random` is a SystemRandom, but in tests."""
    return with_check_digits(random.randrange(_FREE // 10, _FREE))


def with_check_digits(free: int) -> str:
    """`free` has at most eight digits."""
    return f"{free:08d}{98 - free * 100 % 97:02d}"


def read_case_number(raw: str) -> str | None:
    """The number's ten digits, however they were written; None where it cannot be one, a miskeyed one included."""
    digits = _NOT_DIGITS.sub("", raw[:40])
    if len(digits) != DIGITS or not (digits.isascii() and digits.isdigit()):
        return None
    return digits if int(digits) % 97 == 1 else None


def spoken(number: str) -> str:
    """`12 34 56 78 90`."""
    return " ".join(number[start : start + 2] for start in range(0, len(number), 2))
