"""An answer's file is read whole, or said what is wrong with it, at its place."""

import pytest

from core.files import Faults
from ivr.material.answer import load_answers
from ivr.material.fields import LONGEST_PAGE, in_language
from tests.unit.ivr.material.files import ANSWER, answer_of

CODE = 'expected a code of 2 to 8 digits such as "1203"'


def told_of(text: str) -> list[str]:
    faults = Faults()
    assert load_answers({"acte.yaml": text.encode()}, faults) == {}
    return list(map(str, faults.found))


def test_an_answer_has_one_source_for_voice_page_and_message() -> None:
    answer = answer_of(
        ANSWER + "page: |\n  ## Où\n  À la *mairie*.\nmessage: Votre acte\n"
        "documents: [Une pièce d'identité]\nlinks: [{title: Service public, url: https://www.example/acte}]\n"
    )
    assert answer.code == "1203"
    assert in_language(answer.spoken, "en") == ("Ask the town hall.", "en")
    assert answer.page == "## Où\nÀ la *mairie*.\n"
    assert [link.url for link in answer.links] == ["https://www.example/acte"]


def test_a_text_that_is_not_written_in_a_language_is_had_in_the_first_one() -> None:
    assert in_language({"fr": "Oui", "en": "Yes"}, "de") == ("Oui", "fr")
    assert in_language("Oui", "de") == ("Oui", "de")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('code: "1203"', 'code: "12 03"', f"2:7: {CODE}, found '12 03' [code]"),
        ('code: "1203"', "code: 1", f"2:7: {CODE}, found 1 [code]"),
        ("2027-01-31", "2027-02-30", "7:9: expected a date such as 2027-01-31, found '2027-02-30' [date]"),
        ("2027-01-31", "31/01/2027", "7:9: expected a date such as 2027-01-31, found '31/01/2027' [date]"),
        ("owner: État civil\n", "", "1:1: the key owner is missing [missing-key]"),
        ("topics: [etat-civil]", "topics: []", "5:9: expected at least 1 here, found none [out-of-range]"),
        ("Ask the town hall.", '"Ask {caller.name}."', "4:49: values of a call cannot be spoken here [placeholder]"),
        ("spoken:", "spokn:", "4:1: unknown key 'spokn'; did you mean spoken? [unknown-key]"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_at_its_place(old: str, new: str, told: str) -> None:
    assert told_of(ANSWER.replace(old, new)) == [f"acte.yaml:{told}"]


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "http://", "https://user@evil.example", "data:text/html,x", "//x.example", "https://a b"],
)  # fmt: skip
def test_a_link_leads_to_a_page_and_nothing_else(url: str) -> None:
    (told,) = told_of(ANSWER + f'links: [{{title: Ici, url: "{url}"}}]\n')
    assert "expected an address that begins with https://" in told


def test_a_page_may_be_longer_than_what_is_spoken_but_not_without_end() -> None:
    assert answer_of(ANSWER + f"page: {'a ' * 5_000}\n").page
    (told,) = told_of(ANSWER + f"page: {'a' * (LONGEST_PAGE + 1)}\n")
    assert f"the text has {LONGEST_PAGE + 1} characters; {LONGEST_PAGE} is the most" in told


def test_two_files_cannot_be_the_same_answer() -> None:
    faults = Faults()
    load_answers({"a.yaml": ANSWER.encode(), "b.yaml": ANSWER.encode()}, faults)
    assert list(map(str, faults.found)) == ["b.yaml:1:9: the answer acte stands in a.yaml already [duplicate-answer]"]
