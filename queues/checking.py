"""The queues of a town as the checker's rules look at them, and what a rule is (queues/rules/)."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from core.document import Document
from core.finding import Finding
from queues.definition import Queue
from queues.overflow.rules import Overflow


@dataclass(frozen=True, slots=True)
class QueueView:
    """One queue that was read without fault, and its file. `inside`: where it stands in that file."""

    queue: Queue
    document: Document
    inside: tuple[str | int, ...] = ()


@dataclass(frozen=True, slots=True)
class QueuesView:
    """All queues of a town by name. Names that are None are not known: nothing is said of them."""

    queues: Mapping[str, QueueView]
    faulty: Collection[str] = ()
    """Queues that are there and have faults: nothing is said of who names them."""
    hours: Collection[str] | None = None
    answers: Collection[str] | None = None

    def rules(self) -> Iterator[tuple[QueueView, int, Overflow]]:
        """Every overflow rule with its place in its queue's list."""
        for view in self.queues.values():
            for place, rule in enumerate(view.queue.overflow):
                yield view, place, rule


Found = Iterator[tuple[QueueView, Finding]]
"""Paths are those inside the queue."""


Example = Mapping[str, str]
"""Queue files by name. The town has the hours `mairie` and the answer `acte-de-naissance`."""


class QueueRule:
    """Each is one file in queues/rules, which has the rule's name. Its docstring says in one sentence what is asked."""

    good: ClassVar[Example]
    bad: ClassVar[Example]

    def look(self, town: QueuesView) -> Found:
        raise NotImplementedError
