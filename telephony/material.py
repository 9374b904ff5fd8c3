"""What flows are told of the town's answers and services: those of the call's own version of the town."""

from collections.abc import Mapping
from urllib.parse import quote

from ivr.acts import Answer, Done, Hours, Lookup, Refused, Service, Value
from ivr.material.answer import AnswerFile
from ivr.material.fields import in_language
from ivr.material.service import ServiceFile, competent, is_commune
from telephony.house import Towns
from telephony.parts import OpeningHours, Told


def page_address(public_url: str, answer: str, language: str) -> str:
    """Where everybody can read an answer; '' where the house has no public pages."""
    return f"{public_url.rstrip('/')}/answers/{quote(answer)}?lang={quote(language)}" if public_url else ""


def message_about(answer: AnswerFile, language: str, public_url: str) -> str:
    """What an SMS says of an answer: its message, or else the question, and the address of its page; '' where the house
    has no public pages."""
    address = page_address(public_url, answer.name, language)
    text, _ = in_language(answer.message or answer.question, language)
    return f"{text} {address}" if address else ""


def answer_values(answer: AnswerFile, language: str, public_url: str) -> Mapping[str, Value]:
    """What an act Answer brings."""
    text, spoken_in = in_language(answer.spoken, language)
    return {
        "text": text,
        "language": spoken_in,
        "answer": answer.name,
        "question": in_language(answer.question, spoken_in)[0],
        "page": page_address(public_url, answer.name, spoken_in),
        "message": message_about(answer, spoken_in, public_url),
    }


def asked_for(act: Answer, answers: Mapping[str, AnswerFile]) -> AnswerFile | None:
    """By its code where there is one, else by its name."""
    if act.code:
        return next((each for each in answers.values() if each.code == act.code), None)
    return answers.get(act.answer)


def service_values(service: ServiceFile, language: str, opening: Mapping[str, Value]) -> Mapping[str, Value]:
    """What an act Service brings. `opening`: what an act Hours has brought of its hours."""
    return {
        "name": service.name,
        "title": in_language(service.title, language)[0],
        "number": service.number or "",
        "open": opening.get("open"),
        "next_open": opening.get("next_open"),
        "now": opening.get("now"),
        "at_hand": ", ".join(in_language(each, language)[0] for each in service.at_hand) or None,
        "address": in_language(service.address, language)[0] if service.address else None,
    }


def looked_for(act: Lookup, services: Mapping[str, ServiceFile]) -> ServiceFile | None:
    """By `name`, or who is competent for `topic` in `commune` (an INSEE code; anything else is none)."""
    if name := act.given.get("name"):
        return services.get(str(name))
    commune = str(act.given.get("commune") or "").upper()
    return competent(services.values(), str(act.given.get("topic") or ""), commune if is_commune(commune) else "")


ALWAYS: Mapping[str, Value] = {"open": True}
"""A service without hours."""


class TownAnswers:
    """`public_url`: the address at which citizens reach the pages, such as https://ville.example; may be empty."""

    def __init__(self, towns: Towns, public_url: str) -> None:
        self._towns, self._public_url = towns, public_url

    async def answer(self, act: Answer, version: str) -> Told:
        answer = asked_for(act, self._towns.of(version).answers)
        return Done(answer_values(answer, act.language, self._public_url)) if answer else Refused("missing")


class TownDirectory:
    """`hours` says whether a service is open; a service with hours is not open where that is not known."""

    def __init__(self, towns: Towns, hours: OpeningHours | None) -> None:
        self._towns, self._hours = towns, hours

    async def service(self, act: Service, at: int, version: str) -> Told:
        return await self._told(self._towns.of(version).services.get(act.service), act.language, at, version)

    async def look_up(self, act: Lookup, language: str, at: int, version: str) -> Told:
        return await self._told(looked_for(act, self._towns.of(version).services), language, at, version)

    async def _told(self, service: ServiceFile | None, language: str, at: int, version: str) -> Told:
        if service is None:
            return Refused("missing")
        opening = ALWAYS
        if service.hours is not None:
            if self._hours is None:
                return Refused("unavailable")
            told = await self._hours.hours(Hours(service.hours), at, version)
            if isinstance(told, Refused):
                return told
            opening = told.values
        return Done(service_values(service, language, opening))
