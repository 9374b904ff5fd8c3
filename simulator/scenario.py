"""Scenario files: which queues, who calls them and when, who answers, and how long it is all watched."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from core.document import Document
from core.filemodel import Duration, FileModel, Share, named, nearest, problem
from core.files import Faults, shown
from core.validation import read_model
from core.yamlfile import parse_yaml, read_source
from queues.checking import QueuesView, QueueView
from queues.definition import Queue
from queues.load import read_queues
from queues.overflow.rules import Choice
from queues.rules import check_queues

HOUR_MS = 3_600_000
MOST_AGENTS = 20_000
MOST_CALLS = 5_000_000
"""Of one replication, so that a slip of the pen does not fill the memory."""

Level = Annotated[int, Field(ge=1, le=10)]
Skills = dict[Annotated[str, named("a skill")], Level]
PerHour = Annotated[float, Field(ge=0, le=1_000_000)]


class Lasting(FileModel):
    """How long something lasts: drawn at random with this mean. `deviation` belongs to log-normal alone."""

    mean: Annotated[Duration, Field(ge=1)]
    shape: Literal["exponential", "log-normal", "constant"] = "exponential"
    deviation: Annotated[Duration, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _deviates(self) -> "Lasting":
        if (self.shape == "log-normal") != (self.deviation is not None):
            told = "log-normal needs a deviation" if self.deviation is None else f"{self.shape} takes no deviation"
            raise problem("deviation", told, ("shape",) if self.deviation is None else ("deviation",))
        return self


class Since(FileModel):
    """From this time on, so many calls an hour."""

    since: Duration
    per_hour: PerHour


class Arrivals(FileModel):
    """When calls come: at random, with a rate that is always the same, changes by the hour, or is told in a table."""

    per_hour: PerHour | None = None
    by_hour: Annotated[list[PerHour], Field(min_length=1, max_length=24)] | None = None
    table: Annotated[list[Since], Field(min_length=1, max_length=288)] | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> "Arrivals":
        if sum(each is not None for each in (self.per_hour, self.by_hour, self.table)) != 1:
            raise problem("arrivals", "expected one of per_hour, by_hour and table")
        times = [row.since for row in self.table or ()]
        for index in range(1, len(times)):
            if times[index] <= times[index - 1]:
                raise problem("arrivals", "expected a later time than in the row before", ("table", index, "since"))
        return self

    def rates(self, horizon: int) -> list[tuple[int, int, float]]:
        """From, until (ms) and calls an hour, up to the horizon. After the last hour of `by_hour` nobody calls."""
        if self.table is not None:
            steps = [(row.since, row.per_hour) for row in self.table]
        elif self.by_hour is not None:
            steps = [(hour * HOUR_MS, rate) for hour, rate in enumerate([*self.by_hour, 0.0])]
        else:
            steps = [(0, self.per_hour or 0.0)]
        ends = [min(since, horizon) for since, _ in steps[1:]] + [horizon]
        return [(since, end, rate) for (since, rate), end in zip(steps, ends, strict=True) if since < end]


class Callers(FileModel):
    """People who call for the same thing. Without `patience` they wait however long it takes. `accepts`: which share of
    those whom an overflow rule offers it take the way out: callback, voicemail or end."""

    queue: str
    arrive: Arrivals
    talk: Lasting
    patience: Lasting | None = None
    skills: Skills = Field(default_factory=dict)
    priority: Annotated[int, Field(ge=-100, le=100)] = 0
    accepts: dict[Choice, Share] = Field(default_factory=dict)


class Shift(FileModel):
    """From and until when, after the beginning."""

    since: Duration
    until: Duration

    @model_validator(mode="after")
    def _ends_later(self) -> "Shift":
        if self.until <= self.since:
            raise problem("shift", "a shift ends after it begins", ("until",))
        return self


class Agents(FileModel):
    """People who answer alike, or one who has that very name. Without `shifts` they are always there. `picks_up`: how
    long it rings until they answer; `misses`: the share of offers that they let ring; when that makes them not
    responding, they click after `away`."""

    agents: Annotated[str, named("these agents")]
    count: Annotated[int, Field(ge=1, le=MOST_AGENTS)]
    skills: Skills = Field(default_factory=dict)
    shifts: Annotated[list[Shift], Field(min_length=1, max_length=24)] | None = None
    picks_up: Lasting | None = None
    misses: Share = 0.0
    away: Annotated[Duration, Field(ge=1)] = 300_000

    @property
    def names(self) -> list[str]:
        return (
            [self.agents] if self.count == 1 else [f"{self.agents}-{number:05}" for number in range(1, self.count + 1)]
        )


class ScenarioFile(FileModel):
    """A scenario as its file says. `town`: a folder with `queues/*.yaml`, seen from the scenario's own folder.
    `estimates`: each caller's wait is estimated on arrival and held against what it was; without it, only what queues
    announce is."""

    simulation: Annotated[str, Field(min_length=1, max_length=200)]
    town: str | None = None
    queues: list[Queue] = Field(default_factory=list)
    callers: Annotated[list[Callers], Field(min_length=1, max_length=500)]
    agents: Annotated[list[Agents], Field(min_length=1, max_length=500)]
    horizon: Annotated[Duration, Field(ge=1)]
    warm_up: Duration = 0
    starts: str = "00:00"
    estimates: bool = False
    seed: Annotated[int, Field(ge=0, le=2**63 - 1)] = 1
    replications: Annotated[int, Field(ge=2, le=1000)] = 10

    @model_validator(mode="after")
    def _fits(self) -> "ScenarioFile":
        if self.warm_up >= self.horizon:
            raise problem("warm-up", "the warm-up ends before the horizon", ("warm_up",))
        expected = sum(
            rate * (end - since) for each in self.callers for since, end, rate in each.arrive.rates(self.horizon)
        )
        if expected / HOUR_MS > MOST_CALLS:
            raise problem("too-many-calls", f"expected at most {MOST_CALLS:,} calls up to the horizon", ("callers",))
        hours, _, minutes = self.starts.partition(":")
        if not (len(self.starts) == 5 and hours.isdecimal() and minutes.isdecimal() and int(hours) < 24
                and int(minutes) < 60):  # fmt: skip
            raise problem("time", "expected a time such as 08:30", ("starts",))
        return self


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario without fault, with the queues that its callers name."""

    file: ScenarioFile
    queues: Mapping[str, Queue]


