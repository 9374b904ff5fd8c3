"""Answers that are too long to be listened to."""

from collections.abc import Iterator

from core.finding import Finding
from ivr.checking.rule import InFile, TownRule
from ivr.checking.town import TownView
from ivr.rules.duplicate_code import HEAD
from ivr.rules.long_speech import WORDS_PER_MINUTE

MOST_SECONDS = 60


class LongAnswer(TownRule):
    """An answer is spoken within a minute; the page may say more."""

    advice = True
    good = {"answers/acte": HEAD + "answer: acte\n"}  # noqa: RUF012
    bad = {"answers/acte": HEAD.replace("Ainsi.", "Écrivez " + "encore " * 160) + "answer: acte\n"}  # noqa: RUF012

    def look(self, town: TownView) -> Iterator[tuple[InFile, Finding]]:
        for filed in town.answer_files.values():
            spoken = filed.thing.spoken
            for language, text in spoken.items() if isinstance(spoken, dict) else [("", spoken)]:
                seconds = len(text.split()) * 60 // WORDS_PER_MINUTE
                if seconds > MOST_SECONDS:
                    path = ("spoken", language) if language else ("spoken",)
                    message = f"this takes about {seconds} seconds to say; at most {MOST_SECONDS}"
                    yield filed, Finding(path, message)
