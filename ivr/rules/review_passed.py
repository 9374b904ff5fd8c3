"""Answers that may not be true any more."""

from collections.abc import Iterator

from core.finding import Finding
from ivr.checking.rule import InFile, TownRule
from ivr.checking.town import TownView
from ivr.rules.duplicate_code import HEAD


class ReviewPassed(TownRule):
    """The review date of every answer is still to come; with one that has passed, nothing is published."""

    advice = True
    good = {"answers/acte": HEAD + "answer: acte\n"}  # noqa: RUF012
    bad = {"answers/acte": HEAD.replace("2027", "2026") + "answer: acte\n"}  # noqa: RUF012

    def look(self, town: TownView) -> Iterator[tuple[InFile, Finding]]:
        for filed in town.answer_files.values():
            answer = filed.thing
            if answer.review < town.today:
                message = f"this had to be reviewed by {answer.review}: {answer.owner} says whether it is still true"
                yield filed, Finding(("review",), message)
