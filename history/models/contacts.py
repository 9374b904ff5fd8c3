"""Contacts: what happened from a call's beginning to its end, and what was written about it."""

from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from history.models.base import Base

ANSWERED = "answered"
"""An agent spoke with the caller."""
ABANDONED = "abandoned"
"""The caller hung up while waiting in line."""
SELF_SERVICE = "self_service"
"""The flow came to its end without ever putting the caller in line."""
LEFT = "left"
"""No agent: the flow took the caller out of the line, or the caller hung up before being in one (see `reason`)."""
FAILED = "failed"
"""A fault of ours ended the call."""

Outcome = str
"""One of the five above; NULL while the call lasts."""


class Contact(Base):
    """One call, from its beginning to its end. Wholly derived from the call's events (history/projection/)."""

    __tablename__ = "contact"
    __table_args__ = (
        Index(None, "number", "started_at"),
        Index(None, "person_id", "started_at", "for_person_id", "topic"),
        Index(
            "ix_contact_assigned_person_id",
            "assigned_person_id",
            sqlite_where=text("assigned_person_id IS NOT NULL"),
            postgresql_where=text("assigned_person_id IS NOT NULL"),
        ),
        Index(
            "ix_contact_for_person_id",
            "for_person_id",
            sqlite_where=text("for_person_id IS NOT NULL"),
            postgresql_where=text("for_person_id IS NOT NULL"),
        ),
        Index(
            "ix_contact_case_id",
            "case_id",
            sqlite_where=text("case_id IS NOT NULL"),
            postgresql_where=text("case_id IS NOT NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    """The call's id."""
    medium: Mapped[str | None] = mapped_column(String(20))
    """How they came: NULL for a call, else `callback`, `voicemail`, `web`, …"""
    asterisk: Mapped[str] = mapped_column(String(80))
    channel: Mapped[str] = mapped_column(String(80))
    """The telephone network's own name of the line."""
    number: Mapped[str] = mapped_column(String(80))
    """The caller's: E.164, a short code, or the cleaned text of what is no number; empty when withheld."""
    withheld: Mapped[bool]
    phone_id: Mapped[int | None] = mapped_column(ForeignKey("phone.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    """Whose it is, as far as `confidence` says, after all merging."""
    assigned_person_id: Mapped[int | None]
    """Whose it was said to be by an agent or by a code, before all merging; NULL where the number alone speaks."""
    confidence: Mapped[str | None] = mapped_column(String(20))
    """A Confidence; NULL in contacts of older versions."""
    for_person_id: Mapped[int | None]
    """The person whose matter it is, where the caller speaks for somebody else."""
    relation: Mapped[str | None] = mapped_column(String(40))
    """What the caller is to them: `relative`, `social_worker`, …"""
    name: Mapped[str] = mapped_column(String(80))
    """As the network showed it, cleaned."""
    dialled: Mapped[str] = mapped_column(String(80))
    flow: Mapped[str] = mapped_column(String(80))
    version: Mapped[str] = mapped_column(String(80))
    language: Mapped[str] = mapped_column(String(80))
    started_at: Mapped[int] = mapped_column(BigInteger, index=True)
    path: Mapped[list[Any]]
    """Names of the steps entered, in order; known at the call's end."""
    choices: Mapped[list[Any]]
    """[{at, step, digits, choice}, …] in order."""
    answers: Mapped[list[Any] | None]
    """Answers heard: [{at, step, answer, solved}, …]; `solved` null where the caller did not say."""
    queue: Mapped[str | None] = mapped_column(String(80))
    """The queue that answered, or else the last one."""
    requirement: Mapped[list[Any] | None]
    """Skill to level, as the entry asked."""
    entered_at: Mapped[int | None] = mapped_column(BigInteger)
    offers: Mapped[int]
    """How many times an agent's phone was tried."""
    agent: Mapped[str | None] = mapped_column(String(80))
    answered_at: Mapped[int | None] = mapped_column(BigInteger)
    waited_ms: Mapped[int | None] = mapped_column(BigInteger)
    talk_ms: Mapped[int | None] = mapped_column(BigInteger)
    hold_ms: Mapped[int | None] = mapped_column(BigInteger)
    """Of the talk, while the caller heard music."""
    wrap_up_ms: Mapped[int | None] = mapped_column(BigInteger)
    ended_at: Mapped[int | None] = mapped_column(BigInteger)
    outcome: Mapped[Outcome | None] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(80))
    topic: Mapped[str | None] = mapped_column(String(80))
    """What it was about, as coded."""
    service: Mapped[str | None] = mapped_column(String(80))
    """Which service of the directory it concerned, as coded or transferred."""
    code: Mapped[str | None] = mapped_column(String(80))
    """The agent's wrap-up code."""
    settled: Mapped[bool | None]
    """Whether the matter was settled: the agent's word, else the caller's on the last answer heard; NULL unknown."""
    score: Mapped[int | None]
    scale: Mapped[int | None]
    """The last survey: `score` out of `scale`."""
    case_id: Mapped[str | None] = mapped_column(String(40))
    """The case that it was last linked to."""
    erased_at: Mapped[int | None] = mapped_column(BigInteger)
    """When the person was taken out of it; what counts stays."""


UNDONE = "kind IN ('voicemail', 'callback') AND finished_at IS NULL"
"""Condition on entry: deferred work that nobody has done, or that left the line."""


class Entry(Base):
    """One stay of a contact in a queue: for each, exactly one outcome. What reports by queue count."""

    __tablename__ = "entry"
    __table_args__ = (
        Index(None, "call"),
        Index(None, "entered_at"),
        Index(None, "queue", "entered_at"),
        Index(None, "agent", "answered_at"),
        Index("ix_entry_undone", "entered_at", "call", sqlite_where=text(UNDONE), postgresql_where=text(UNDONE)),
    )

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    call: Mapped[str] = mapped_column(String(80))
    """The contact's id."""
    queue: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(20))
    """What kind of work: `call`, `voicemail`, `callback`, …"""
    entered_at: Mapped[int] = mapped_column(BigInteger)
    """When it came into this queue (its beginning, where the event of that is missing)."""
    since: Mapped[int | None] = mapped_column(BigInteger)
    """When the contact was first queued."""
    priority: Mapped[int]
    offers: Mapped[int]
    """How many times an agent's phone was tried."""
    agent: Mapped[str | None] = mapped_column(String(80))
    answered_at: Mapped[int | None] = mapped_column(BigInteger)
    left_at: Mapped[int | None] = mapped_column(BigInteger)
    """When it left without an agent."""
    waited_ms: Mapped[int | None] = mapped_column(BigInteger)
    talk_ms: Mapped[int | None] = mapped_column(BigInteger)
    finished_at: Mapped[int | None] = mapped_column(BigInteger)
    hold_ms: Mapped[int | None] = mapped_column(BigInteger)
    wrap_up_ms: Mapped[int | None] = mapped_column(BigInteger)
    outcome: Mapped[str | None] = mapped_column(String(20))
    """`answered`, `abandoned`, `callback` (became one), `left` (a choice or an overflow took it away); NULL while it
    waits."""
    reason: Mapped[str | None] = mapped_column(String(80))
    """Why it left, in one word."""
    expected_ms: Mapped[int | None] = mapped_column(BigInteger)
    expected_most_ms: Mapped[int | None] = mapped_column(BigInteger)
    """The first expected wait that was spoken, as an interval. The later end is NULL where there was none (more than an
    hour), and the beginning again in contacts of older versions."""
    foretold_ms: Mapped[int | None] = mapped_column(BigInteger)
    """The estimate of which that interval was made; NULL where none was told, and in contacts of older versions."""
    expected_at: Mapped[int | None] = mapped_column(BigInteger)
    """When it was spoken."""


class Offer(Base):
    """One attempt to ring one agent."""

    __tablename__ = "offer"
    __table_args__ = (Index(None, "at"), Index(None, "agent", "at"), Index(None, "call"))

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    call: Mapped[str] = mapped_column(String(80))
    entry: Mapped[str] = mapped_column(String(80))
    queue: Mapped[str] = mapped_column(String(80))
    agent: Mapped[str] = mapped_column(String(80))
    at: Mapped[int] = mapped_column(BigInteger)
    ended_at: Mapped[int | None] = mapped_column(BigInteger)
    result: Mapped[str | None] = mapped_column(String(20))
    """`answered`, `caller_left`, or why it was withdrawn: `no_answer`, `busy`, `unreachable`, `expired`, `agent_left`;
    NULL while it rings."""


class Note(Base):
    """What an agent wrote: the last version of each note."""

    __tablename__ = "note"
    __table_args__ = (Index(None, "call"), Index(None, "case_id"), Index(None, "at"))

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    call: Mapped[str] = mapped_column(String(80))
    """The contact during or after which it was written; empty for a note on a case alone."""
    case_id: Mapped[str | None] = mapped_column(String(40))
    at: Mapped[int] = mapped_column(BigInteger)
    """When it was last changed."""
    author: Mapped[str] = mapped_column(String(80))
    text: Mapped[str] = mapped_column(Text)
    """In clear, or sealed (history/sealing.py) where the settings say so."""
    sealed: Mapped[bool]


class Reorientation(Base):
    """A caller who had come to the wrong place, and where they were sent."""

    __tablename__ = "reorientation"
    __table_args__ = (Index(None, "call"), Index(None, "at"))

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    call: Mapped[str] = mapped_column(String(80))
    at: Mapped[int] = mapped_column(BigInteger)
    author: Mapped[str] = mapped_column(String(80))
    came_from: Mapped[str] = mapped_column(String(120))
    """`queue:voirie`, `service:mairie`, …"""
    sent_to: Mapped[str] = mapped_column(String(120))
    cause: Mapped[str] = mapped_column(String(40))
    """`wrong_service`, `wrong_queue`, `flow`."""
    step: Mapped[str] = mapped_column(String(80))
    """The flow's step that misled, as far as one did; else empty."""


class Recording(Base):
    """A file with somebody's voice."""

    __tablename__ = "recording"
    __table_args__ = (
        Index(None, "call"),
        Index(None, "at"),
        Index("ix_recording_kept", "at", sqlite_where=text("file <> ''"), postgresql_where=text("file <> ''")),
    )

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    """The id of the event that told of it."""
    call: Mapped[str] = mapped_column(String(80))
    at: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(20))
    """`voicemail`, or `recording` for words that a flow asked for, `conversation`."""
    file: Mapped[str] = mapped_column(String(120))
    """Its name within the folder of recordings."""
    seconds: Mapped[int]
    deleted_at: Mapped[int | None] = mapped_column(BigInteger)
    """When the file was deleted; the length still counts."""
