"""One turn of a call while it is being made: what verbs may see and do."""

from typing import Any

from ivr.acts import Act, Digits, Enqueue, Gather, Prompt, Say
from ivr.model import Flow
from ivr.session import Session, Value
from ivr.text import Text, value_of

Fact = tuple[str, dict[str, Any]]
"""The kind and the data of an event (core.events)."""


class Run:
    """Handed to the verbs. They add acts, and facts for the event stream, and read and set the call's values."""

    __slots__ = ("acts", "flow", "happened", "session")

    def __init__(self, flow: Flow, session: Session) -> None:
        self.flow = flow
        self.session = session
        self.acts: list[Act] = []
        self.happened: list[Fact] = []

    def say(self, text: Text) -> None:
        self.acts.append(Say((self._prompt(text),)))

    def gather(self, text: Text, digits: Digits) -> None:
        self.acts.append(Gather((self._prompt(text),), digits))

    def enqueue(self, queue: str, skills: dict[str, int], priority: int) -> None:
        self.acts.append(Enqueue(queue, skills, priority))

    def value(self, name: str) -> Value:
        return value_of(self.session, name)

    def set(self, name: str, value: Value) -> None:
        self.session.variables[name] = value

    def chose(self, digits: str, choice: str) -> None:
        """The caller keyed something in, or nothing, and it led to `choice` ('' where they are asked again)."""
        self.happened.append(("call.chose", {"step": self.session.step, "digits": digits, "choice": str(choice)}))

    def _prompt(self, text: Text) -> Prompt:
        language = self.session.language
        return Prompt(text.in_language(language).fill(self.session, self._missing), language)

    def _missing(self, name: str) -> None:
        self.happened.append(("call.lacked", {"step": self.session.step, "name": name}))
