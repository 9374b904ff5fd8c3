"""The citizen's story for the agent's screen, while the call is being offered: one statement, one round trip.

Whose call it is follows, in this order, from the person that the desk names, from what is recorded of this call (an
agent's word, a case number keyed in), and from the number alone. The answer says how sure that is.
"""

from typing import Any, TypedDict

from sqlalchemy.ext.asyncio import AsyncEngine

from core.clock import Clock, wall_clock
from core.text import clean_name
from history.asking import Asker, as_json
from history.days import Zone, machines, midnight
from history.models import Confidence
from history.numbers import read_number
from history.pop_sql import PARTS, statement
from history.readers import make_reader
from history.sealing import Sealing

LIMIT_MS = 1_000
"""An agent who waits longer is better served with an empty screen and the call."""


class Known(TypedDict):
    """A person, as far as they told us."""

    person: str
    """The key."""
    name: str | None
    since: int
    languages: list[str] | None
    preferences: dict[str, Any] | None
    numbers: list[str]


class Pop(TypedDict):
    """JSON data; times in ms since 1970 UTC. Every text in it came from outside and is to be shown as text."""

    confidence: str
    """A Confidence; empty: nobody knows."""
    person: Known | None
    others: list[dict[str, Any]]
    """Further persons met at this number: person, name."""
    this: dict[str, Any] | None
    """This call as recorded so far (a moment behind the stream): flow, dialled, language, started_at, path, choices,
    answers, queue, requirement, waited_ms, case_id, for_person, relation."""
    waiting: dict[str, Any] | None
    """Its stay in line: queue, since, entered_at, offers."""
    waited_ms: int | None
    """Since it was first put in line, until now or until it was answered."""
    today: list[dict[str, Any]]
    """Earlier attempts today of this person or from this number, newest first, the abandoned too: id, started_at,
    queue, outcome, waited_ms, agent."""
    contacts: list[dict[str, Any]]
    """The last ones, newest first: id, started_at, queue, agent, topic, outcome, code, settled, case_id, number,
    confidence, for_somebody (true where another person called for them)."""
    notes: list[dict[str, Any]]
    """The last ones of those contacts: call, at, author, text."""
    cases: list[dict[str, Any]]
    """Open ones: id, number, title, topic, service, status, opened_at, changed_at."""
    promises: list[dict[str, Any]]
    """The last ones: id, call, case_id, kind, text, made_at, due_from, due_until, tries, outcome, ended_at."""


class ScreenPops:
    """The history for the agents' desk. `country` tells how national numbers are read, `zone` when a day begins."""

    def __init__(
        self,
        engine: AsyncEngine,
        country: str = "FR",
        *,
        sealing: Sealing | None = None,
        zone: Zone = machines,
        limit_ms: int = LIMIT_MS,
        clock: Clock = wall_clock,
    ) -> None:
        self._country, self._zone, self._clock = country, zone, clock
        self._sealing = sealing or Sealing([])
        self._statement = statement(engine.dialect.name)
        self._asker = Asker(make_reader(engine), limit_ms, "screens are shown without history", clock)

    async def pop(self, call: str, number: str, *, person: str = "") -> Pop:
        """`number` as the network gave it, or empty; `person`: a key, where the desk knows already. Raises NoAnswer
        (history/asking.py) where the history does not answer in time: then the screen shows the call alone."""
        now = self._clock()
        values = {
            "call": clean_name(call),
            "number": read_number(number, self._country).text,
            "person": clean_name(person),
            "midnight": midnight(now, self._zone()),
        }
        row = await self._asker.ask(self._statement, values)
        found = dict(zip(PARTS, row or (), strict=True))
        return self._shown(found, now)

    async def close(self) -> None:
        await self._asker.close()

    def _shown(self, found: dict[str, Any], now: int) -> Pop:
        told = {name: as_json(value) or [] for name, value in found.items()}
        this = (told["this"] or [None])[0]
        stay = (told["waiting"] or [None])[0]
        person = (told["person"] or [None])[0]
        for note in told["notes"]:
            note["text"] = self._sealing.open(note["text"], sealed=bool(note.pop("sealed")))
        return Pop(
            confidence=_confidence(this, person),
            person=person and _known(person, told["numbers"]),
            others=[other for other in told["others"] if not person or other["person"] != person["person"]],
            this=this,
            waiting=stay,
            waited_ms=_waited(stay, now),
            today=told["today"],
            contacts=told["contacts"],
            notes=told["notes"],
            cases=told["cases"],
            promises=told["promises"],
        )


def _known(person: dict[str, Any], phones: list[dict[str, Any]]) -> Known:
    return Known(
        person=person["person"],
        name=person["name"],
        since=person["since"],
        languages=person["languages"],
        preferences=person["preferences"],
        numbers=[phone["number"] for phone in phones],
    )


def _confidence(this: dict[str, Any] | None, person: dict[str, Any] | None) -> str:
    if this and this["confidence"]:
        return str(this["confidence"])
    return Confidence.NUMBER.value if person else Confidence.NONE.value


def _waited(stay: dict[str, Any] | None, now: int) -> int | None:
    if stay is None:
        return None
    if stay["waited_ms"] is not None:
        return int(stay["waited_ms"])
    return max(0, now - int(stay["since"] or stay["entered_at"]))
