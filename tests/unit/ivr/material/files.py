"""Builders of answers and services for tests."""

from textwrap import dedent

from core.files import Faults
from ivr.material.answer import AnswerFile, load_answers
from ivr.material.service import ServiceFile, load_services

ANSWER = """\
answer: acte
code: "1203"
question: {fr: Comment obtenir un acte de naissance ?, en: How do I get a birth certificate?}
spoken: {fr: Demandez-le à la mairie., en: Ask the town hall.}
topics: [etat-civil]
owner: État civil
review: 2027-01-31
"""
SERVICE = """\
service: ccas
title: {fr: Le centre d'action sociale, en: The social welfare centre}
number: "+33299000001"
hours: ccas
competence:
  - {topic: aide-sociale, communes: [35238, "2A004"]}
  - {topic: logement}
at_hand: [{fr: votre numéro d'allocataire, en: your benefit number}]
"""


def answer_of(text: str = ANSWER) -> AnswerFile:
    faults = Faults()
    answers = load_answers({"answers/acte.yaml": dedent(text).encode()}, faults)
    assert not faults.found, "\n".join(map(str, faults.found))
    (filed,) = answers.values()
    return filed.thing


def service_of(text: str = SERVICE) -> ServiceFile:
    faults = Faults()
    services = load_services({"directory/ccas.yaml": dedent(text).encode()}, faults)
    assert not faults.found, "\n".join(map(str, faults.found))
    (filed,) = services.values()
    return filed.thing
