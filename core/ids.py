"""Names for things that must never be mixed up. An id maker is handed in, so that a test knows the ids it gets."""

import os
from collections.abc import Callable
from itertools import count

NewId = Callable[[], str]
"""Gives a fresh id: letters, digits and `-` only, at most 40 characters."""


def random_id() -> str:
    """96 random bits as 24 hexadecimal digits."""
    return os.urandom(12).hex()


def counted_ids(prefix: str = "id") -> NewId:
    """Ids for tests: `id-1`, `id-2`, …"""
    numbers = count(1)
    return lambda: f"{prefix}-{next(numbers)}"
