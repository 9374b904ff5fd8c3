"""Answers and services of the town in a call: found by name, by code, by who is competent; open or not."""

from collections.abc import Mapping
from typing import Any

import pytest

from ivr.acts import Done, Hours, Refused
from telephony.channel import Along, DialResult, DialStatus
from telephony.fake import FakeChannel
from telephony.house import House
from telephony.material import TownAnswers, TownDirectory, message_about, page_address
from telephony.parts import Parts
from tests.unit.ivr.material.files import ANSWER, SERVICE, answer_of, service_of
from tests.unit.telephony.test_deeds import data_of, whole_call
from tests.unit.telephony.town import flow, house_of

YES = {"say": "Yes.", "then": "hangup"}
NO = {"say": "No.", "then": "hangup"}
LATER = {"say": "{service.title}: {service.next_open}.", "then": "hangup"}
URL = "https://ville.example/"


class Opening:
    """Opening hours that are so, whatever the time."""

    def __init__(self, told: Done | Refused) -> None:
        self.told = told

    async def hours(self, act: Hours, at: int, version: str) -> Done | Refused:
        return self.told


class Carrier:
    """Dials a few numbers."""

    def allowed(self, number: str) -> bool:
        return number == "+33299000001"


ANSWERS = {"+33299000001": DialResult(DialStatus.ANSWERED, 5_000)}
OPEN = Opening(Done({"open": True}))
CLOSED = Opening(Done({"open": False, "next_open": "2026-11-24T09:00"}))
UNKNOWN = Opening(Refused("unavailable"))


def house_with(hours: Opening = OPEN, url: str = "", **steps: Mapping[str, Any]) -> House:
    house = house_of(flow(**steps, yes=YES, no=NO, later=LATER))  # type: ignore[arg-type]
    town = house.towns.live()
    town.answers["acte"] = answer_of()  # type: ignore[index]
    town.services["ccas"] = service_of()  # type: ignore[index]
    house.parts = Parts(
        answers=TownAnswers(house.towns, url), directory=TownDirectory(house.towns, hours), transfers=Carrier()
    )
    return house


FICHE = {"ask": "Code ?", "digits": {"most": 8, "end": "#"}, "save": "fiche", "then": "acte", "otherwise": "no"}
BY_CODE = {"answer": {"code": "fiche"}, "solved": "yes", "unsolved": "no", "missing": "later"}


async def test_an_answer_is_heard_by_its_name_and_what_the_caller_thinks_of_it_is_recorded() -> None:
    house = house_with(acte={"answer": "acte", "solved": "yes", "unsolved": "no"})
    channel = FakeChannel(["1"])
    events = await whole_call(house, channel)
    assert channel.played[0] == "Demandez-le à la mairie."
    assert channel.played[-1] == "Yes."
    assert data_of(events, "call.answered") == [{"step": "acte", "answer": "acte", "solved": True}]


async def test_of_a_caller_who_does_not_say_it_is_recorded_that_the_answer_was_heard() -> None:
    house = house_with(acte={"answer": "acte", "solved": "yes", "unsolved": "no"})
    events = await whole_call(house, FakeChannel(["", ""]))
    assert data_of(events, "call.answered") == [{"step": "acte", "answer": "acte", "solved": None}]


async def test_an_answer_is_heard_by_the_code_that_the_caller_keys_in() -> None:
    channel = FakeChannel(["1203#", "2"])
    events = await whole_call(house_with(ask=FICHE, acte=BY_CODE), channel)
    assert "Demandez-le à la mairie." in channel.played
    assert data_of(events, "call.answered") == [{"step": "acte", "answer": "acte", "solved": False}]


async def test_a_code_that_no_answer_has_takes_the_exit_for_that() -> None:
    channel = FakeChannel(["9999#"])
    events = await whole_call(house_with(ask=FICHE, acte=BY_CODE), channel)
    assert data_of(events, "call.answered") == []
    (refused,) = data_of(events, "call.refused")
    assert (refused["act"], refused["reason"]) == ("answer by the code in fiche", "missing")


async def test_the_message_of_an_answer_leads_to_its_page() -> None:
    steps = {
        "acte": {"answer": "acte", "solved": "lien", "unsolved": "no"},
        "lien": {"say": "{answer.message}", "then": "hangup"},
    }
    channel = FakeChannel(["1"])
    await whole_call(house_with(url=URL, **steps), channel)
    assert channel.played[-1] == "Comment obtenir un acte de naissance ? https://ville.example/answers/acte?lang=fr"


