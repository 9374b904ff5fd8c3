"""Queue files, read and held against each other."""

from collections.abc import Collection, Mapping
from pathlib import PurePath
from types import MappingProxyType

from core.files import Faults
from core.validation import read_model
from core.yamlfile import parse_yaml
from queues.checking import QueuesView, QueueView
from queues.definition import Queue
from queues.rules import check_queues


def load_queues(
    sources: Mapping[str, bytes],
    faults: Faults,
    *,
    hours: Collection[str] | None = None,
    answers: Collection[str] | None = None,
) -> Mapping[str, Queue]:
    """The queues in files, by the name that is shown of each file. What is wrong is added to the faults. `hours` and
    `answers`: the names of those that the town has; None: not known."""
    views, faulty = read_queues(sources, faults)
    check_queues(QueuesView(views, faulty, hours, answers), faults)
    return MappingProxyType({name: view.queue for name, view in views.items()})


def read_queues(sources: Mapping[str, bytes], faults: Faults) -> tuple[dict[str, QueueView], set[str]]:
    """Each by itself, and the names of the files that have faults."""
    views: dict[str, QueueView] = {}
    faulty: set[str] = set()
    for file in sorted(sources):
        before = len(faults.found)
        document = parse_yaml(sources[file], file, faults)
        queue = read_model(Queue, document, faults) if document else None
        if document is None or queue is None or len(faults.found) > before:
            faulty.add(PurePath(file).stem)
            continue
        if queue.name in views:
            message = f"the queue {queue.name} stands in {views[queue.name].document.file} already"
            faults.add(document.place(("queue",)), message, "duplicate-queue")
            continue
        views[queue.name] = QueueView(queue, document)
    return views, faulty
