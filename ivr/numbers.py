"""Dialled numbers, however they are written."""


def dialled_key(number: str) -> str:
    """The same for `+33…`, `0033…` and `33…`."""
    return number[1:] if number.startswith("+") else number.removeprefix("00")
