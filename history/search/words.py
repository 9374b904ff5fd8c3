"""Words as they are searched: without case, accents and signs. The same on both databases, since neither is asked."""

import unicodedata

from history.models.search import KINDS

LONGEST = 40
MOST = 2_000
"""Words of one thing."""
_SPELLED_OUT = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "đ": "d", "ł": "l", "ı": "i"})


def fold(text: str) -> list[str]:
    """`N'Diaye, Élodie` is `n diaye elodie`. Letters and digits of any writing; nothing else is left."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_SPELLED_OUT))
    letters = (
        c if c.isalnum() else "" if unicodedata.category(c) in ("Mn", "Mc", "Me") else " "
        for c in unicodedata.normalize("NFKC", "".join(c for c in plain if unicodedata.category(c) != "Mn"))
    )  # fmt: skip
    return [word[:LONGEST] for word in "".join(letters).split()[:MOST]]


def marker(kind: str) -> str:
    """The word by which things of a kind are told apart; no text folds to it."""
    return f"is{KINDS.index(kind)}kind{kind}"


def document(kind: str, text: str) -> str:
    """What is kept of a text: its words, each once."""
    return " ".join(dict.fromkeys((marker(kind), *fold(text))))
