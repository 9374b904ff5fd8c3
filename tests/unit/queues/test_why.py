"""The sentence of why, in French, clause by clause. golden/sentences_fr.txt is every sentence of golden/sentences.txt;
after a change that is meant: `GUICHET_GOLDEN=write ./guichet test tests/unit/queues/test_why.py`, and read it."""

import os
import re
from pathlib import Path

import pytest

from queues.why import why

GOLDEN = Path(__file__).parent / "golden"
ENGLISH = re.compile(
    r"\b(the|is|are|was|were|of|ready|agents? with|idle|before|more|and|or|other|others|lacks?|skills|left|out|call "
    r"prefers|only|step|levels?|calls|so far|number|asked|ago|never|first|who|whom|together)\b"
)


def sentences() -> list[tuple[str, str]]:
    """Each with what stands before it."""
    lines = (GOLDEN / "sentences.txt").read_text(encoding="utf-8").splitlines()
    return [(before, said) for before, _, said in (line.partition(": ") for line in lines)]


def test_every_sentence_is_said_in_french() -> None:
    said = "".join(f"{before}: {why(sentence.removesuffix('.'), 'fr')}.\n" for before, sentence in sentences())
    if os.environ.get("GUICHET_GOLDEN") == "write":
        (GOLDEN / "sentences_fr.txt").write_text(said, encoding="utf-8")
    assert said == (GOLDEN / "sentences_fr.txt").read_text(encoding="utf-8")


def test_nothing_stays_english() -> None:
    for _, sentence in sentences():
        assert not ENGLISH.search(why(sentence.removesuffix("."), "fr")), sentence


@pytest.mark.parametrize(
    ("english", "french"),
    [
        (
            "ada, bruno and chloe are rung together, 3 of 5 ready agents of this queue, and who answers first has the "
            "call",
            "ada, bruno et chloe sont appelés ensemble, 3 des 5 agents libres de cette file, et qui répond le premier "
            "a l'appel",
        ),
        (
            "ada is the only ready agent with eau >= 1 (idle 3 s) and this is the first of 4 calls that wait for the "
            "same",
            "ada est le seul agent libre avec eau >= 1 (libre depuis 3 s), et c'est le premier des 4 appels qui "
            "attendent la même chose",
        ),
        (
            "ada is the next in turn (priority 1, never asked yet) of 2 ready agents, before bruno (priority 2, last "
            "asked 9 s ago)",
            "ada est le suivant à son tour (priorité 1, pas encore sollicité) parmi 2 agents libres, devant bruno "
            "(priorité 2, sollicité il y a 9 s)",
        ),
        (
            "ada is the longest idle of the best skilled of priority 1 whom added step 2 asks for (priority 1, "
            "only from added step 2 on, 3 levels in all, idle 9 s) of 6 ready agents of this queue, before bruno "
            "(priority 2, only from step 3 on, 1 level in all, idle 8 s) and 4 more",
            "ada est libre depuis le plus longtemps parmi les plus qualifiés de priorité 1 que demande l'étape "
            "ajoutée 2 (priorité 1, seulement à partir de l'étape ajoutée 2, 3 niveaux en tout, libre depuis 9 s) "
            "parmi 6 agents libres de cette file, devant bruno (priorité 2, seulement à partir de l'étape 3, 1 "
            "niveau en tout, libre depuis 8 s) et 4 autres",
        ),
        (
            "ada is the only one of priority 1 whom step 1 asks for (idle 9 s) of 2 ready agents with eau >= 1, before "
            "bruno (only from step 2 on, idle 8 s)",
            "ada est le seul de priorité 1 que demande l'étape 1 (libre depuis 9 s) parmi 2 agents libres avec eau >= "
            "1, devant bruno (seulement à partir de l'étape 2, libre depuis 8 s)",
        ),
        (
            "ada is the first in the list of priority 1 (priority 1, number 2) of 2 ready agents of this queue, before "
            "bruno (priority 2, number 1)",
            "ada est le premier de la liste parmi ceux de priorité 1 (priorité 1, numéro 2) parmi 2 agents libres de "
            "cette file, devant bruno (priorité 2, numéro 1)",
        ),
        (
            "ada is drawn by lot from those of priority 1 among 5 ready agents of this queue",
            "ada est tiré au sort parmi ceux de priorité 1 des 5 agents libres de cette file",
        ),
        (
            "2 other ready agents are not in this queue, are asked only later, lack the skills or have no room for it",
            "2 autres agents libres ne sont pas de cette file, ne sont sollicités que plus tard, n'ont pas les "
            "compétences ou n'ont pas de place pour cela",
        ),
        (
            "ada, whom this call prefers, was not asked before others any more",
            "ada, que cet appel préfère, n'était plus sollicité avant les autres",
        ),
        (
            "ada is left out for this call after an offer that came to nothing",
            "ada n'est plus sollicité pour cet appel après une offre qui n'a pas abouti",
        ),
        ("1 other ready agent is not asked", "1 autre agent libre n'est pas sollicité"),
        ("1 other ready agent lacks the skills", "1 autre agent libre n'a pas les compétences"),
        (
            "ada and bruno, whom this call prefers, were not free",
            "ada et bruno, que cet appel préfère, n'étaient pas libres",
        ),
    ],
)
def test_clauses_that_are_rare(english: str, french: str) -> None:
    assert why(english, "fr") == french


@pytest.mark.parametrize("kept", ["", "for a reason", "something that an older version said; and more of it"])
def test_what_is_no_clause_of_today_is_read_as_it_is_kept(kept: str) -> None:
    assert why(kept, "fr") == kept


def test_in_english_and_in_a_language_that_is_not_known_it_is_as_it_is_kept() -> None:
    sentence = "ada is the only ready agent (idle 3 s)"
    assert why(sentence, "en") == why(sentence, "de") == sentence
