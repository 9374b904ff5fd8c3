"""One turn of a call while it is being made: what verbs may see and do."""

from collections.abc import Mapping
from typing import Any

from ivr.acts import Act, Digits, Gather, Play, Prompt, Refused, Say
from ivr.model import Flow
from ivr.operands import ValueName
from ivr.session import MOST_CHOICES, Session, Value
from ivr.text import Text, value_of

Fact = tuple[str, dict[str, Any]]
"""The kind and the data of an event (core.events)."""

LONGEST_KEPT = 64
"""Of what the caller keyed in, at most so much goes into an event."""


class Run:
    """Handed to the verbs. They add acts, and facts for the event stream, and read and set the call's values."""

    __slots__ = ("acts", "happened", "outermost", "session", "steps")

    def __init__(self, flow: Flow, session: Session) -> None:
        self.outermost = flow
        self.session = session
        self.acts: list[Act] = []
        self.steps: list[str] = []
        """The step of each act."""
        self.happened: list[Fact] = []

    @property
    def flow(self) -> Flow | None:
        """The flow that the call is in; None where it has gone from the town."""
        session = self.session
        return self.outermost.town.get(session.inside) if session.frames else self.outermost

    # --- acts -----------------------------------------------------------------------------------------------------

    def do(self, act: Act) -> None:
        self.acts.append(act)
        self.steps.append(self.session.place)

    def say(self, text: Text, *, interruptible: bool = True) -> None:
        self.do(Say(self.prompts(text), interruptible))

    def play(self, file: str, text: Text | None, *, interruptible: bool = True) -> None:
        prompts = self.prompts(text) if text else ()
        self.do(Play(file, self.session.language, prompts, interruptible))

    def gather(self, prompts: tuple[Prompt, ...], digits: Digits) -> None:
        self.do(Gather(prompts, digits))

    def prompts(self, text: Text) -> tuple[Prompt, ...]:
        """The text in the call's language, its pieces in other languages apart."""
        return text.prompts(self.session, self._missing)

    def message(self, text: Text) -> Prompt:
        """The text in the call's language, to be read."""
        return text.read(self.session, self._missing)

    # --- values ---------------------------------------------------------------------------------------------------

    def value(self, name: str) -> Value:
        return value_of(self.session, name)

    def handed(self, given: Mapping[str, str | int | float | bool]) -> dict[str, Value]:
        """What a step's `with` comes to (ivr/operands.py)."""
        return {
            name: self.value(operand) if isinstance(operand, ValueName) else operand for name, operand in given.items()
        }

    def set(self, name: str, value: Value) -> None:
        self.session.variables[name] = value

    def told_now(self, values: Mapping[str, Value]) -> None:
        """Whoever knows opening hours says what time it is there (`now`): moments are spoken from there on."""
        self.session.now = str(values.get("now") or "")

    # --- sub-flows ------------------------------------------------------------------------------------------------

    def call(self, flow: str, parameters: Mapping[str, Value]) -> str:
        """Go into another flow; gives its first step. The engine sees to what is wrong with it."""
        session = self.session
        session.frames.append({"flow": str(flow), "step": session.step, "variables": session.variables})
        session.variables = {"dialled": session.variables.get("dialled"), **parameters}
        called = self.flow
        return called.start if called else ""

    # --- events ---------------------------------------------------------------------------------------------------

    def tell(self, kind: str, **data: Value) -> None:
        """`step` is added."""
        self.happened.append((kind, {"step": self.session.place, **data}))

    def chose(self, digits: str, choice: str) -> None:
        """The caller keyed something in, or nothing, and it led to `choice` ('' where they are asked again)."""
        chosen = {"step": self.session.place, "digits": digits[:LONGEST_KEPT], "choice": str(choice)}
        self.session.choices = [*self.session.choices, chosen][-MOST_CHOICES:]
        self.tell("call.chose", digits=chosen["digits"], choice=chosen["choice"])

    def refused(self, act: str, refused: Refused) -> None:
        """What the step asked for was not done. `act`: what it was, and of what (`lookup case`)."""
        self.tell("call.refused", act=act, reason=refused.reason)

    def _missing(self, name: str) -> None:
        self.tell("call.lacked", name=name)
