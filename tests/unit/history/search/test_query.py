"""What an agent may type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import GuichetError
from history.search.query import Asked, read_query


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("06 12 34 56 78", Asked(digits="612345678", case_number="0612345678")),
        ("+33 6 12 34", Asked(digits="3361234", case_number="3361234")),
        ("0033612345678", Asked(digits="33612345678", case_number="003361234567")),
        ("4567", Asked(digits="4567", case_number="4567")),
        ("0612", Asked(digits="612", case_number="0612")),
        ("Élodie DUP", Asked(words=("elodie", "dup"))),
        ("d'Artagnan", Asked(words=("artagnan",))),
        ("dossier 1234", Asked(words=("dossier", "1234"))),
        ("n° 1234567889", Asked(words=("1234567889",), digits="1234567889", case_number="1234567889")),
        (
            "Dupont, 06 12 34 56 78",
            Asked(words=("dupont", "06", "12", "34", "56", "78"), digits="612345678", case_number="0612345678"),
        ),
        ("12 rue des Lilas 75011", Asked(words=("12", "rue", "des", "lilas", "75011"))),
        ("+33 (0)6 12 34 56 78", Asked(digits="33612345678", case_number="33612345678")),
        ("０６１２３４５６７８", Asked(digits="612345678", case_number="0612345678")),
        ("٠٦١٢٣٤٥٦٧٨", Asked(digits="612345678", case_number="0612345678")),
    ],
)
def test_numbers_and_words_are_told_apart(typed: str, asked: Asked) -> None:
    assert read_query(typed) == asked


@pytest.mark.parametrize("typed", ["", "   ", "123", "a", "%", "* OR *", "''''", "\x00", "(((", '""', "1/2"])
def test_what_cannot_be_looked_for_is_a_sentence(typed: str) -> None:
    if typed == "* OR *":
        assert read_query(typed) == Asked(words=("or",))
        return
    with pytest.raises(GuichetError, match="Type"):
        read_query(typed)


@given(st.text(max_size=400))
def test_whatever_is_typed_becomes_letters_and_digits_or_a_sentence(typed: str) -> None:
    try:
        asked = read_query(typed)
    except GuichetError:
        return
    assert all(word.isalnum() for word in asked.words)
    assert asked.digits == "" or (asked.digits.isascii() and asked.digits.isdigit())
    assert asked.case_number == "" or (asked.case_number.isascii() and asked.case_number.isdigit())
