"""The tables, one file for each thing they are about. Migrations (history/migrations) make them."""

from history.models.base import Base
from history.models.cases import OPEN_STATUSES, Case, CaseStatus, Promise, PromiseOutcome
from history.models.contacts import (
    ABANDONED,
    ANSWERED,
    FAILED,
    LEFT,
    SELF_SERVICE,
    Contact,
    Entry,
    Note,
    Offer,
    Outcome,
    Recording,
    Reorientation,
)
from history.models.deliveries import Delivery, DeliveryState
from history.models.people import Change, Confidence, IdentityChange, Person, PersonPhone, Phone
from history.models.privacy import Access, Erasure, RetentionMark
from history.models.records import AgentAccount, AgentChange, Poison, RecordedEvent
from history.models.search import SearchDocument

__all__ = [
    "ABANDONED",
    "ANSWERED",
    "FAILED",
    "LEFT",
    "OPEN_STATUSES",
    "SELF_SERVICE",
    "Access",
    "AgentAccount",
    "AgentChange",
    "Base",
    "Case",
    "CaseStatus",
    "Change",
    "Confidence",
    "Contact",
    "Delivery",
    "DeliveryState",
    "Entry",
    "Erasure",
    "IdentityChange",
    "Note",
    "Offer",
    "Outcome",
    "Person",
    "PersonPhone",
    "Phone",
    "Poison",
    "Promise",
    "PromiseOutcome",
    "RecordedEvent",
    "Recording",
    "Reorientation",
    "RetentionMark",
    "SearchDocument",
]
