"""Values in the words of each language, as a table of examples."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.spoken import FORMS, LANGUAGES, spoken

EXAMPLES = [
    ("count", 0, "zéro", "zero"),
    ("count", 1, "un", "one"),
    ("count", 16, "seize", "sixteen"),
    ("count", 17, "dix-sept", "seventeen"),
    ("count", 21, "vingt et un", "twenty-one"),
    ("count", 22, "vingt-deux", "twenty-two"),
    ("count", 70, "soixante-dix", "seventy"),
    ("count", 71, "soixante et onze", "seventy-one"),
    ("count", 72, "soixante-douze", "seventy-two"),
    ("count", 80, "quatre-vingts", "eighty"),
    ("count", 81, "quatre-vingt-un", "eighty-one"),
    ("count", 91, "quatre-vingt-onze", "ninety-one"),
    ("count", 99, "quatre-vingt-dix-neuf", "ninety-nine"),
    ("count", 100, "cent", "one hundred"),
    ("count", 101, "cent un", "one hundred and one"),
    ("count", 200, "deux cents", "two hundred"),
    ("count", 280, "deux cent quatre-vingts", "two hundred and eighty"),
    ("count", 1_000, "mille", "one thousand"),
    ("count", 1_001, "mille un", "one thousand and one"),
    ("count", 2_345, "deux mille trois cent quarante-cinq", "two thousand three hundred and forty-five"),
    ("count", 80_000, "quatre-vingt mille", "eighty thousand"),
    ("count", 200_000, "deux cent mille", "two hundred thousand"),
    ("count", 80_000_000, "quatre-vingts millions", "eighty million"),
    ("count", 1_000_021, "un million vingt et un", "one million and twenty-one"),
    ("count", -4, "moins quatre", "minus four"),
    ("count", 2.5, "deux virgule cinq", "two point five"),
    ("count", 3.05, "trois virgule zéro cinq", "three point zero five"),
    ("count", -0.5, "moins zéro virgule cinq", "minus zero point five"),
    ("amount", 0, "zéro euro", "zero euros"),
    ("amount", 1, "un euro", "one euro"),
    ("amount", 12.5, "douze euros et cinquante centimes", "twelve euros and fifty cents"),
    ("amount", "86,25", "quatre-vingt-six euros et vingt-cinq centimes", "eighty-six euros and twenty-five cents"),
    ("amount", 0.01, "un centime", "one cent"),
    ("amount", 1_000_000, "un million d'euros", "one million euros"),
    ("amount", "0.125", "treize centimes", "thirteen cents"),
    ("amount", -3, "moins trois euros", "minus three euros"),
    ("date", "2026-11-23", "lundi vingt-trois novembre deux mille vingt-six",
     "Monday the twenty-third of November twenty twenty-six"),
    ("date", "2026-01-01", "jeudi premier janvier deux mille vingt-six",
     "Thursday the first of January twenty twenty-six"),
    ("date", "2024-02-29", "jeudi vingt-neuf février deux mille vingt-quatre",
     "Thursday the twenty-ninth of February twenty twenty-four"),
    ("date", "2005-08-12", "vendredi douze août deux mille cinq", "Friday the twelfth of August two thousand and five"),
    ("date", "1905-12-31", "dimanche trente et un décembre mille neuf cent cinq",
     "Sunday the thirty-first of December nineteen oh five"),
    ("date", "1900-03-20", "mardi vingt mars mille neuf cents", "Tuesday the twentieth of March nineteen hundred"),
    ("date", "2026-11-23T16:30", "lundi vingt-trois novembre deux mille vingt-six",
     "Monday the twenty-third of November twenty twenty-six"),
    ("time", "00:00", "minuit", "midnight"),
    ("time", "00:05", "minuit cinq", "twelve oh five am"),
    ("time", "01:00", "une heure", "one am"),
    ("time", "09:00", "neuf heures", "nine am"),
    ("time", "12:00", "midi", "noon"),
    ("time", "12:30", "midi trente", "twelve thirty pm"),
    ("time", "16:30", "seize heures trente", "four thirty pm"),
    ("time", "21:01", "vingt et une heures une", "nine oh one pm"),
    ("time", "2026-11-23T08:45:10+01:00", "huit heures quarante-cinq", "eight forty-five am"),
    ("moment", "2026-11-23T16:30", "lundi vingt-trois novembre deux mille vingt-six à seize heures trente",
     "Monday the twenty-third of November twenty twenty-six at four thirty pm"),
    ("moment", "16:30", "seize heures trente", "four thirty pm"),
    ("digits", "2026", "deux, zéro, deux, six", "two, zero, two, six"),
    ("digits", "1*#", "un, étoile, dièse", "one, star, hash"),
    ("digits", 42, "quatre, deux", "four, two"),
    ("phone", "0612345678", "zéro six, douze, trente-quatre, cinquante-six, soixante-dix-huit",
     "zero six, one two, three four, five six, seven eight"),
    ("phone", "+33105809100", "zéro un, zéro cinq, quatre-vingts, quatre-vingt-onze, zéro zéro",
     "zero one, zero five, eight zero, nine one, zero zero"),
    ("phone", "3939", "trente-neuf, trente-neuf", "three nine, three nine"),
    ("phone", "112", "cent douze", "one one two"),
    ("phone", "+4930123",
     "plus, quatre, neuf, trois, zéro, un, deux, trois",
     "plus, four, nine three, zero one, two three"),
    ("", 3, "3", "3"),
    ("", 1.5, "un virgule cinq", "one point five"),
    ("", "Durand", "Durand", "Durand"),
    ("", True, "oui", "yes"),
]  # fmt: skip


@pytest.mark.parametrize(("form", "value", "french", "english"), EXAMPLES)
def test_a_value_is_spoken_in_the_words_of_the_language(
    form: str, value: str | int | float, french: str, english: str
) -> None:
    assert spoken(value, form, "fr") == french
    assert spoken(value, form, "fr-FR") == french
    assert spoken(value, form, "en") == english


TABLE = [
    line.split("\t")
    for line in (Path(__file__).parent / "spoken.tsv").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]
"""Written by hand: form, value, French, English."""


@pytest.mark.parametrize(("form", "value", "french", "english"), TABLE, ids=lambda text: text[:20])
def test_dates_times_and_amounts_are_spoken_as_the_table_says(form: str, value: str, french: str, english: str) -> None:
    assert spoken(value, form, "fr") == french
    assert spoken(value, form, "en") == english


def test_the_table_has_two_hundred_lines_or_more_and_many_of_each_kind() -> None:
    forms = [form for form, *_ in TABLE]
    assert len({(form, value) for form, value, *_ in TABLE}) == len(TABLE) >= 200
    assert min(forms.count("date"), forms.count("time"), forms.count("amount")) >= 60


NOW = "2026-11-23T16:30"  # a Monday


@pytest.mark.parametrize(
    ("moment", "french", "english"),
    [
        ("2026-11-23T18:00", "aujourd'hui à dix-huit heures", "today at six pm"),
        ("2026-11-24T09:00", "demain à neuf heures", "tomorrow at nine am"),
        ("2026-11-25T08:30", "après-demain à huit heures trente", "on Wednesday at eight thirty am"),
        ("2026-11-29T12:00", "dimanche à midi", "on Sunday at noon"),
        ("2026-11-30T09:00", "le lundi trente novembre à neuf heures",
         "on Monday the thirtieth of November at nine am"),
        ("2027-01-04T09:00", "le lundi quatre janvier deux mille vingt-sept à neuf heures",
         "on Monday the fourth of January twenty twenty-seven at nine am"),
        ("2026-11-22T09:00", "hier à neuf heures", "yesterday at nine am"),
    ],
)  # fmt: skip
def test_a_moment_is_spoken_from_the_present_one_where_that_is_known(moment: str, french: str, english: str) -> None:
    assert spoken(moment, "", "fr", NOW) == french
    assert spoken(moment, "", "en", NOW) == english
    assert spoken(moment, "moment", "fr", NOW) == spoken(moment, "moment", "fr")


@pytest.mark.parametrize(
    ("form", "value"),
    [
        ("date", "2026-02-30"), ("date", "demain"), ("time", "25:00"), ("time", "9h"), ("moment", "2026-13-01T10:00"),
        ("amount", "douze"), ("count", "9" * 40), ("digits", "12a"), ("phone", "anonymous"), ("date", "٢٠٢٦-١١-٢٣"),
    ],
)  # fmt: skip
def test_what_has_not_the_form_of_its_kind_is_spoken_as_it_is(form: str, value: str) -> None:
    assert spoken(value, form, "fr") == value


def test_a_language_without_words_hears_the_value_as_it_is() -> None:
    assert spoken("2026-11-23", "date", "br") == "2026-11-23"


@given(
    st.one_of(
        st.text(max_size=30), st.integers(), st.floats(), st.booleans(), st.dates().map(str), st.times().map(str)
    ),
    st.sampled_from(["", *FORMS]),
    st.sampled_from([*LANGUAGES, "br"]),
)
def test_whatever_the_value_is_something_is_spoken(value: str | int | float | bool, form: str, language: str) -> None:
    assert isinstance(spoken(value, form, language), str)


@given(st.integers(0, 999_999_999_998))
def test_two_counts_never_sound_the_same(number: int) -> None:
    for words in LANGUAGES.values():
        assert words.count(number) != words.count(number + 1)
        assert "  " not in words.count(number) and words.count(number) == words.count(number).strip()
