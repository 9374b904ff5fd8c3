"""What is said to waiting callers, in the languages that it is known in. In another language it is English."""

from collections.abc import Iterator, Mapping, Sequence

from ivr.acts import Prompt
from queues.estimate import MINUTE_MS, interval

MOST_PLACES = 20
LONGEST_MIN = 60

Words = Mapping[str, str]

FIRST: Words = {"fr": "Vous êtes la prochaine personne.", "en": "You are next in line."}
POSITION: Words = {"fr": "Vous êtes en position {}.", "en": "You are number {} in line."}
LONGER: Words = {"fr": "L'attente est plus longue que prévu.", "en": "The wait is longer than expected."}
ONE_MINUTE: Words = {
    "fr": "Votre attente sera de moins d'une minute.",
    "en": "Your wait will be less than one minute.",
}
UP_TO: Words = {
    "fr": "Votre attente sera de moins de {1} minutes.",
    "en": "Your wait will be less than {1} minutes.",
}
BETWEEN: Words = {
    "fr": "Votre attente sera de {0} à {1} minutes.",
    "en": "Your wait will be {0} to {1} minutes.",
}
FROM: Words = {
    "fr": "Votre attente sera de plus de {0} minutes.",
    "en": "Your wait will be more than {0} minutes.",
}
OFFERED: Mapping[str, Words] = {
    "callback": {"fr": "Pour être rappelé, tapez {}.", "en": "To be called back, press {}."},
    "voicemail": {"fr": "Pour laisser un message, tapez {}.", "en": "To leave a message, press {}."},
    "end": {"fr": "Pour finir l'appel, tapez {}.", "en": "To end the call, press {}."},
}
"""By the choice."""
STAY: Words = {"fr": "Sinon, restez en ligne.", "en": "Otherwise, please hold."}
SPEAK: Words = {
    "fr": "Laissez votre message après le signal sonore, puis tapez dièse.",
    "en": "Leave your message after the tone, then press hash.",
}
DONE: Mapping[str, Words] = {
    "callback": {"fr": "C'est noté, nous vous rappellerons. Au revoir.", "en": "We will call you back. Goodbye."},
    "voicemail": {"fr": "Votre message est enregistré. Au revoir.", "en": "Your message is recorded. Goodbye."},
    "end": {
        "fr": "Nous ne pouvons pas vous répondre maintenant. Merci de rappeler plus tard. Au revoir.",
        "en": "We cannot take your call now. Please call again later. Goodbye.",
    },
    "transfer": {"fr": "Merci de votre appel. Au revoir.", "en": "Thank you for calling. Goodbye."},
}
"""By what was done, once it is."""
LOST: Words = {
    "fr": "La ligne de votre correspondant a été coupée. Restez en ligne, nous vous remettons en relation.",
    "en": "The line of the person you were speaking with was cut. Please hold, we are reconnecting you.",
}
SENT: Words = {
    "fr": "Un message avec la réponse vient de vous être envoyé.",
    "en": "A message with the answer has just been sent to you.",
}


def said(words: Words, language: str, *values: object) -> Prompt:
    spoken = language if language in words else "en"
    return Prompt(words[spoken].format(*values), spoken)


def own(texts: str | Mapping[str, str], language: str) -> Prompt:
    """A text of a queue's file: in the caller's language, or in the first one that it is written in."""
    if isinstance(texts, str):
        return Prompt(texts, language)
    spoken = language if language in texts else next(iter(texts))
    return Prompt(texts[spoken], spoken)


def announcement(told: Mapping[str, int], language: str) -> Sequence[Prompt]:
    """What is told of the wait, one sentence a sound: few sounds serve all callers."""
    prompts = []
    if position := told.get("position"):
        prompts.append(said(FIRST, language) if position == 1 else said(POSITION, language, position))
    if told.get("longer"):
        prompts.append(said(LONGER, language))
    if "to_min" in told:
        low, high = told["from_min"], told["to_min"]
        words = FROM if not high else ONE_MINUTE if high == 1 else UP_TO if not low else BETWEEN
        prompts.append(said(words, language, low, high))
    return prompts


def offers(exits: Mapping[str, str], language: str) -> Sequence[Prompt]:
    return [*(said(OFFERED[choice], language, key) for key, choice in exits.items()), said(STAY, language)]


def prompts(language: str) -> Iterator[Prompt]:
    """Those without a figure."""
    yield from (said(words, language) for words in (STAY, SPEAK, SENT, LOST, *DONE.values()))


def figures(language: str) -> Iterator[Prompt]:
    """Announcements, with the figures that most of them have."""
    intervals = dict.fromkeys(interval(half * MINUTE_MS / 2) for half in range(2 * LONGEST_MIN))
    for told in (*({"position": place} for place in range(1, MOST_PLACES + 1)), {"longer": 1}):
        yield from announcement(told, language)
    for low, high in intervals:
        yield from announcement({"from_min": low, "to_min": high}, language)