def load_scenario(path: Path, faults: Faults) -> Scenario | None:
    """The scenario in a file; None with faults where something is wrong."""
    raw = read_source(path, faults)
    document = parse_yaml(raw, shown(path), faults) if raw is not None else None
    file = read_model(ScenarioFile, document, faults) if document else None
    if document is None or file is None:
        return None
    queues = _queues(path, file, document, faults)
    if not faults.found:
        _check_callers(file, queues, document, faults)
    _check_names(file.agents, document, faults)
    return None if faults.found else Scenario(file, _reached(file.callers, queues))


def _queues(path: Path, file: ScenarioFile, document: Document, faults: Faults) -> dict[str, Queue]:
    """The town's queues, and the scenario's own beside them."""
    views: dict[str, QueueView] = {}
    faulty: set[str] = set()
    if file.town is not None:
        folder = path.parent / file.town / "queues"
        if not folder.is_dir():
            faults.add(document.place(("town",)), f"there is no folder {shown(folder)}", "unreadable")
        sources = {shown(each): read_source(each, faults) for each in sorted(folder.glob("*.yaml"))}
        views, faulty = read_queues({name: raw for name, raw in sources.items() if raw is not None}, faults)
    for index, queue in enumerate(file.queues):
        if queue.name in views:
            message = f"the queue {queue.name} is there already"
            faults.add(document.place(("queues", index, "queue")), message, "duplicate-queue")
        views[queue.name] = QueueView(queue, document, ("queues", index))
    check_queues(QueuesView(views, faulty), faults)
    return {name: view.queue for name, view in views.items()}


def _reached(callers: Sequence[Callers], queues: Mapping[str, Queue]) -> dict[str, Queue]:
    """The queues that somebody calls, and those that overflow leads on to."""
    reached = dict.fromkeys(each.queue for each in callers)
    line = list(reached)
    for name in line:
        for rule in queues[name].overflow:
            for other in (rule.move, rule.widen):
                if isinstance(other, str) and other not in reached:
                    reached[other] = None
                    line.append(other)
    return {name: queues[name] for name in queues if name in reached}


def _check_callers(file: ScenarioFile, queues: Mapping[str, Queue], document: Document, faults: Faults) -> None:
    """Each queue is there, and one that is answered by its members alone has some."""
    names = {name for agents in file.agents for name in agents.names}
    for index, callers in enumerate(file.callers):
        queue, place = queues.get(callers.queue), document.place(("callers", index, "queue"))
        if queue is None:
            message = f"no queue is called {callers.queue[:60]}{nearest(callers.queue, sorted(queues))}"
            faults.add(place, message, "unknown-queue")
        elif queue.members and not names & set(queue.members):
            message = f"only members answer here, and none of the agents is one: {', '.join(list(queue.members)[:5])}"
            faults.add(place, message, "no-member")


def _check_names(agents: Sequence[Agents], document: Document, faults: Faults) -> None:
    seen: set[str] = set()
    for index, each in enumerate(agents):
        if each.agents in seen:
            message = f"the agents {each.agents} are there already"
            faults.add(document.place(("agents", index, "agents")), message, "duplicate-agents")
        seen.add(each.agents)
    if sum(each.count for each in agents) > MOST_AGENTS:
        faults.add(document.key_place(("agents",)), f"expected at most {MOST_AGENTS:,} agents", "too-many-agents")
