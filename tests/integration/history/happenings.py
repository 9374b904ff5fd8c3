"""Whatever may happen to a few calls, drawn by hypothesis: messages and calls back, events that were lost, moves after
a rule, agents who consult, callers who speak for somebody else."""

from itertools import count
from typing import Any

from hypothesis import strategies as some

from core.events import Event
from tests.integration.history.helping import RULES

DAY_MS = 86_400_000
FIRST_DAY = 1_795_392_000_000
CALLERS = ("", "0612345601", "0612345602", "0612345603")
PEOPLE = ("", "somebody", RULES.pseudonyms.person("+33612345601"))
QUEUES = ("voirie", "accueil")
REASONS = (
    *("abandoned", "lost", "choice", "digit", "voicemail", "callback", "end", "transferred", "closed", "returned"),
    *("caller_hung_up", "no_answer"),
)
SETBACKS = ("no_answer", "busy", "unreachable", "expired", "agent_left", "answered_elsewhere", "returned")
BEGINNINGS = (10 * 3_600_000, DAY_MS - 90_000, DAY_MS, DAY_MS + 9 * 3_600_000, 2 * DAY_MS - 1)
"""After the first day began: two days, and what happens across midnight."""
SPANS = (0, 1, 999, 4_000, 31_000, 61_000, 700_000)


class Happening:
    """One call, as far as it was drawn."""

    def __init__(self, draw: Any, call: str) -> None:
        self.draw, self.call = draw, call
        self.now = FIRST_DAY + draw(some.sampled_from(BEGINNINGS))
        self.agent = f"agent-{call}"
        self.state = "idle"
        self.events: list[Event] = []
        self._ids, self._offers, self.entries = count(1), count(1), count(1)

    def one_of(self, *things: Any) -> Any:
        return self.draw(some.sampled_from(things))

    def now_and_then(self, often: int = 3) -> bool:
        return bool(self.draw(some.integers(0, often)) == often)

    def tell(self, kind: str, /, **data: Any) -> None:
        """Told a while after what was told before; one event in some twenty is lost."""
        self.now += self.one_of(*SPANS)
        if not self.now_and_then(20) or kind in ("call.arrived", "agent.state"):
            self.events.append(Event(f"{self.call}-{next(self._ids):03d}", kind, self.now, self.call, data))

    def moves(self, state: str) -> None:
        self.now += 1
        data = {"agent": self.agent, "from": self.state, "to": state, "cause": "x"}
        self.events.append(Event(f"{self.call}-{next(self._ids):03d}", "agent.state", self.now, "", data))
        self.state = state

    def offer(self) -> str:
        return f"{self.call}-o{next(self._offers)}"


@some.composite
def happenings(draw: Any) -> list[Event]:
    """The events of a few calls, each in its order."""
    return [event for number in range(draw(some.integers(1, 4))) for event in _call(Happening(draw, f"c{number}"))]


def _call(it: Happening) -> list[Event]:
    it.tell("call.arrived", number=it.one_of(*CALLERS), dialled="3939", flow="accueil", version="1",
            medium=it.one_of(None, None, "callback"))  # fmt: skip
    if it.now_and_then():
        it.tell("call.answered", step="acte", answer="acte", solved=it.one_of(True, False, None))
    if it.now_and_then(6):
        it.tell("call.refused", act="queue voirie", reason="closed", step="conseiller")
    entries = [_entered(it) for _ in range(it.one_of(0, 1, 1, 1, 2))]
    for entry in entries:
        if entry["kind"] == "call":
            _waits(it, entry)
    if it.now_and_then(6):
        it.tell("call.transferred", number="1", seconds=3, service="ccas")
    it.tell("call.ended", reason=it.one_of("caller_hung_up", "flow_ended", "failed"), step="", path=[])
    for entry in entries:
        if entry["kind"] != "call":
            _waits(it, entry)
    _afterwards(it)
    return it.events


def _entered(it: Happening) -> dict[str, Any]:
    entry = {"entry": f"{it.call}-e{next(it.entries)}", "queue": it.one_of(*QUEUES),
             "kind": it.one_of("call", "call", "call", "voicemail", "callback", "consult")}  # fmt: skip
    it.tell("entry.entered", **entry, since=it.now - it.one_of(0, 0, 30_000), priority=0, requirement=[])
    return entry


