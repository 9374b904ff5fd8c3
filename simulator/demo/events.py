"""Lives as the events that the stream would have brought."""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import count as counting
from typing import Any

from core.events import Event
from history.projection import subject_of
from queues.estimate import interval
from simulator.demo.lives import NOBODY, REASONS, RING_MS, Lives
from simulator.demo.people import MATTERS
from simulator.demo.rows import ASTERISK, DIALLED, FLOW, MISSED_AFTER_MS, VERSION, Rows, agent_name, case_number


def events_of(lives: Lives, first: int, phones: Sequence[str]) -> Iterator[Event]:
    """All events of these lives, each life's in their order; `first` and `phones` as for contact_rows."""
    columns = (getattr(lives, name).tolist() for name in _READ)
    for count, phone, *life in zip(range(first, first + len(lives)), phones, *columns, strict=True):
        yield from _Life(count, phone, *life).events()


def shifts(agents: Sequence[int], days: Sequence[int], shift: tuple[int, int]) -> Iterator[Event]:
    """Agents who come and go, as change_rows has them."""
    for day in days:
        for agent in agents:
            for at, status in zip(shift, ("available", "offline"), strict=True):
                data = {"agent": agent_name(agent), "status": status, "reason": "", "author": agent_name(agent)}
                yield Event(f"t{day}-{agent}-{status}", "agent.status", day + at, "", data)


def event_rows(events: Iterable[Event]) -> Rows:
    """As the recorder keeps them."""
    return {"event": [(e.id, e.kind, e.at, e.call, subject_of(e), json.dumps(e.data)) for e in events]}


_READ = (
    "started", "person", "matter", "entered", "helped", "closed", "left", "reason", "agent", "answered", "missed",
    "talk", "hold", "wrap_up", "ended", "settled", "noted", "cased", "misled", "told_wait",
)  # fmt: skip


