"""Matters for which nobody is competent."""

from collections.abc import Iterator

from core.finding import Finding
from ivr.checking.rule import InFile, TownRule
from ivr.checking.town import TownView
from ivr.rules.duplicate_code import HEAD


class NoService(TownRule):
    """For each topic of an answer, some service of the directory is competent."""

    advice = True
    good = {  # noqa: RUF012
        "answers/acte": HEAD + "answer: acte\n",
        "directory/mairie": "service: mairie\ntitle: La mairie\ncompetence: [{topic: accueil}]\n",
    }
    bad = {  # noqa: RUF012
        "answers/acte": HEAD.replace("[accueil]", "[acceuil]") + "answer: acte\n",
        "directory/mairie": "service: mairie\ntitle: La mairie\ncompetence: [{topic: accueil}]\n",
    }

    def look(self, town: TownView) -> Iterator[tuple[InFile, Finding]]:
        topics = {each.topic for filed in town.service_files.values() for each in filed.thing.competence}
        if not topics:
            return
        for filed in town.answer_files.values():
            for index, topic in enumerate(filed.thing.topics):
                if topic not in topics:
                    message = f"no service of the directory is competent for {topic}"
                    yield filed, Finding(("topics", index), message, name=topic, known=topics)