def _waits(it: Happening, entry: dict[str, Any]) -> None:
    about = {"entry": entry["entry"], "queue": entry["queue"]}
    if it.now_and_then(1):
        _told(it, about)
    for _ in range(it.one_of(0, 0, 1, 2, 3)):
        match it.one_of("moved", "then", "offer", "back", "missed", "told"):
            case "moved":
                _moved(it, about)
            case "then" | "offer" as action:
                it.tell("entry.overflowed", **about, rule="voirie/1", action=action)
            case "back":
                it.tell("entry.back", **about)
            case "missed":
                first, beside = it.offer(), it.offer()
                it.tell(
                    "entry.offered", **about, agent="noor", offer=first, beside=[{"agent": "sacha", "offer": beside}]
                )
                for offer, agent in ((first, "noor"), (beside, "sacha")):
                    it.tell("entry.withdrawn", **about, agent=agent, offer=offer, reason=it.one_of(*SETBACKS))
            case _:
                _told(it, about)
    match it.one_of("spoke", "spoke", "left", "nothing"):
        case "spoke":
            _speaks(it, about)
        case "left":
            it.tell("entry.left", **about, reason=it.one_of(*REASONS), waited_ms=it.one_of(*SPANS))


def _moved(it: Happening, about: dict[str, Any]) -> None:
    former, about["queue"] = about["queue"], it.one_of(*QUEUES)
    it.tell("entry.moved", **about, **{"from": former}, reason=it.one_of("moved", "overflow"),
            since=it.one_of(None, it.now - 50_000), waited_ms=it.one_of(*SPANS))  # fmt: skip


def _told(it: Happening, about: dict[str, Any]) -> None:
    least, most = it.one_of((0, 1), (1, 2), (3, 8), (10, 0))
    foretold = it.one_of({}, {"expected_ms": 150_000}, {"expected_ms": 1_000_000})
    it.tell("entry.announced", **about, **it.one_of({"position": 2}, {"from_min": least, "to_min": most, **foretold}))


def _speaks(it: Happening, about: dict[str, Any]) -> None:
    for _ in range(it.one_of(1, 1, 2)):
        with_agent = {**about, "agent": it.agent, "offer": it.offer()}
        it.tell("entry.offered", **with_agent)
        it.tell("entry.answered", **with_agent, waited_ms=it.one_of(*SPANS))
        it.moves("talking")
        if it.now_and_then():
            it.moves("hold")
            it.now += it.one_of(*SPANS)
            it.moves("talking")
        if not it.now_and_then():
            break
        it.tell("entry.interrupted", **with_agent, talk_ms=it.one_of(*SPANS))
        it.moves("idle")
        if it.now_and_then():
            _moved(it, about)
    else:
        it.tell("entry.left", **about, reason=it.one_of("abandoned", "returned"), waited_ms=7)
        return
    if it.now_and_then(5):
        it.tell("entry.handed_over", **about, agent=it.agent, former=f"{it.call}-e1")
    it.tell("entry.finished", **about, agent=it.agent, talk_ms=it.one_of(*SPANS))
    it.moves("wrap_up")
    it.now += it.one_of(*SPANS)
    it.moves("idle")


def _afterwards(it: Happening) -> None:
    by = {"author": "camille"}
    if it.now_and_then(1):
        it.tell("contact.coded", **by, topic=it.one_of("", "cantine", "acte"), settled=it.one_of(True, False, None))
    if it.now_and_then(5):
        it.tell("contact.reoriented", **by, came_from="queue:voirie", sent_to="queue:accueil", cause="flow", step="s")
    if it.now_and_then():
        it.tell("contact.spoke_for", **by, person=it.one_of(*PEOPLE), relation="relative")
    if it.now_and_then(1):
        promise = f"p-{it.call}"
        it.tell("promise.made", **by, promise=promise, kind=it.one_of("callback", "callback", "send"), queue="voirie",
                due_from=it.now, due_until=it.now + 600_000)  # fmt: skip
        for _ in range(it.one_of(0, 1, 4)):
            it.tell("promise.tried", promise=promise, reason="no_answer")
        for _ in range(it.one_of(0, 1, 1, 2)):
            it.tell("promise.ended", **by, promise=promise, outcome=it.one_of("kept", "kept", "broken"), contact="")
