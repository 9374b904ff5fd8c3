"""`transfer`: put the caller through to somebody outside."""

import re
from typing import Annotated, Any, ClassVar

from pydantic import Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from core.filemodel import Duration, FileModel, found, problem, read_number
from ivr.acts import Done, Input, Refused, Service
from ivr.acts import Transfer as PutThrough
from ivr.model import Kind, ServiceName, Step, To
from ivr.operands import ValueNamed, read_value_name
from ivr.run import Run

MAKES: dict[str, Kind] = {"service.name": "text", "service.title": "text", "service.number": "phone",
                          "service.open": "truth", "service.next_open": "moment", "service.at_hand": "text",
                          "service.address": "text"}  # fmt: skip
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,49}")


class Found(FileModel):
    """The service whose name is that value."""

    service: ValueNamed


def _read_target(value: Any) -> str | Found:
    if isinstance(value, str) and _NAME.fullmatch(value):
        return ServiceName(value)
    if isinstance(value, dict):
        for key in value:
            if key != "service":
                raise problem("unknown-key", f"unknown key {found(key)}; known: service", (key,))
        try:
            return Found.model_construct(service=read_value_name(value.get("service")))
        except PydanticCustomError:
            message = f"expected the name of a value such as service.name, found {found(value.get('service'))}"
            raise problem("wrong-type", message, ("service",)) from None
    return read_number(value)


Target = Annotated[
    ServiceName | str | Found,
    PlainValidator(_read_target),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": r"^(\+?[0-9*#]{1,20}|[a-z][a-z0-9_-]{0,49})$"},
                {"type": "integer", "minimum": 0},
                {
                    "type": "object",
                    "properties": {"service": {"type": "string"}},
                    "required": ["service"],
                    "additionalProperties": False,
                },
            ],
            "description": 'A number such as "+33123456789", a service of the directory, or {service: VALUE}.',
        }
    ),
]


class Transfer(Step):
    """Puts the caller through to a service of the town's directory, by its name (`transfer: ccas`; `{service:
    service.name}`: the one that a `lookup: service` found), or to a number. It rings for `ring` (30 s) at most. Only
    numbers that the settings allow are dialled.

    A service is rung only while it is open. Where it is not, `closed` is taken, without it `otherwise`: then
    `{service.next_open}` is when it opens, `{service.title}` what it is called, `{service.at_hand}` what to have ready.
    What its file lets it know (`context`) goes along with the caller.

    `answered` is taken when that conversation is over and the caller is still there, `otherwise` where there was none:
    busy, no answer, not allowed, or no such service.
    """

    transfer: Target
    ring: Annotated[Duration, Field(ge=1_000)] = 30_000
    answered: To
    closed: To | None = None
    otherwise: To

    example: ClassVar[str] = """
        aide:
          transfer: ccas
          ring: 20s
          answered: hangup
          closed: ferme
          otherwise: desole
        ferme:
          hangup: {fr: "Ce service ouvre {service.next_open}.", en: "That service opens {service.next_open}."}
        desole:
          hangup: {fr: Ce service ne répond pas., en: That service does not answer.}
    """
    needs: ClassVar[str] = "transfers"

    def enter(self, run: Run) -> str | None:
        number, name = self._number(run), self._service(run)
        if number:
            run.do(PutThrough(number, self.ring, name))
        else:
            run.do(Service(name, run.session.language))
        return None

    def resume(self, run: Run, given: Input) -> str | None:
        match given:
            case Done(values) if not self._number(run):
                return self._found(run, dict(values))
            case Done():
                return self.answered
            case Refused():
                run.refused(f"transfer {self._service(run) or self._number(run)}", given)
                return self.otherwise
        return self.enter(run)

    def makes(self) -> dict[str, Kind]:
        return {} if type(self.transfer) is str else MAKES

    def _service(self, run: Run) -> str:
        """The name of the service, or ''."""
        if isinstance(self.transfer, Found):
            return str(run.value(self.transfer.service) or "")
        return str(self.transfer) if isinstance(self.transfer, ServiceName) else ""

    def _number(self, run: Run) -> str:
        """The number to ring, as far as it is known by now."""
        return self.transfer if type(self.transfer) is str else str(run.session.notes.get("number") or "")

    def _found(self, run: Run, service: dict[str, Any]) -> str | None:
        for name in MAKES:
            run.set(name, service.get(name.partition(".")[2]))
        run.told_now(service)
        if service.get("open") is not True:
            return self.closed or self.otherwise
        if not service.get("number"):
            run.refused(f"transfer {self._service(run)}", Refused("missing"))
            return self.otherwise
        run.session.notes["number"] = str(service["number"])
        return self.enter(run)
