"""The directory: who does what, for whom, when, and at which number."""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, PlainValidator, WithJsonSchema, model_validator

from core.filemodel import DialledNumber, FileModel, Texts, found, named, problem
from core.files import Faults
from ivr.material.answer import MOST_LISTED
from ivr.material.fields import IsoDate, Topic, Url
from ivr.material.filed import Filed, load_filed

_COMMUNE = re.compile(r"(?:[0-9]{2}|2[AB])[0-9]{3}")
MOST_COMMUNES = 2_000
"""A department has 900 at most."""


def is_commune(value: object) -> bool:
    """An INSEE code: two digits of the department (2A and 2B in Corsica), three of the commune."""
    return isinstance(value, str) and bool(_COMMUNE.fullmatch(value))


def _read_commune(value: Any) -> str:
    text = str(value) if type(value) is int else value
    if not is_commune(text):
        message = f'expected the INSEE code of a commune such as "35238" or "2A004", found {found(value)}'
        raise problem("commune", message)
    return str(text)


Commune = Annotated[
    str,
    PlainValidator(_read_commune),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": f"^{_COMMUNE.pattern}$"},
                {"type": "integer", "minimum": 10000, "maximum": 99999},
            ],
            "description": 'The INSEE code of a commune, such as "35238".',
        }
    ),
]


class Competence(FileModel):
    """What a service answers for. Without `communes`: wherever the caller lives."""

    topic: Topic
    communes: Annotated[list[Commune], Field(min_length=1, max_length=MOST_COMMUNES)] | None = None


class Context(FileModel):
    """What goes along with a caller who is put through: what the call is about, and the number of their case. Only for
    a service that may know."""

    header: bool = Field(False, description="In the SIP header User-to-User (RFC 7433), for its own software.")
    whisper: Literal["fr", "en"] | None = Field(
        None, description="The language in which whoever picks up is told it, before the caller is joined."
    )

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.header or self.whisper):
            raise problem("context", "expected what goes along, such as {header: true} or {whisper: fr}")
        return self


class Source(FileModel):
    """Where an imported service comes from. The licence asks that this be told."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    id: Annotated[str, Field(max_length=200)] = ""
    updated: IsoDate | None = None
    licence: Annotated[str, Field(max_length=200)] = ""


class ServiceFile(FileModel):
    """A service. Callers are put through to `number` only while `hours` say that it is open, and only if the settings
    allow that number; without `hours` it is taken to be open at any time. `at_hand` is what a caller should have ready.
    """

    service: Annotated[str, named("the service")] = Field(description="The service's name, as flows use it.")
    title: Texts = Field(description="What it is called, as it is spoken and shown.")
    about: Texts | None = Field(None, description="What it does, in a sentence or two.")
    number: DialledNumber | None = None
    hours: Annotated[str, named("opening hours")] | None = Field(
        None, description="The name of its opening hours, a file of hours/."
    )
    context: Context | None = Field(
        None, description="What it is told of callers who are put through; without it, their number alone."
    )
    competence: Annotated[list[Competence], Field(max_length=200)] = Field(
        default_factory=list, description="The topics it answers for, each with the communes where that matters."
    )
    at_hand: Annotated[list[Texts], Field(max_length=MOST_LISTED)] = Field(
        default_factory=list, description="What a caller should have ready, one by one."
    )
    address: Texts | None = None
    website: Url | None = None
    email: Annotated[str, Field(pattern=r"^[^@\s<>]{1,100}@[^@\s<>]{1,150}$")] | None = None
    source: Source | None = None

    @model_validator(mode="after")
    def _can_be_told(self) -> Self:
        if self.context and not self.number:
            raise problem("context", "nobody is put through to a service without a number: give it one", ("context",))
        return self

    @property
    def name(self) -> str:
        return self.service

    def answers_for(self, topic: str, commune: str = "") -> bool:
        """Whether it is competent; with no commune told, only where the commune does not matter."""
        return any(
            each.topic == topic and (each.communes is None or commune in each.communes) for each in self.competence
        )


def competent(services: Iterable[ServiceFile], topic: str, commune: str = "") -> ServiceFile | None:
    """The service for a matter: one that names the caller's commune before one for everybody; then by name."""

    def nearness(service: ServiceFile) -> tuple[bool, str]:
        by_name = any(each.topic == topic and commune in (each.communes or ()) for each in service.competence)
        return not by_name, service.name

    return min((each for each in services if each.answers_for(topic, commune)), key=nearness, default=None)


def load_services(sources: Mapping[str, bytes], faults: Faults) -> Mapping[str, Filed[ServiceFile]]:
    """The services in files, by their names; what is wrong is added to the faults."""
    return load_filed(ServiceFile, "service", lambda service: service.name, sources, faults)
