"""Callers who are talked to for too long."""

import re
from collections.abc import Iterator

from core.finding import Finding
from ivr.checking.graph import in_order
from ivr.checking.rule import FlowRule
from ivr.checking.view import FlowView
from ivr.collecting import Question
from ivr.text import Text

WORDS_PER_MINUTE = 150
MOST_SECONDS = 15
SPOKEN = ("notice", "text")
"""Keys beside the verb's own whose text is spoken first."""
_KEY = re.compile(r"[0-9*#]")


class LongSpeech(FlowRule):
    """The first choice is heard within fifteen seconds."""

    advice = True
    good = """
        bonjour:
          say: Bonjour, vous êtes bien à la mairie.
          then: sujet
        sujet:
          menu: Pour la voirie, tapez 1.
          choices: {1: hangup}
          otherwise: hangup
    """
    bad = """
        bonjour:
          say: >-
            Bonjour et bienvenue à la mairie, qui vous remercie de votre appel et vous informe que tous ses bureaux sont
            ouverts du lundi au vendredi de neuf heures à dix-sept heures sans interruption, ainsi que le samedi matin.
          then: sujet
        sujet:
          menu: Pour la voirie, tapez 1.
          choices: {1: hangup}
          otherwise: hangup
    """

    def look(self, view: FlowView) -> Iterator[Finding]:
        spoken = _spoken(view)
        first = {name for name, step in view.steps.items() if isinstance(step, Question)}
        for language in view.languages:
            before = {view.start: 0}  # the most words before each step, over the ways that do not go back
            for name in in_order(view.start, view.after):
                words = before.get(name)
                if words is None:
                    continue
                text = " ".join(each.in_language(language).text for each in spoken.get(name, ()))
                if name in first:
                    seconds = (words + _words(_KEY.split(text)[0])) * 60 // WORDS_PER_MINUTE
                    if seconds > MOST_SECONDS:
                        message = (
                            f"about {seconds} seconds of speech ({language}) come before the first choice; "
                            f"at most {MOST_SECONDS}"
                        )
                        yield Finding(("steps", name), message, at_key=True)
                    continue
                for way in view.ways[name]:
                    before[way.target] = max(before.get(way.target, 0), words + _words(text))


def _spoken(view: FlowView) -> dict[str, list[Text]]:
    """What each step speaks when it is come to."""
    texts: dict[str, list[Text]] = {}
    for path, text in view.of(Text):
        name = str(path[1])
        if path[2] in (view.verb(name), *SPOKEN) and view.steps[name].needs != "sms":
            texts.setdefault(name, []).append(text)
    return texts


def _words(text: str) -> int:
    return len(text.split())
