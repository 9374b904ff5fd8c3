"""Lives as rows of the history's tables, for loading millions of them at once. They are the rows that the recorder
would make of the lives' events (events.py)."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import repeat
from typing import Any

import numpy as np

from history.search.index import documents
from queues.estimate import MINUTE_MS, interval
from simulator.demo.lives import NOBODY, REASONS, RING_MS, Lives
from simulator.demo.people import MATTERS, names, numbers

Rows = dict[str, list[tuple[Any, ...]]]
"""Table to rows, their values in the order of COLUMNS."""

FLOW, VERSION, DIALLED, ASTERISK = "accueil", "demo", "3939", "guichet"
MISSED_AFTER_MS = 20_000

COLUMNS: Mapping[str, Sequence[str]] = {
    "person": ("id", "since", "key", "name", "languages", "preferences"),
    "phone": ("id", "number", "person_id"),
    "person_phone": ("person_id", "phone_id"),
    "contact": (
        "id", "asterisk", "channel", "number", "withheld", "phone_id", "person_id", "confidence", "name", "dialled",
        "flow", "version", "language", "started_at", "path", "choices", "answers", "queue", "requirement", "entered_at",
        "offers", "agent", "answered_at", "waited_ms", "talk_ms", "hold_ms", "wrap_up_ms", "ended_at", "outcome",
        "reason", "topic", "service", "code", "settled", "case_id",
    ),
    "entry": (
        "id", "call", "queue", "kind", "entered_at", "since", "priority", "offers", "agent", "answered_at", "left_at",
        "waited_ms", "talk_ms", "finished_at", "hold_ms", "wrap_up_ms", "outcome", "reason", "expected_ms",
        "expected_most_ms", "expected_at", "foretold_ms",
    ),
    "offer": ("id", "call", "entry", "queue", "agent", "at", "ended_at", "result"),
    "note": ("id", "call", "case_id", "at", "author", "text", "sealed"),
    "case": (
        "id", "number", "person_id", "opened_in", "title", "topic", "service", "status", "opened_at", "changed_at",
        "author",
    ),
    "promise": (
        "id", "call", "person_id", "kind", "text", "number", "queue", "author", "made_at", "due_from", "due_until",
        "tries", "outcome", "ended_at",
    ),
    "reorientation": ("id", "call", "at", "author", "came_from", "sent_to", "cause", "step"),
    "event": ("id", "kind", "at", "call", "subject", "data"),
    "agent_change": ("id", "agent", "at", "what", "before", "after", "cause", "code"),
    "search_document": ("kind", "ref", "words"),
    "agent_account": ("id", "extension", "name", "sip_password", "skills"),
}  # fmt: skip

_SHORT_PATH = json.dumps(["bonjour", "sujet", "merci"])
_QUEUED_PATH = json.dumps(["bonjour", "sujet", "conseiller", "merci"])
_CLOSED_PATH = json.dumps(["bonjour", "ferme"])
_REQUIREMENTS = {matter.queue: json.dumps([{"skills": {matter.queue: 1}}]) for matter in MATTERS}
_EMPTY = "[]"


def agent_name(agent: int) -> str:
    return f"agent-{agent + 1:04d}"


def case_number(count: int) -> str:
    """Eight digits and two that check them (ISO 7064, MOD 97-10)."""
    return f"{count:08d}{98 - count * 100 % 97:02d}"


def people_rows(first: int, last: int, since: int) -> Rows:
    """Persons `first` to before `last`, each with one phone."""
    ids = np.arange(first, last, dtype=np.int64)
    called = names(ids)
    people = [
        (id_, since, f"demo-{id_}", name, '["fr"]' if id_ % 9 else '["en", "fr"]',
         '{"slow_speech": true}' if id_ % 40 == 0 else None)
        for id_, name in zip(ids.tolist(), called, strict=True)
    ]  # fmt: skip
    phones = [(id_, number, id_) for id_, number in zip(ids.tolist(), numbers(ids), strict=True)]
    found = documents("person", zip(map(str, ids.tolist()), called, strict=True))
    met = [(id_, id_) for id_ in ids.tolist()]
    return {"person": people, "phone": phones, "person_phone": met, "search_document": found}


def account_rows(agents: int, matters_of: Mapping[int, str]) -> Rows:
    """Agents without a password with which a phone could register: they are only names in the history."""
    return {
        "agent_account": [
            (agent_name(agent), f"{5000 + agent}", f"Agent {agent + 1}", "", json.dumps({matters_of[agent]: 2}))
            for agent in range(agents)
        ]
    }


def contact_rows(lives: Lives, first: int, phones: Sequence[str]) -> Rows:
    """The contacts of these lives, numbered from `first`, and all that hangs on them. `phones`: the number of each
    contact's person, '' where it is withheld."""
    rows: Rows = {name: [] for name in ("contact", "entry", "offer", "note", "case", "promise", "reorientation")}
    columns = (getattr(lives, name).tolist() for name in _READ)
    for count, phone, *life in zip(range(first, first + len(lives)), phones, *columns, strict=True):
        _tell(rows, count, phone, *life)
    rows["search_document"] = [
        *documents("case", ((row[0], row[4]) for row in rows["case"])),
        *documents("note", ((row[0], row[5]) for row in rows["note"])),
    ]
    return rows