def test_a_house_without_public_pages_has_no_address_for_them() -> None:
    assert page_address("", "acte", "fr") == ""
    assert message_about(answer_of(), "fr", "") == ""
    told = answer_of(ANSWER + "message: {fr: Votre acte, en: Your certificate}\n")
    assert message_about(told, "en", URL) == "Your certificate https://ville.example/answers/acte?lang=en"


TRANSFER = {"transfer": "ccas", "answered": "yes", "closed": "later", "otherwise": "no"}


async def test_a_service_that_is_open_is_rung() -> None:
    channel = FakeChannel(phones=ANSWERS)
    events = await whole_call(house_with(aide=TRANSFER), channel)
    assert channel.played[-1] == "Yes."
    assert [data["number"] for data in data_of(events, "call.transferred")] == ["+33299000001"]


@pytest.mark.parametrize(
    ("context", "aloud"), [("", ()), ("context: {whisper: fr}\n", ("Appel transféré par : Welcome.",))]
)
async def test_a_service_is_told_of_the_caller_what_its_file_says(context: str, aloud: tuple[str, ...]) -> None:
    house, channel = house_with(aide=TRANSFER), FakeChannel(phones=ANSWERS)
    house.towns.live().services["ccas"] = service_of(SERVICE + context)  # type: ignore[index]
    events = await whole_call(house, channel)
    assert channel.along == [Along(whisper=aloud)]
    assert not [sound for data in data_of(events, "call.heard") for sound in data["sounds"] if sound in aloud]


async def test_of_a_service_that_is_closed_the_caller_hears_when_it_opens() -> None:
    channel = FakeChannel()
    events = await whole_call(house_with(CLOSED, aide=TRANSFER), channel)
    assert channel.played[-1].startswith("Le centre d'action sociale: ")
    assert "neuf heures" in channel.played[-1]
    assert data_of(events, "call.transferred") == []


async def test_a_service_whose_hours_are_not_known_is_not_rung() -> None:
    channel = FakeChannel()
    events = await whole_call(house_with(UNKNOWN, aide=TRANSFER), channel)
    assert channel.played[-1] == "No."
    assert [data["reason"] for data in data_of(events, "call.refused")] == ["unavailable"]


@pytest.mark.parametrize(
    ("service", "reason"),
    [
        (SERVICE.replace("+33299000001", "+33899000000"), "not_allowed"),
        (SERVICE.replace('number: "+33299000001"\n', ""), "missing"),
    ],
)
async def test_a_number_that_is_not_there_or_not_allowed_is_not_rung(service: str, reason: str) -> None:
    house = house_with(aide=TRANSFER)
    house.towns.live().services["ccas"] = service_of(service)  # type: ignore[index]
    channel = FakeChannel()
    events = await whole_call(house, channel)
    assert channel.played[-1] == "No."
    assert [data["reason"] for data in data_of(events, "call.refused")] == [reason]


@pytest.mark.parametrize(("commune", "played"), [('"35238"', "ccas"), ('"35047"', "No."), ('"<x>"', "No.")])
async def test_who_is_competent_is_found_by_topic_and_commune_and_rung(commune: str, played: str) -> None:
    look = {
        "lookup": "service",
        "with": {"topic": '"aide-sociale"', "commune": commune},
        "found": "dire",
        "missing": "no",
    }
    steps = {"qui": look, "dire": {"say": "{service.name}", "then": "aide"},
             "aide": {"transfer": {"service": "service.name"}, "answered": "hangup", "otherwise": "no"}}  # fmt: skip
    channel = FakeChannel(phones=ANSWERS)
    events = await whole_call(house_with(**steps), channel)
    assert channel.played[-1] == played
    assert bool(data_of(events, "call.transferred")) == (played == "ccas")


async def test_a_caller_is_spoken_to_in_the_own_language() -> None:
    steps = {
        "english": {"language": "en", "then": "acte"},
        "acte": {"answer": "acte", "solved": "yes", "unsolved": "no"},
    }
    channel = FakeChannel(["1"])
    await whole_call(house_with(**steps), channel)
    assert channel.played[0] == "Ask the town hall."
