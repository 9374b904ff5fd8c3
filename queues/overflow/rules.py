"""Overflow rules and announcements, as a queue's file says them."""

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema, model_validator

from core.filemodel import DialledNumber, Duration, FileModel, Texts, found, named, problem
from queues.overflow.conditions import QueueCondition

CHOICES = ("callback", "voicemail", "end")
"""Ways out of a line that a caller may be given: flows name the same words as exits of their `queue` step."""
LEAST_BETWEEN_MS = 15_000
"""Between two announcements to one caller (FIELD)."""
MOST_RULES = 30
MOST_RAISED = 100
MOST_STEPS = 10
"""Of a requirement."""

Choice = Literal["callback", "voicemail", "end"]
QueueNamed = Annotated[str, named("a queue")]
_QUEUE = re.compile(r"[a-z][a-z0-9_-]{0,49}")


def _read_key(value: Any) -> Any:
    if not isinstance(value, str) or not re.fullmatch("[0-9]", value):
        raise problem("key", f"expected a key from 0 to 9, found {found(value)}")
    return value


Key = Annotated[str, BeforeValidator(_read_key), WithJsonSchema({"type": "string", "pattern": "^[0-9]$"})]


def _read_wider(value: Any) -> str | int:
    if isinstance(value, str) and _QUEUE.fullmatch(value):
        return value
    match value:
        case {"step": int() as step} if len(value) == 1 and step is not True and 1 <= step <= MOST_STEPS:
            return step
    raise problem("widen", f"expected the name of a queue, or a step such as {{step: 2}}, found {found(value)}")


Wider = Annotated[
    str | int,
    PlainValidator(_read_wider),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": f"^{_QUEUE.pattern}$"},
                {
                    "type": "object",
                    "properties": {"step": {"type": "integer", "minimum": 1, "maximum": MOST_STEPS}},
                    "required": ["step"],
                    "additionalProperties": False,
                },
            ]
        }
    ),
]
"""A queue whose people are added, or how many of the queue's own steps begin at once."""

ACTIONS = ("say", "offer", "widen", "raise", "move", "then", "sms", "transfer")
"""By their keys; `say` may stand beside any other."""
TAKING_AWAY = frozenset({"move", "then", "transfer"})
"""After them the rules below are not looked at: the caller is not in this line any more, unless it is refused."""
ONCE_IS_ENOUGH = frozenset({"widen", "move"})


class Overflow(FileModel):
    """What is done for a caller when something holds. Rules are looked at when a caller comes and while they wait,
    from the first to the last; one rule is followed at a time, and those below it then. Nobody is sent anywhere whom an
    agent can take at once. Whose transfer or callback is refused waits on, and the rules below are looked at.

    A rule is followed when its condition begins to hold; with `once: true` at most once for each caller, with `every:
    2m` again and again while it holds. `until` keeps a condition that began to hold: `when: expected_wait > 10m`,
    `until: expected_wait < 7m` does not waver around ten minutes. After `cooldown` only, the next caller's turn comes:
    a line is not emptied at one stroke."""

    when: QueueCondition
    until: QueueCondition | None = None
    once: bool = False
    every: Annotated[Duration, Field(ge=LEAST_BETWEEN_MS)] | None = None
    cooldown: Annotated[Duration, Field(ge=1)] | None = None
    say: Texts | None = Field(None, description="what the caller hears; beside `offer`, instead of its own words")
    offer: Annotated[dict[Key, Choice], Field(min_length=1)] | None = Field(
        None, description="keys that the caller may press from now on, and what each leads to: callback, voicemail, end"
    )
    widen: Wider | None = Field(
        None, description="a queue whose people may be asked too, or {step: 2}: a later step of this queue at once"
    )
    raise_: Annotated[int, Field(ge=1, le=MOST_RAISED)] | None = Field(
        None, alias="raise", description="added to the caller's priority, which counts like so many minutes waited"
    )
    move: QueueNamed | None = Field(None, description="another queue, where the caller keeps the time waited so far")
    fresh: bool = Field(False, description="beside `move`: the caller begins anew there, at the end of the line")
    then: Choice | None = Field(None, description="callback, voicemail or end (a polite word, and the call is over)")
    sms: Annotated[str, named("an answer")] | None = Field(
        None, description="an answer of the town, which the caller gets as a text message, and waits on"
    )
    transfer: DialledNumber | None = Field(
        None, description="a number outside, if the settings allow it; else the caller waits on"
    )

    @model_validator(mode="after")
    def _does_one_thing(self) -> "Overflow":
        found = self.actions
        if not found:
            raise problem("no-action", f"expected what is to be done: one of {', '.join(ACTIONS)}")
        if len(found) > 2 or (len(found) == 2 and found[0] != "say"):
            first = next(each for each in found if each != "say")
            told = f"{first} is done here already: make one rule for each; only say stands beside another"
            raise problem("two-actions", told, (found[-1],))
        if self.once and self.every is not None:
            raise problem("once-or-every", "a rule is followed once or every so often, not both", ("every",))
        if self.every is not None and self.action in ONCE_IS_ENOUGH:
            raise problem("once-or-every", f"{self.action} again would change nothing", ("every",))
        if self.fresh and self.move is None:
            raise problem("fresh", "fresh says how a caller is moved: it stands beside move", ("fresh",))
        return self

    @property
    def actions(self) -> list[str]:
        """The keys of what it does, `say` first."""
        return [name for name in ACTIONS if getattr(self, "raise_" if name == "raise" else name) is not None]

    @property
    def action(self) -> str:
        """The key of what it does; `say` where it does nothing else."""
        return self.actions[-1]


class Announce(FileModel):
    """What a waiting caller is told of the wait: `position` in line, `wait`: how long it will probably be, as an
    interval and only where enough is known. `every`: how often, 15 s at least."""

    position: bool = False
    wait: bool = False
    every: Annotated[Duration, Field(ge=LEAST_BETWEEN_MS)] = 60_000

    @model_validator(mode="after")
    def _tells_something(self) -> "Announce":
        if not self.position and not self.wait:
            raise problem("announce", "expected position: true, wait: true or both")
        return self
