"""The directory: who is competent for a matter, where."""

import pytest

from core.files import Faults
from ivr.material.service import competent, load_services
from tests.unit.ivr.material.files import SERVICE, service_of

CCAS = service_of()
DEPARTMENT = service_of("service: departement\ntitle: Le département\ncompetence: [{topic: aide-sociale}]\n")


def test_a_service_that_names_the_commune_comes_before_one_for_everybody() -> None:
    assert competent([DEPARTMENT, CCAS], "aide-sociale", "35238") is CCAS
    assert competent([DEPARTMENT, CCAS], "aide-sociale", "2A004") is CCAS
    assert competent([DEPARTMENT, CCAS], "aide-sociale", "35047") is DEPARTMENT
    assert competent([DEPARTMENT, CCAS], "aide-sociale") is DEPARTMENT


def test_where_the_commune_does_not_matter_it_need_not_be_known() -> None:
    assert competent([CCAS], "logement") is CCAS
    assert competent([CCAS], "logement", "35047") is CCAS


def test_nobody_may_be_competent() -> None:
    assert competent([CCAS], "aide-sociale", "35047") is None
    assert competent([], "logement") is None


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("35238", "rennes", "found 'rennes' [commune]"),
        ("35238", "3523", "found 3523 [commune]"),
        ("2A004", "2C004", "found '2C004' [commune]"),
        ('"+33299000001"', '"SIP/evil@there"', "found 'SIP/evil@there' [number]"),
        ("hours: ccas", "hours: [ccas]", "found a list [name]"),
        ("hours: ccas", "context: {}", "such as {header: true} or {whisper: fr} [context]"),
        ("hours: ccas", "context: {whisper: de}", "expected 'fr' or 'en', found 'de' [wrong-value]"),
        ('number: "+33299000001"', "context: {header: true}", "without a number: give it one [context]"),
    ],
)
def test_what_is_wrong_is_told(old: str, new: str, told: str) -> None:
    faults = Faults()
    load_services({"ccas.yaml": SERVICE.replace(old, new).encode()}, faults)
    (fault,) = faults.found
    assert str(fault).endswith(told)
