"""What a flow is made of. A verb is a Step with its own file in ivr/verbs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import AfterValidator, Field, PlainValidator, WithJsonSchema

from core.document import DataPath
from core.filemodel import DialledNumber, FileModel, Language, Texts, found, named, problem
from ivr.acts import Input
from ivr.operands import ValueNamed

if TYPE_CHECKING:
    from ivr.run import Run

HANGUP = "hangup"
"""The end that every flow has: `then: hangup`."""
RETURN = "return"
"""`then: return`: back to the flow that called this one; the end of the call where none did."""
ENDS = (HANGUP, RETURN)

Kind = Literal["number", "text", "truth", "date", "time", "moment", "digits", "phone", "unknown"]
"""What a value is, as far as it is known when a flow is loaded. The session holds plain JSON values: a date is the text
`2026-11-23`, a time `16:30`, a moment `2026-11-23T16:30`; digits and phone are texts with a spoken form of
their own."""


class Exit(str):
    """Where a step leads: the name of a step, `hangup` or `return`."""

    __slots__ = ()


class QueueName(str):
    """A queue that must stand in the town's queues."""

    __slots__ = ()


class LanguageName(str):
    """A language that must be one of the flow's."""

    __slots__ = ()


class SkillName(str):
    """A skill that some queue or agent should have."""

    __slots__ = ()


class FlowName(str):
    """A flow that must stand in the town."""

    __slots__ = ()


class AnswerName(str):
    """An answer that must stand in the town's answers."""

    __slots__ = ()


class ServiceName(str):
    """A service that must stand in the town's directory."""

    __slots__ = ()


class HoursName(str):
    """Opening hours that must stand in the town's hours."""

    __slots__ = ()


class LookupName(str):
    """Something that can be looked up: `case`, or a service of the settings."""

    __slots__ = ()


class PromptName(str):
    """A sound file of the town's prompts/ folder, by its name without ending."""

    __slots__ = ()


Named = TypeVar("Named", Exit, QueueName, LanguageName, FlowName, AnswerName, HoursName)


def _written(what: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "minLength": 1, "description": f"The name of {what}."})


def _reads(kind: type[Named], what: str) -> PlainValidator:
    def read(value: Any) -> Named:
        if not isinstance(value, str) or not value:
            raise problem("wrong-type", f"expected the name of {what}, found {found(value)}")
        return kind(value)

    return PlainValidator(read)


To = Annotated[Exit, _reads(Exit, "a step"), _written("a step, hangup or return")]
QueueNamed = Annotated[QueueName, _reads(QueueName, "a queue"), _written("a queue")]
LanguageNamed = Annotated[LanguageName, _reads(LanguageName, "a language"), _written("one of the flow's languages")]
FlowNamed = Annotated[FlowName, _reads(FlowName, "a flow"), _written("a flow")]
AnswerNamed = Annotated[AnswerName, _reads(AnswerName, "an answer"), _written("an answer")]
HoursNamed = Annotated[HoursName, _reads(HoursName, "opening hours"), _written("opening hours")]
SkillNamed = Annotated[str, named("a skill"), AfterValidator(SkillName), _written("a skill")]
LookupNamed = Annotated[str, named("a lookup"), AfterValidator(LookupName), _written("a lookup, such as case")]
PromptNamed = Annotated[
    str,
    named("a sound file, without folder or ending"),
    AfterValidator(PromptName),
    _written("a sound file, without folder or ending"),
]

PARTS = ("answers", "callbacks", "directory", "hours", "lookups", "prompts", "recordings", "sms", "transfers")
"""Parts of a house that it may lack (telephony/parts.py)."""


class Step(FileModel):
    """One step of a flow: what an admin writes under its name, and what it does.

    The engine asks `enter` when the call comes to the step, and `resume` when the answer to its wait is there. Both add
    acts to the run and give the next step's name, or None to wait for the answer to the last act.

    `enter` of a step that waits does nothing but ask: it is called again when another engine takes the call over.
    """

    example: ClassVar[str]
    """Steps in YAML that show the verb, as they stand under `steps:`; the first one is where they start."""
    without: ClassVar[frozenset[str]] = frozenset({"otherwise", "missing", "person"})
    """The exits that are taken without the values that the step makes."""
    needs: ClassVar[str] = ""
    """The part of the house without which the step always takes its failure exit (PARTS), or ''."""

    def enter(self, run: "Run") -> str | None:
        raise NotImplementedError

    def resume(self, run: "Run", given: Input) -> str | None:  # noqa: ARG002 — for those that wait
        """Only for verbs that wait; any input may come, the step asks again when it is not the one it waits for."""
        return self.enter(run)

    def needed(self) -> str:
        """`needs`, where it depends on what the step says."""
        return self.needs

    def makes(self) -> Mapping[str, Kind]:
        """The values that this step gives to the call, by name."""
        return {}


class FlowFile(FileModel):
    """A flow's file, its steps still as they were read."""

    flow: Annotated[str, named("the flow")] = Field(description="The flow's name: small letters, digits, - and _.")
    title: Texts | None = Field(None, description="What people see instead of the name, by language or for all.")
    languages: Annotated[list[Language], Field(min_length=1, max_length=20)] = Field(
        description="The languages it speaks, such as [fr, en]; the first one is for callers of whom nothing is known."
    )
    numbers: list[DialledNumber] = Field(default_factory=list, description="The dialled numbers that start it.")
    parameters: dict[Annotated[str, named("a parameter", r"[a-z][a-z0-9_]{0,39}")], Kind] = Field(
        default_factory=dict, description="What whoever uses it as a sub-flow must give, and of what kind."
    )
    results: list[ValueNamed] = Field(default_factory=list, description="The values that then: return gives back.")
    person: To | None = Field(None, description="The step that 0 leads to, wherever a question is put.")
    start: To = Field(description="The step where it begins.")
    steps: dict[Annotated[str, named("a step")], dict[str, Any]] = Field(description="The steps by their names.")


@dataclass(frozen=True, slots=True)
class Flow:
    """A flow that was read without fault. `languages`: the first one is for callers of whom nothing is known."""

    name: str
    title: str | Mapping[str, str]
    languages: tuple[str, ...]
    numbers: tuple[str, ...]
    start: str
    steps: Mapping[str, Step]
    parameters: Mapping[str, Kind] = field(default_factory=dict)
    results: tuple[str, ...] = ()
    person: str = ""
    town: Mapping[str, "Flow"] = field(default_factory=dict, repr=False, compare=False)
    """All flows by name, for sub-flows."""


def parts(value: Any, path: DataPath = ()) -> Iterator[tuple[DataPath, Any]]:
    """Every value in a step with the way to it: exits, texts, conditions, names of queues, … Of the keys of a group,
    those that are names of something (SkillName)."""
    if isinstance(value, FileModel):
        for key, name in type(value).file_keys().items():
            yield from parts(getattr(value, name), (*path, key))
    elif isinstance(value, dict):
        for key, each in value.items():
            if type(key) is not str:
                yield (*path, key), key
            yield from parts(each, (*path, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from parts(each, (*path, index))
    else:
        yield path, value
