"""Words without case, accents and signs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from history.models.search import KINDS
from history.search.words import LONGEST, document, fold, marker


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Élodie N'Diaye", ["elodie", "n", "diaye"]),
        ("MARIE-CLAUDE Lefèvre", ["marie", "claude", "lefevre"]),
        ("Gonçalves, Łukasz Strauß", ["goncalves", "lukasz", "strauss"]),
        ("Œuvre à Saint-Étienne", ["oeuvre", "a", "saint", "etienne"]),
        ("e\u0301cole", ["ecole"]),
        ("dossier nº 12/34", ["dossier", "no", "12", "34"]),
        ("العربية Ελλάδα", ["العربية", "ελλαδα"]),
        ("𝐀lice ﬁn", ["alice", "fin"]),
        ("a\u202eb\u200bc", ["a", "b", "c"]),
        ("%_*\"'();--", []),
    ],
)
def test_a_text_is_letters_and_digits(text: str, words: list[str]) -> None:
    assert fold(text) == words


@given(st.text(max_size=300))
def test_whatever_comes_folding_twice_changes_nothing_and_no_sign_is_left(text: str) -> None:
    words = fold(text)
    assert fold(" ".join(words)) == words
    assert all(word.isalnum() and len(word) <= LONGEST for word in words)


@given(st.text(max_size=100), st.sampled_from(KINDS))
def test_a_document_is_its_kind_and_each_word_once(text: str, kind: str) -> None:
    first, *words = document(kind, text).split(" ")
    assert first == marker(kind)
    assert len(set(words)) == len(words)
