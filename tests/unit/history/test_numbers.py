import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from history.numbers import Number, NumberKind, read_number


@pytest.mark.parametrize(
    "written", ["0612345678", "06 12 34 56 78", "+33612345678", "0033612345678", "(06) 12.34-56 78"]
)
def test_one_phone_is_one_number_however_it_is_written(written: str):
    assert read_number(written, "FR") == Number(NumberKind.PHONE, "+33612345678")


@pytest.mark.parametrize("code", ["3939", "112", "1001", "15", "118218"])
def test_short_codes_and_extensions_stay_as_they_are(code: str):
    assert read_number(code, "FR") == Number(NumberKind.SHORT, code)


def test_a_short_national_number_of_a_country_that_has_such_is_a_phone():
    assert read_number("241234", "NC") == Number(NumberKind.PHONE, "+687241234")


@pytest.mark.parametrize(
    "shown", ["anonymous", "Anonymous", "RESTRICTED", "withheld", "unavailable", "", "  ", "\x00\n"]
)
def test_what_stands_for_no_number_is_withheld(shown: str):
    assert read_number(shown, "FR") == Number(NumberKind.WITHHELD, "")


@pytest.mark.parametrize(
    "shown",
    [
        "anonyme",
        "Privé",
        "prive",
        "blocked",
        "Indisponible",
        "no number",
        "Numéro masqué",
        "APPEL MASQUE",
        "Anonymous caller",
    ],
)
def test_so_is_what_other_networks_say_in_its_place(shown: str):
    assert read_number(shown, "FR") == Number(NumberKind.WITHHELD, "")


@pytest.mark.parametrize("shown", ["alice", "Secret Garden", "private.line@example"])
def test_a_text_that_is_somebodys_is_not(shown: str):
    assert read_number(shown, "FR") == Number(NumberKind.UNKNOWN, shown)


def test_a_national_number_is_read_as_the_sites_country_reads_it():
    assert read_number("0262123456", "RE").text == "+262262123456"
    assert read_number("020 7946 0018", "GB").text == "+442079460018"


def test_a_caller_from_overseas_france_has_their_own_code_in_paris_too():
    assert read_number("0262123456", "FR").text == "+262262123456"


def test_a_metropolitan_number_keeps_its_code_in_reunion():
    assert read_number("0612345678", "RE").text == "+33612345678"


@pytest.mark.parametrize("garbage", ["alex", "12345678", "+1", "0612*3#", "'; DROP TABLE person;--", "²³", "+" * 50])
def test_garbage_is_kept_as_text_and_is_no_phone(garbage: str):
    number = read_number(garbage, "FR")
    assert (number.kind, number.text) == (NumberKind.UNKNOWN, garbage)


def test_a_very_long_number_is_cut():
    assert len(read_number("7" * 100_000, "FR").text) <= 80


@given(
    some.text() | some.from_regex(r"\+?[0-9 .]{1,20}", fullmatch=True),
    some.sampled_from(["FR", "RE", "NC", "US", "DE"]),
)
@example("+200000000000", "FR")
def test_reading_a_read_number_again_gives_the_same(raw: str, country: str):
    once = read_number(raw, country)
    assert read_number(once.text, country) == once
