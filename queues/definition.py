"""Queue files: what a queue is called, whom it asks for, how long a phone rings."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

from pydantic import Field

from core.filemodel import Duration, FileModel, Share, Texts, named
from core.files import Faults
from core.validation import read_model
from core.yamlfile import parse_yaml
from queues.model import Skills

Level = Annotated[int, Field(ge=1, le=10)]
Required = dict[Annotated[str, named("a skill")], Level]


class ServiceLevel(FileModel):
    """The share of callers (0 to 1) who are to be answered within so many milliseconds."""

    within: Duration
    target: Share


class Requirement(FileModel):
    """Skills that an agent must have, each at its level or above."""

    skills: Annotated[Required, Field(min_length=1)]


class Queue(FileModel):
    """A queue as its file says. Without `require`, any agent may answer."""

    queue: Annotated[str, named("the queue")]
    title: Texts | None = None
    ring: Duration = 20_000
    wrap_up: Duration = 30_000
    service_level: ServiceLevel | None = None
    require: Annotated[list[Requirement], Field(min_length=1, max_length=1)] | None = None

    @property
    def name(self) -> str:
        return self.queue

    @property
    def ring_ms(self) -> int:
        """How long an agent's phone rings before the next one is tried."""
        return self.ring

    @property
    def wrap_up_ms(self) -> int:
        """The agent's time for notes after a conversation."""
        return self.wrap_up

    def required_with(self, skills: Skills) -> dict[str, int]:
        """What an agent needs for a caller who asks for these skills too: the higher level of the two."""
        required = dict(self.require[0].skills) if self.require else {}
        for skill, level in skills.items():
            required[skill] = max(level, required.get(skill, 0))
        return required


def load_queues(sources: Mapping[str, bytes], faults: Faults) -> Mapping[str, Queue]:
    """The queues in files, by the name that is shown of each file. What is wrong is added to the faults."""
    queues: dict[str, Queue] = {}
    files: dict[str, str] = {}
    for file in sorted(sources):
        before = len(faults.found)
        document = parse_yaml(sources[file], file, faults)
        queue = read_model(Queue, document, faults) if document else None
        if document is None or queue is None or len(faults.found) > before:
            continue
        if queue.name in queues:
            message = f"the queue {queue.name} stands in {files[queue.name]} already"
            faults.add(document.place(("queue",)), message, "duplicate-queue")
            continue
        queues[queue.name], files[queue.name] = queue, file
    return MappingProxyType(queues)
