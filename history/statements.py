"""What agents state about a contact, a person, a case, a promise: each as an event of the stream, so that the recorder
stays the only writer, nothing is lost while the database is away, and every statement has its author and moment.

Whoever calls (the desk, the API, a flow) hands over what somebody typed; here it is cleaned and bounded. What cannot be
stated is a GuichetError in one sentence, and no event.
"""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, Protocol

from core.clock import Clock
from core.errors import GuichetError
from core.events import Event
from core.ids import NewId
from history.case_numbers import new_number
from history.models import CaseStatus, Confidence, PromiseOutcome
from history.projection import Unreadable, check
from history.sealing import Sealing

PROMISES = ("callback", "wait", "send", "other")
CAUSES = ("wrong_service", "wrong_queue", "flow")
SEARCHES = ("search", "search_number", "search_name", "search_case", "search_note")
"""Somebody was among what a search showed, as one whose number, name or case fitted, or the words of a note on them;
`search` alone: one that showed nobody who is known. What was typed is not kept: it is somebody's name or number."""
READS = ("pop", "person", *SEARCHES, "export", "recording")
LONGEST_NOTE = 20_000


class Stream(Protocol):
    """The part of queues.store.port.Store that is used here."""

    async def emit(self, events: Sequence[Event]) -> None: ...


