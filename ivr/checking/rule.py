"""A rule of the checker: what it looks at, and how it tells what it found."""

from collections.abc import Iterator, Mapping
from typing import ClassVar, Protocol

from core.document import Document
from core.finding import Finding as Finding
from ivr.checking.town import TownView
from ivr.checking.view import FlowView


class InFile(Protocol):
    """What a finding is about: a flow, an answer, a service."""

    @property
    def document(self) -> Document: ...


Example = str | Mapping[str, str]
"""Steps of one flow as they stand under `steps:`, the first one is the start; or those of several flows by name. The
flows speak fr and en, and the first one has the number 3939; the town has the queue `accueil`, which asks for the
skill `accueil`. A name such as `answers/acte` or `directory/ccas` stands for a whole file of the town."""


class Rule:
    """Each is one file in ivr/rules, which has the rule's name. Its docstring says in one sentence what is asked."""

    advice: ClassVar[bool] = False
    """Callers are served all the same: told by `check` alone. Otherwise a fault, and the flow is never played."""
    good: ClassVar[Example]
    bad: ClassVar[Example]


class FlowRule(Rule):
    """Looks at one flow. A rule for faults must bear a flow of which some steps could not be read (`view.whole`)."""

    def look(self, view: FlowView) -> Iterator[Finding]:
        raise NotImplementedError


class TownRule(Rule):
    """Looks at all flows together, and at answers and services: those without faults of their own."""

    def look(self, town: TownView) -> Iterator[tuple[InFile, Finding]]:
        raise NotImplementedError
