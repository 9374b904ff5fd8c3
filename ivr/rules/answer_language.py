"""Answers that some callers would hear in a language that is not theirs."""

from collections.abc import Iterator

from core.finding import Finding
from ivr.checking.rule import InFile, TownRule
from ivr.checking.town import TownView
from ivr.model import AnswerName
from ivr.rules.duplicate_code import HEAD


class AnswerLanguage(TownRule):
    """An answer that is written by language is written in every language of the flows that speak it."""

    advice = True
    good = {  # noqa: RUF012
        "essai": "acte:\n  answer: acte\n  solved: hangup\n  unsolved: hangup\n",
        "answers/acte": HEAD.replace("Ainsi.", "{fr: Ainsi., en: So.}") + "answer: acte\n",
    }
    bad = {  # noqa: RUF012
        "essai": "acte:\n  answer: acte\n  solved: hangup\n  unsolved: hangup\n",
        "answers/acte": HEAD.replace("Ainsi.", "{fr: Ainsi.}") + "answer: acte\n",
    }

    def look(self, town: TownView) -> Iterator[tuple[InFile, Finding]]:
        wanted: dict[str, list[str]] = {}
        for view in town.flows.values():
            for _, answer in view.of(AnswerName):
                known = wanted.setdefault(str(answer), [])
                known += [language for language in view.languages if language not in known]
        for name, filed in town.answer_files.items():
            for key, texts in (("question", filed.thing.question), ("spoken", filed.thing.spoken)):
                for language in wanted.get(name, ()):
                    if isinstance(texts, dict) and language not in texts:
                        yield filed, Finding((key,), f"the text is missing in the language {language}", at_key=True)