class Statements:
    """Each method states one thing, and returns once the stream has it. `author`: the account of whoever says so."""

    def __init__(
        self, stream: Stream, clock: Clock, new_id: NewId, random: Random, sealing: Sealing | None = None
    ) -> None:
        self._stream, self._clock, self._new_id, self._random = stream, clock, new_id, random
        self._sealing = sealing or Sealing([])

    # --- about a contact ------------------------------------------------------------------------------------------

    async def note(self, author: str, call: str, text: str, *, note: str = "", case: str = "") -> str:
        """The whole text of a note, as typed so far; gives the note's id, by which the next version replaces it."""
        if len(text) > LONGEST_NOTE:
            raise GuichetError(f"A note has at most {LONGEST_NOTE} characters; this one has {len(text)}.")
        note, sealed = note or self._new_id(), self._sealing.on and bool(text)
        data: dict[str, Any] = {"note": note, "text": self._sealing.seal(text) if sealed else text, "sealed": sealed}
        await self._say("contact.noted", author, call, **data, case=case or None)
        return note

    async def code(
        self,
        author: str,
        call: str,
        *,
        topic: str | None = None,
        service: str | None = None,
        code: str | None = None,
        settled: bool | None = None,
    ) -> None:
        """What it was about and how it came out; what is None stays as it was."""
        said = {"topic": topic, "service": service, "code": code, "settled": settled}
        await self._say("contact.coded", author, call, **said)

    async def link(self, author: str, call: str, case: str) -> None:
        """The contact belongs to that case; an empty id: to none."""
        await self._say("contact.linked", author, call, case=case)

    async def reorient(
        self, author: str, call: str, came_from: str, sent_to: str, cause: str, *, step: str = ""
    ) -> None:
        """`came_from` and `sent_to`: `queue:voirie`, `service:mairie`, `agent:camille`, `number:…`."""
        _one_of("cause", cause, CAUSES)
        await self._say(
            "contact.reoriented", author, call, came_from=came_from, sent_to=sent_to, cause=cause, step=step
        )

    async def spoke_for(self, author: str, call: str, person: str, relation: str) -> None:
        """The caller called for that person; an empty key: for themselves after all."""
        await self._say("contact.spoke_for", author, call, person=person, relation=relation)

    # --- who is who -----------------------------------------------------------------------------------------------

    async def confirm(self, author: str, call: str, person: str = "", *, reason: str = "") -> str:
        """The call is this person's, as the agent found by asking; without a key: somebody new. Gives the key."""
        person = person or self._new_id()
        await self._say("person.confirmed", author, call, person=person, reason=reason)
        return person

    async def identify(self, call: str, person: str, case: str, confidence: Confidence) -> None:
        """The caller keyed in the number of that person's case."""
        await self._say("call.identified", "flow", call, person=person, case=case, confidence=confidence.value)

    async def describe(
        self,
        author: str,
        person: str,
        *,
        name: str | None = None,
        languages: Sequence[str] | None = None,
        preferences: Mapping[str, Any] | None = None,
        call: str = "",
    ) -> None:
        """What is None stays as it was."""
        said = {"name": name, "languages": languages and list(languages), "preferences": preferences}
        await self._say("person.described", author, call, person=person, **said)

    async def introduce(self, author: str, name: str, *, call: str = "") -> str:
        """Somebody new, of whom the name is known. Gives the key."""
        person = self._new_id()
        await self.describe(author, person, name=name, call=call)
        return person

    async def merge(self, author: str, person: str, other: str, reason: str) -> None:
        """Both are one human being, from now on shown under `other`. It can be taken back (part)."""
        await self._say("person.merged", author, "", person=person, other=other, reason=reason)

    async def part(self, author: str, person: str, reason: str) -> None:
        """The person is not the one under whom they are shown since a merge."""
        await self._say("person.parted", author, "", person=person, reason=reason)

    async def split(
        self, author: str, person: str, calls: Sequence[str], numbers: Sequence[str], reason: str, *, other: str = ""
    ) -> str:
        """Two people were taken for one: these calls and numbers are the other's, somebody new without a key. Gives the
        other's key."""
        other = other or self._new_id()
        said = {"other": other, "calls": list(calls), "numbers": list(numbers), "reason": reason}
        await self._say("person.split", author, "", person=person, **said)
        return other

    async def give_number(self, author: str, person: str, number: str, reason: str = "") -> None:
        """Calls from that number are this person's, unless more is known of a call."""
        await self._say("person.numbered", author, "", person=person, number=number, reason=reason)

    # --- cases ----------------------------------------------------------------------------------------------------

    async def open_case(
        self,
        author: str,
        title: str,
        *,
        call: str = "",
        person: str = "",
        topic: str = "",
        service: str = "",
        spoken: Mapping[str, str] | None = None,
    ) -> tuple[str, str]:
        """The case's id and its number for the citizen. Whose it is: the person's, else the caller's."""
        if not call and not person:
            raise GuichetError("A case belongs to somebody: name the call, or the person.")
        case, number = self._new_id(), new_number(self._random)
        said = {"title": title, "topic": topic, "service": service, "spoken": spoken, "status": CaseStatus.OPEN.value}
        await self._say("case.opened", author, call, case=case, number=number, person=person or None, **said)
        return case, number

    async def change_case(
        self,
        author: str,
        case: str,
        *,
        status: str | None = None,
        title: str | None = None,
        topic: str | None = None,
        service: str | None = None,
        spoken: Mapping[str, str] | None = None,
        person: str | None = None,
        call: str = "",
    ) -> None:
        """What is None stays as it was. `spoken`: what flows read aloud of it, language to text. No case is given to
        nobody: an empty `person` leaves it whose it was."""
        if status is not None:
            _one_of("status", status, tuple(CaseStatus))
        said = {"status": status, "title": title, "topic": topic, "service": service, "spoken": spoken}
        await self._say("case.changed", author, call, case=case, person=person or None, **said)

    # --- promises -------------------------------------------------------------------------------------------------

    async def promise(
        self,
        author: str,
        call: str,
        kind: str,
        *,
        text: str = "",
        number: str = "",
        queue: str = "",
        due_from: int | None = None,
        due_until: int | None = None,
        case: str = "",
        person: str = "",
    ) -> str:
        """`kind` is one of PROMISES; times in ms since 1970 UTC. Gives the promise's id."""
        _one_of("kind", kind, PROMISES)
        if due_from is not None and due_until is not None and due_until < due_from:
            raise GuichetError("A promise cannot be due before its window begins: exchange the two times.")
        promise = self._new_id()
        said = {"text": text, "number": number, "queue": queue, "due_from": due_from, "due_until": due_until}
        named = {"case": case or None, "person": person or None}
        await self._say("promise.made", author, call, promise=promise, kind=kind, **said, **named)
        return promise

    async def tried(self, promise: str, reason: str, *, call: str = "") -> None:
        """A call back that reached nobody."""
        await self._say("promise.tried", "", call, promise=promise, reason=reason)

    async def end_promise(self, author: str, promise: str, outcome: str, *, contact: str = "", call: str = "") -> None:
        """`outcome`: kept, broken, cancelled, expired; the first one counts. `contact`: the one that kept it."""
        _one_of("outcome", outcome, tuple(PromiseOutcome))
        await self._say("promise.ended", author, call, promise=promise, outcome=outcome, contact=contact)

    # --- reading --------------------------------------------------------------------------------------------------

    async def reading(self, reader: str, what: str, *, person: str = "", call: str = "") -> None:
        """Somebody reads about that person; `call`: the call that is the reason. To be said before it is shown."""
        _one_of("what", what, READS)
        await self._say("history.read", "", call, reader=reader, what=what, person=person)

    async def found(self, reader: str, shown: Mapping[str, str]) -> None:
        """Somebody searches, and is shown these people: key to one of SEARCHES. A statement about each, so that each
        can ask who was shown them, and leaves none behind once they are erased."""
        known = {person: what for person, what in shown.items() if person} or {"": "search"}
        for what in known.values():
            _one_of("what", what, SEARCHES)
        said = [{"reader": reader, "what": what, "person": person} for person, what in known.items()]
        await self._stream.emit([self._statement("history.read", "", "", **data) for data in said])

    async def _say(self, kind: str, author: str, call: str, /, **data: Any) -> None:
        await self._stream.emit([self._statement(kind, author, call, **data)])

    def _statement(self, kind: str, author: str, call: str, /, **data: Any) -> Event:
        said = {name: value for name, value in data.items() if value is not None}
        event = Event(self._new_id(), kind, self._clock(), call, {"author": author, **said} if author else said)
        try:
            check(event)
        except Unreadable as error:
            raise GuichetError(f"This cannot be recorded: {error}.") from None
        return event


def _one_of(what: str, value: str, names: Sequence[str]) -> None:
    if value not in names:
        raise GuichetError(f"{value!r} is no {what}; use one of {', '.join(names)}.")
