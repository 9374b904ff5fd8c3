"""Sentences that the engine says by itself, in the languages that it knows. In another language they are English."""

from collections.abc import Iterable, Iterator, Mapping

from ivr.acts import Prompt

Words = Mapping[str, str]

READ_BACK: Words = {"fr": "Vous avez tapé :", "en": "You entered:"}
CONFIRM: Words = {
    "fr": "Pour confirmer, tapez dièse. Pour recommencer, tapez étoile.",
    "en": "To confirm, press hash. To enter it again, press star.",
}
SOLVED: Words = {
    "fr": "Si cela répond à votre question, tapez 1. Sinon, tapez 2.",
    "en": "If this answers your question, press 1. If it does not, press 2.",
}
NOT_RECORDED: Words = {
    "fr": "Votre message n'a pas pu être enregistré.",
    "en": "Your message could not be recorded.",
}
MESSAGE: Words = {
    "fr": "Voici un message. Pour le réécouter, tapez étoile.",
    "en": "Here is a message. To hear it again, press star.",
}
DIGITS = "0123456789"


def said(words: Words, language: str) -> Prompt:
    """The sentence in this language."""
    spoken = language if language in words else "en"
    return Prompt(words[spoken], spoken)


def one_by_one(digits: str, language: str) -> tuple[Prompt, ...]:
    """Each digit as a prompt of its own: ten sounds serve every number, and no number is kept as a sound."""
    return tuple(Prompt(digit, language) for digit in digits)


def prompts(languages: Iterable[str]) -> Iterator[Prompt]:
    """All of them, to be rendered before the first call."""
    for language in languages:
        yield from (said(words, language) for words in (READ_BACK, CONFIRM, SOLVED, NOT_RECORDED, MESSAGE))
        yield from one_by_one(DIGITS, language)
