"""What a town itself answers to a call that is played without a telephone: its answers, and at the time of the call its
opening hours and who is open."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from app.town import Town
from hours.calendar import EPOCH
from hours.definition import Hours as OpeningHours
from hours.status import status
from ivr.acts import Answer, Hours, Lookup, Service, Value, Wait
from ivr.material.service import ServiceFile
from ivr.verbs.lookup import DIRECTORY
from ivr.world import OwnAnswer, Told
from telephony.material import ALWAYS, answer_values, asked_for, looked_for, service_values
from telephony.opening import told

PUBLIC_URL = "https://ville.example"
"""Where the pages of a town that is only played would stand."""


def own_answer(town: Town) -> OwnAnswer:
    """By the files: no switch is thrown where nothing runs. What the town has no file for is left to whoever plays."""

    def answer(wait: Wait, moment: datetime) -> Told | None:
        match wait:
            case Hours(name):
                hours = town.hours.get(name)
                return _opening(hours, moment) if hours else None
            case Answer():
                found = asked_for(wait, town.answers)
                return answer_values(found, wait.language, PUBLIC_URL) if found else _missing(town.answers)
            case Service(name, language):
                return _service(town, town.services.get(name), language, moment)
            case Lookup() if wait.service == DIRECTORY:
                return _service(town, looked_for(wait, town.services), "", moment)
        return None

    return answer


def _service(town: Town, service: ServiceFile | None, language: str, moment: datetime) -> Told | None:
    if service is None:
        return _missing(town.services)
    hours = town.hours.get(service.hours) if service.hours else None
    return service_values(service, language, _opening(hours, moment) if hours else ALWAYS)


def _missing(files: Mapping[str, object]) -> Told | None:
    """Of a town that has such files."""
    return "missing" if files else None


def _opening(hours: OpeningHours, moment: datetime) -> Mapping[str, Value]:
    at = (moment.replace(tzinfo=moment.tzinfo or hours.timezone) - EPOCH) // timedelta(milliseconds=1)
    return told(hours, at, status(hours, at))
