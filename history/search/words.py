"""Words as they are searched: without case, accents and signs. The same on both databases, since neither is asked."""

import unicodedata

from history.models.search import KINDS

LONGEST = 40
MOST = 2_000
"""Words of one thing."""
_MARKS = ("Mn", "Mc", "Me")
_SPELLED_OUT = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "đ": "d", "ł": "l", "ı": "i"})


def fold(text: str) -> list[str]:
    """`N'Diaye, Élodie` is `n diaye elodie`. Letters and digits of any writing; nothing else is left. Folding again
    changes nothing."""
    once = _plain(text)
    while (again := _plain(once)) != once:  # a letter of another shape, once plain, may be a capital: 𝐀, A, a
        once = again
    return [word[:LONGEST] for word in once.split()[:MOST]]


def _plain(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold()).translate(_SPELLED_OUT)
    together = unicodedata.normalize("NFKC", "".join(c for c in apart if unicodedata.category(c) not in _MARKS))
    return "".join(c if c.isalnum() else " " for c in together if unicodedata.category(c) not in _MARKS)


def marker(kind: str) -> str:
    """The word by which things of a kind are told apart; no text folds to it."""
    return f"is{KINDS.index(kind)}kind{kind}"


def document(kind: str, text: str) -> str:
    """What is kept of a text: its words, each once."""
    return " ".join(dict.fromkeys((marker(kind), *fold(text))))
