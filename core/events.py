"""Facts about calls, entries and agents, as they stand in the event stream. History, boards and metrics come from them.

An event is never changed. Its id makes it safe to record twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

KINDS: Mapping[str, str] = {
    # calls
    "call.arrived": "number, name, withheld, dialled, flow, version, language, asterisk, channel",
    "call.heard": "sounds: names of the files played to the caller, in order; a key may have stopped some",
    "call.chose": "step, digits, choice: what the caller keyed in and which exit it took",
    "call.lacked": "step, name: a text wanted a value that the call does not have; it was left out",
    "call.refused": "step, act, reason: what a step asked for was not done; the step took its exit for that",
    "call.surveyed": "step, score, scale: what the caller thinks of it",
    "call.answered": "step, answer, solved: an answer was heard, and whether it helps (null: the caller did not say)",
    "call.voicemail": "queue, file, seconds: the caller left a message, which is work for that queue",
    "call.recorded": "step, file, seconds: the caller's words were recorded",
    "call.transferred": "number, seconds, service (where it is one of the directory): the caller spoke with somebody"
    " outside",
    "call.failed": "step, reason: the flow could not go on, the caller was sent to the safe exit",
    "call.resumed": "node: an engine took the call over from another one",
    "call.ended": "reason (caller_hung_up, flow_ended, failed), step, path, language",
    # entries: a call waiting in a queue, or other work for its agents
    "entry.entered": "entry, kind, queue, since, priority, requirement (steps), strategy, members, preferred, ring_ms,"
    " skills, due (of deferred work)",
    "entry.restored": "as entry.entered, entered, state, agent, offer, beside, offered_at, excluded, also, followed,"
    " hops, exits, announced: to a wiped store",
    "entry.offered": "entry, queue, agent, offer, waited_ms, why, beside (where several ring: offer, agent of each)",
    "entry.ringing": "entry, agent, offer",
    "entry.answered": "entry, queue, agent, offer, waited_ms",
    "entry.withdrawn": "entry, agent, offer, reason (no_answer, busy, unreachable, expired, agent_left,"
    " not_back, answered_elsewhere, returned): back in line, unless other offers are in force",
    "entry.interrupted": "as entry.entered, entered, excluded, also, followed, hops, exits, announced; agent, offer,"
    " talk_ms: the agent's phone was lost in mid-talk, the caller waits again and prefers that agent for a while",
    "entry.left": "entry, queue, reason (abandoned, lost, or the flow's own), waited_ms",
    "entry.finished": "entry, queue, agent, talk_ms",
    "entry.directed": "entry, queue, agent, id, how (blind, consult, complete, cancel, join, park), to (queue:NAME,"
    " agent:ID, service:NAME), author: the agent says what is to become of the caller they talk with",
    "entry.handed_over": "entry, queue, agent, former: whom the agent of that former entry asked has the caller now",
    "entry.moved": "entry, from, queue, since, … as in entry.entered, reason, author, waited_ms: into another queue",
    "entry.prioritised": "entry, queue, priority, reason, author: it ranks as if it had waited longer, or less long",
    "entry.sent_away": "entry, queue, reason, author: it is to leave by its flow's exit, and is offered to nobody more",
    "entry.overflowed": "entry, queue, rule, action, when, values (what made it true), why, author, exits"
    " (where keys are offered): a rule is followed",
    "entry.widened": "entry, queue, also (whom rules added: queue to steps), members, author",
    "entry.aside": "entry, queue, reason: the caller does something else, the place is kept",
    "entry.back": "entry, queue: the caller waits again",
    "entry.announced": "entry, queue, position, expected_ms, from_min, to_min (0: no end), longer: told to the caller",
    # queues
    "queue.closed": "queue, author: nobody new is admitted",
    "queue.opened": "queue, author",
    "queue.surge": "queue (* for all), on, author: the switch that overflow rules ask for",
    # what is written about a contact
    "contact.coded": "author, topic, service, code, settled: any of them; the last word on each counts",
    "contact.linked": "author, case: the contact belongs to that case; empty: to none",
    "contact.noted": "author, note, case, text, sealed: the whole text of that note, in place of the former",
    "contact.reoriented": "author, came_from, sent_to, cause (wrong_service, wrong_queue, flow), step: it was wrong",
    "contact.spoke_for": "author, person, relation: the caller spoke for somebody else; empty: for themselves",
    # who is who; persons are named by their keys
    "call.identified": "person, case, confidence: the caller keyed in the number of that person's case",
    "person.confirmed": "author, person, reason: the call is theirs, as an agent found by asking",
    "person.described": "author, person, name, languages, preferences: any of them; the last word on each counts",
    "person.merged": "author, person, other, reason: they are one, and shown under the other",
    "person.numbered": "author, person, number, reason: calls from there are theirs, unless more is known",
    "person.parted": "author, person, reason: not the one under whom they were shown after a merge",
    "person.split": "author, person, other, calls, numbers, reason: these calls and numbers are the other's",
    # cases and promises
    "case.opened": "author, case, number, person, title, topic, service, status, spoken (language to text)",
    "case.changed": "author, case, person, title, topic, service, status, spoken: any of them",
    "promise.made": "author, promise, kind, text, number, queue, due_from, due_until, case, person",
    "promise.tried": "promise, reason: a call back that reached nobody",
    "promise.ended": "author, promise, outcome (kept, broken, cancelled, expired), contact: the one that kept it",
    # who reads
    "history.read": "reader, what (pop, person, search, search_name, …), person: about whom; the call is the reason",
    "history.unusual": "what (many_people, many_found, many_readers), reader, person, count: reading that stands out",
    # agents
    "agent.status": "agent, status, reason, author: what the agent chose",
    "agent.state": "agent, from, to, cause, outcome (where coded), author (where somebody chose so), calls, busy_ms",
    "agent.device": "agent, device, asterisk: what the agent's phone does, and where it is registered",
    "agent.work": "agent, held (how many), holds, author: the deferred work that an agent has beside calls",
    "agent.profile": "agent, extension, skills, author: an account was made or changed",
    # the town
    "hours.switched": "hours (* for all), position (open, closed, or '': by the files again), until, because, author",
    "town.published": "version, before, author, note, how: new calls begin on that version",
    # the engines and their store
    "store.begun": "node: the store knew nothing (it is new, or was wiped) when that engine announced itself",
    "store.asked": "node, asterisk: that engine asks the history what the store is to be told; once this is recorded,"
    " so is all that happened before",
    "store.told": "node, asterisk, entries, closed, switches (how many of each): the store was told what the history"
    " knew of that Asterisk",
    "store.agents_told": "node, known: the store was told what agents had chosen, or that nobody knows it",
    "node.joined": "node, asterisk: an engine takes calls",
    "node.left": "node, asterisk, reason (stopped, silent)",
}
"""Every kind of event with the names in its data. Times are milliseconds, ids are strings."""


@dataclass(slots=True, init=False)
class Event:
    """One fact. `at` in milliseconds since 1970 UTC; `call` is empty where the fact is about an agent alone.

    Every commit makes one or more: so it is not a frozen dataclass, which takes three times as long to make. Nobody
    changes one all the same."""

    id: str
    kind: str
    at: int
    call: str
    data: Mapping[str, Any]

    def __init__(self, id: str, kind: str, at: int, call: str = "", data: Mapping[str, Any] | None = None) -> None:
        if kind not in KINDS:
            raise ValueError(f"unknown kind of event: {kind!r}")
        self.id = id
        self.kind = kind
        self.at = at
        self.call = call
        self.data = {} if data is None else data


@dataclass(frozen=True, slots=True)
class Unread:
    """What stands in the stream in place of an event of a known kind: a later version may have said it."""

    text: str
    """As it stands there; empty where that is not known."""