_READ = (
    "started", "person", "matter", "entered", "helped", "closed", "left", "reason", "agent", "answered", "missed",
    "talk", "hold", "wrap_up", "ended", "settled", "noted", "cased", "misled", "told_wait",
)  # fmt: skip


def _tell(
    rows: Rows, count: int, phone: str, started: int, person: int, matter_: int, entered: int, helped: bool,
    closed: bool, left: int, reason: int, agent_: int, answered: int, missed: int, talk: int, hold: int, wrap_up: int,
    ended: int, settled: bool, noted: bool, cased: bool, misled: bool, told_wait: int,
) -> None:  # fmt: skip
    matter, call = MATTERS[matter_], f"demo-{count:08d}"
    known = person if person != NOBODY else None
    queued, spoke, coded = entered != NOBODY, answered != NOBODY, answered != NOBODY
    agent = agent_name(agent_) if spoke else None
    entry, waited, offers = f"{call}-1", None, 0
    outcome, why = ("self_service", "flow_ended") if helped or closed else ("left", "caller_hung_up")
    case_id = f"demo-{count:08d}" if cased and coded else None
    if queued:
        waited, offers = (answered if spoke else left) - entered, (1 + (missed != NOBODY)) if spoke else 0
        outcome, why = ("answered", "caller_hung_up") if spoke else _gone(REASONS[reason])
        told: tuple[int | None, ...] = (None, None, None, None)
        if told_wait != NOBODY:
            least, most = interval(told_wait)
            told = (least * MINUTE_MS, most * MINUTE_MS or None, entered, told_wait)
        stay = ("answered", None) if spoke else _stay(REASONS[reason])
        rows["entry"].append((
            entry, call, matter.queue, "call", entered, entered, 0, offers, agent, answered if spoke else None,
            None if spoke else left, waited, talk if spoke else None, ended if spoke else None, hold if spoke else None,
            wrap_up if spoke else None, *stay, *told,
        ))  # fmt: skip
    if spoke:
        assert agent is not None
        if missed != NOBODY:
            rows["offer"].append(
                (f"{entry}-0", call, entry, matter.queue, agent, missed, missed + MISSED_AFTER_MS, "no_answer")
            )
        rows["offer"].append((f"{entry}-1", call, entry, matter.queue, agent, answered - RING_MS, answered, "answered"))
        if noted or case_id:
            text = matter.notes[count % 2]
            rows["note"].append((f"n{count:08d}", call, case_id, ended + wrap_up // 2, agent, text, False))
        if case_id:
            rows["case"].append((
                case_id, case_number(count), known, call, f"{matter.topic} {count % 1000}", matter.topic,
                matter.service, "open" if count % 4 else "in_progress", ended, ended, agent,
            ))  # fmt: skip
        if misled:
            rows["reorientation"].append((
                f"r{count:08d}", call, ended, agent, f"queue:{matter.queue}", "service:departement", "flow", "sujet",
            ))  # fmt: skip
    if queued and not spoke and REASONS[reason] == "callback":
        kept = count % 5 != 0
        rows["promise"].append((
            f"p{count:08d}", call, known, "callback", "", phone, matter.queue, "flow", left, left, left + 7_200_000,
            1 + count % 3, "kept" if kept else "expired", left + (3_600_000 if count % 7 else 9_000_000),
        ))  # fmt: skip
    answers = None
    if helped:
        heard = {"at": ended - 5_000, "step": "acte", "answer": matter.topic, "solved": settled}
        answers = json.dumps([heard])
    rows["contact"].append((
        call, ASTERISK, f"PJSIP/trunk-{count:08x}", phone, not phone, known, known, "number" if known else "", "",
        DIALLED, FLOW, VERSION, "fr" if person % 9 else "en", started,
        _QUEUED_PATH if queued else _CLOSED_PATH if closed else _SHORT_PATH, _EMPTY, answers,
        matter.queue if queued else None, _REQUIREMENTS[matter.queue] if queued else None, entered if queued else None,
        offers, agent, answered if spoke else None, waited, talk if spoke else None, hold if spoke else None,
        wrap_up if spoke else None, ended, outcome, why, matter.topic if coded else None,
        matter.service if coded else None, "done" if coded else None,
        settled if coded or helped else None, case_id,
    ))  # fmt: skip


def _gone(reason: str) -> tuple[str, str]:
    return ("abandoned" if reason == "abandoned" else "left"), reason


def _stay(reason: str) -> tuple[str, str]:
    return (reason if reason in ("abandoned", "callback") else "left"), reason


def change_rows(lives: Lives, days: Sequence[int], shift: tuple[int, int]) -> Rows:
    """What the agents did in these lives: available from the beginning of their shift to its end on each day, and
    through the states of each call."""
    rows: list[tuple[Any, ...]] = []
    spoke = lives.answered != NOBODY
    columns = (lives.entered, lives.agent, lives.answered, lives.missed, lives.talk, lives.wrap_up)
    read = (column[spoke].tolist() for column in columns)
    for place, (_, agent, answered, missed, talk, wrap_up) in zip(
        np.flatnonzero(spoke).tolist(), zip(*read, strict=True), strict=True
    ):
        moves = [] if missed == NOBODY else [
            (missed, "idle", "offered", "offered"), (missed + 500, "offered", "ringing", "ringing"),
            (missed + MISSED_AFTER_MS, "ringing", "idle", "no_answer"),
        ]  # fmt: skip
        rang, ended = answered - RING_MS, answered + talk
        moves += [
            (rang, "idle", "offered", "offered"), (rang + 500, "offered", "ringing", "ringing"),
            (answered, "ringing", "talking", "answered"), (ended, "talking", "wrap_up", "finished"),
            (ended + wrap_up, "wrap_up", "idle", "wrapped_up"),
        ]  # fmt: skip
        name, started = agent_name(agent), int(lives.started[place])
        rows += (
            (f"s{started}-{place}-{n}", name, at, "state", before, after, cause, "")
            for n, (at, before, after, cause) in enumerate(moves)
        )
    agents = sorted({int(agent) for agent in np.unique(lives.agent[spoke])})
    for day in days:
        for agent, at, status in [(a, day + shift[0], "available") for a in agents] + list(
            zip(agents, repeat(day + shift[1]), repeat("offline"), strict=False)
        ):
            rows.append((f"t{day}-{agent}-{status}", agent_name(agent), at, "status", "", status, "", ""))
    return {"agent_change": rows}


def parts(lives: Lives, size: int) -> Iterator[tuple[int, Lives]]:
    """The lives in pieces, each with the number of its first."""
    for begin in range(0, len(lives), size):
        yield begin, lives.part(begin, min(begin + size, len(lives)))