class _Life:
    def __init__(
        self, count: int, phone: str, started: int, person: int, matter: int, entered: int, helped: bool, closed: bool,
        left: int, reason: int, agent: int, answered: int, missed: int, talk: int, hold: int, wrap_up: int, ended: int,
        settled: bool, noted: bool, cased: bool, misled: bool, told_wait: int,
    ) -> None:  # fmt: skip
        self.call, self.count, self.phone, self.started, self.person = (
            f"demo-{count:08d}",
            count,
            phone,
            started,
            person,
        )
        self.matter, self.entered, self.helped, self.closed = MATTERS[matter], entered, helped, closed
        self.left, self.reason, self.missed = left, REASONS[reason], missed
        self.agent, self.answered = agent_name(agent), answered
        self.talk, self.hold, self.wrap_up, self.ended = talk, hold, wrap_up, ended
        self.settled, self.noted, self.cased, self.misled = settled, noted, cased, misled
        self.told_wait = told_wait
        self._ids = counting(1)

    def events(self) -> Iterator[Event]:
        language = "fr" if self.person % 9 else "en"
        yield self._event(
            "call.arrived", self.started, number=self.phone, name="", withheld=not self.phone, dialled=DIALLED,
            flow=FLOW, version=VERSION, language=language, asterisk=ASTERISK, channel=f"PJSIP/trunk-{self.count:08x}",
        )  # fmt: skip
        path = ["bonjour", "ferme"] if self.closed else ["bonjour", "sujet", "merci"]
        if self.helped:
            yield self._event(
                "call.answered", self.ended - 5_000, step="acte", answer=self.matter.topic, solved=self.settled
            )
        if self.entered != NOBODY:
            path = ["bonjour", "sujet", "conseiller", "merci"]
            yield from self._in_line()
        over = "flow_ended" if self.helped or self.closed else "caller_hung_up"
        yield self._event("call.ended", self.ended, reason=over, step=path[-1], path=path, language=language)
        if self.answered != NOBODY:
            yield from self._afterwards()

    def _in_line(self) -> Iterator[Event]:
        entry, queue = f"{self.call}-1", self.matter.queue
        yield self._event(
            "entry.entered", self.entered, entry=entry, queue=queue, since=self.entered, priority=0,
            requirement=[{"skills": {queue: 1}}], strategy="longest-idle", members={}, preferred="", ring_ms=20_000,
        )  # fmt: skip
        if self.told_wait != NOBODY:
            least, most = interval(self.told_wait)
            yield self._event("entry.announced", self.entered, entry=entry, queue=queue, position=1,
                              expected_ms=self.told_wait, from_min=least, to_min=most, longer=False)  # fmt: skip
        if self.answered == NOBODY:
            yield self._event("entry.left", self.left, entry=entry, queue=queue, reason=self.reason,
                              waited_ms=self.left - self.entered)  # fmt: skip
            if self.reason == "callback":
                yield from self._called_back()
            return
        if self.missed != NOBODY:
            yield from self._offered(self.missed, f"{entry}-0")
            refused = self.missed + MISSED_AFTER_MS
            yield self._event("entry.withdrawn", refused, entry=entry, agent=self.agent, offer=f"{entry}-0",
                              reason="no_answer")  # fmt: skip
            yield self._moved(refused, "ringing", "idle", "no_answer")
        yield from self._offered(self.answered - RING_MS, f"{entry}-1")
        yield self._event("entry.answered", self.answered, entry=entry, queue=queue, agent=self.agent,
                          offer=f"{entry}-1", waited_ms=self.answered - self.entered)  # fmt: skip
        yield self._moved(self.answered, "ringing", "talking", "answered")
        if self.hold:
            middle = self.answered + (self.talk - self.hold) // 2
            yield self._moved(middle, "talking", "hold", "held")
            yield self._moved(middle + self.hold, "hold", "talking", "took_back")
        yield self._event("entry.finished", self.ended, entry=entry, queue=queue, agent=self.agent, talk_ms=self.talk)
        yield self._moved(self.ended, "talking", "wrap_up", "finished")
        yield self._moved(self.ended + self.wrap_up, "wrap_up", "idle", "wrapped_up")

    def _offered(self, at: int, offer: str) -> Iterator[Event]:
        entry = f"{self.call}-1"
        yield self._event("entry.offered", at, entry=entry, queue=self.matter.queue, agent=self.agent, offer=offer,
                          waited_ms=at - self.entered, why="")  # fmt: skip
        yield self._moved(at, "idle", "offered", "offered")
        yield self._event("entry.ringing", at + 500, entry=entry, agent=self.agent, offer=offer)
        yield self._moved(at + 500, "offered", "ringing", "ringing")

    def _called_back(self) -> Iterator[Event]:
        promise = f"p{self.count:08d}"
        yield self._event(
            "promise.made", self.left, author="flow", promise=promise, kind="callback", text="", number=self.phone,
            queue=self.matter.queue, due_from=self.left, due_until=self.left + 7_200_000,
        )  # fmt: skip
        reached = self.left + (3_600_000 if self.count % 7 else 9_000_000)
        for attempt in range(1 + self.count % 3):
            yield self._event("promise.tried", self.left + 900_000 * (attempt + 1), promise=promise, reason="no_answer")
        outcome = "kept" if self.count % 5 else "expired"
        yield self._event("promise.ended", reached, author="flow", promise=promise, outcome=outcome)

    def _afterwards(self) -> Iterator[Event]:
        at, matter = self.ended + self.wrap_up // 2, self.matter
        yield self._event("contact.coded", at, author=self.agent, topic=matter.topic, service=matter.service,
                          code="done", settled=self.settled)  # fmt: skip
        case = f"demo-{self.count:08d}" if self.cased else ""
        if case:
            yield self._event(
                "case.opened", self.ended, author=self.agent, case=case, number=case_number(self.count),
                title=f"{matter.topic} {self.count % 1000}", topic=matter.topic, service=matter.service,
                status="open" if self.count % 4 else "in_progress",
            )  # fmt: skip
        if self.noted or case:
            yield self._event("contact.noted", at, author=self.agent, note=f"n{self.count:08d}", case=case,
                              text=matter.notes[self.count % 2], sealed=False)  # fmt: skip
        if self.misled:
            yield self._event("contact.reoriented", self.ended, author=self.agent, came_from=f"queue:{matter.queue}",
                              sent_to="service:departement", cause="flow", step="sujet")  # fmt: skip

    def _moved(self, at: int, before: str, after: str, cause: str) -> Event:
        data = {"agent": self.agent, "from": before, "to": after, "cause": cause}
        return Event(f"{self.call}-e{next(self._ids)}", "agent.state", at, "", data)

    def _event(self, kind: str, at: int, /, **data: Any) -> Event:
        return Event(f"{self.call}-e{next(self._ids)}", kind, at, self.call, data)
