"""Matters that would lead to two services."""

from collections.abc import Iterator

from core.finding import Finding
from ivr.checking.rule import InFile, TownRule
from ivr.checking.town import TownView

CCAS = "service: ccas\ntitle: L'aide sociale\ncompetence: [{topic: aide, communes: [35238, 35047]}]\n"


class SharedCompetence(TownRule):
    """For one topic in one commune, one service is competent: a caller is sent to the first of several."""

    advice = True
    good = {  # noqa: RUF012
        "directory/ccas": CCAS,
        "directory/departement": "service: departement\ntitle: Le département\ncompetence: [{topic: aide}]\n",
    }
    bad = {  # noqa: RUF012
        "directory/ccas": CCAS,
        "directory/maison": CCAS.replace("ccas", "maison").replace("35047", "35051"),
    }

    def look(self, town: TownView) -> Iterator[tuple[InFile, Finding]]:
        first: dict[tuple[str, str], str] = {}
        for name in sorted(town.service_files):
            filed = town.service_files[name]
            for index, each in enumerate(filed.thing.competence):
                shared = [
                    (commune, other)
                    for commune in each.communes or [""]
                    if (other := first.setdefault((each.topic, commune), name)) != name
                ]
                if shared:
                    commune, other = shared[0]
                    where = f" in {commune}" if commune else ""
                    yield filed, Finding(("competence", index), f"{other} is competent for {each.topic}{where} already")
