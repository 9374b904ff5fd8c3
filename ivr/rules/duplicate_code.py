"""Codes that would lead to two answers."""

from collections.abc import Iterator

from core.finding import Finding
from ivr.checking.rule import InFile, TownRule
from ivr.checking.town import TownView

HEAD = "owner: Accueil\nreview: 2027-01-31\ntopics: [accueil]\nquestion: Comment faire ?\nspoken: Ainsi.\n"


class DuplicateCode(TownRule):
    """No two answers have the same code: a caller who keys it in hears the one that is meant."""

    good = {  # noqa: RUF012
        "answers/acte": HEAD + 'answer: acte\ncode: "1203"\n',
        "answers/carte": HEAD + 'answer: carte\ncode: "1204"\n',
    }
    bad = {  # noqa: RUF012
        "answers/acte": HEAD + 'answer: acte\ncode: "1203"\n',
        "answers/carte": HEAD + 'answer: carte\ncode: "1203"\n',
    }

    def look(self, town: TownView) -> Iterator[tuple[InFile, Finding]]:
        first: dict[str, str] = {}
        for name, filed in town.answer_files.items():
            code = filed.thing.code
            if code is not None and first.setdefault(code, name) != name:
                yield filed, Finding(("code",), f"the code {code} leads to the answer {first[code]} already")
