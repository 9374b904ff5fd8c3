"""Entries, agents, offers and events as the JSON that the store keeps, and back."""

import json
import logging
from dataclasses import fields
from typing import Any

from core.events import Event, Unread
from queues.model import (
    Agent,
    AgentState,
    AwayMessage,
    Device,
    DirectMessage,
    Entry,
    EntryState,
    Kind,
    Notice,
    OfferMessage,
    RuleMessage,
    Status,
)  # fmt: skip
from queues.overflow.deeds import Deed

log = logging.getLogger(__name__)

ENTRY_FIELDS = tuple(field.name for field in fields(Entry))
AGENT_FIELDS = tuple(field.name for field in fields(Agent))

compact = json.JSONEncoder(separators=(",", ":")).encode


def entry_text(entry: Entry) -> str:
    return compact({name: getattr(entry, name) for name in ENTRY_FIELDS})


def entry_of(text: str) -> Entry:
    """What another version of ours kept of it besides is passed over."""
    data = json.loads(text)
    data["state"] = EntryState(data["state"])
    if "kind" in data:
        data["kind"] = Kind(data["kind"])
    if "beside" in data:
        data["beside"] = list(data["beside"])  # Lua knows no empty list: it is an empty object
    return Entry(**{name: data[name] for name in ENTRY_FIELDS if name in data})


def deed_text(deed: Deed) -> str:
    """Without what it does not do."""
    told: dict[str, Any] = {"id": deed.id, "entry": deed.entry, "at": deed.at, "rule": deed.rule, "told": deed.told}
    if deed.move:
        told["move"] = {"queue": deed.move.queue, "terms": deed.move.terms, "since": deed.move.since}
    for name in ("priority", "also", "exits", "announced"):
        if (value := getattr(deed, name)) is not None:
            told[name] = value
    if deed.also is not None:
        told["members"] = deed.members
    if deed.notice:
        told["notice"] = deed.notice
    return compact({**told, "aside": deed.aside})


def agent_text(agent: Agent) -> str:
    return compact({name: getattr(agent, name) for name in AGENT_FIELDS})


def agent_of(text: str) -> Agent:
    data = json.loads(text)
    data["status"], data["state"], data["device"] = (
        Status(data["status"]),
        AgentState(data["state"]),
        Device(data["device"]),
    )
    if "held" in data:
        data["held"] = list(data["held"])
    return Agent(**{name: data[name] for name in AGENT_FIELDS if name in data})


def event_text(event: Event) -> str:
    return compact({"id": event.id, "kind": event.kind, "at": event.at, "call": event.call, "data": dict(event.data)})


def event_of(cursor: str, item: list[str] | None) -> Event | None:
    """From a stream's item, `[name, value, …]`; None, and a line in the log, where it cannot be read."""
    try:
        named = _named(item)
        data = json.loads(named["e"])
        return Event(str(data["id"]), data["kind"], int(data["at"]), str(data["call"]), dict(data["data"]))
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        log.error("event %s cannot be read: %r", cursor, error)
        return None


def unread_of(item: list[str] | None) -> Unread:
    """What of it can be kept for a person to look at."""
    named = _named(item) if item else {}
    return Unread(str(named.get("e") or compact(named)) if named else "")


def notice_of(cursor: str, item: list[str] | None) -> Notice | None:
    """An inbox's item has one field: o, an offer; a, a call that is to go away; n, what a rule wants; m, what an agent
    wants to become of a caller."""
    try:
        named = _named(item)
        if "n" in named:
            return RuleMessage(**json.loads(named["n"]))
        if "m" in named:
            return DirectMessage(**json.loads(named["m"]))
        if "a" in named:
            return AwayMessage(**json.loads(named["a"]))
        offer = json.loads(named["o"])
        return OfferMessage(**{**offer, "kind": Kind(offer.get("kind", Kind.CALL))})
    except (KeyError, TypeError, ValueError) as error:
        log.error("notice %s in the inbox cannot be read: %r", cursor, error)
        return None


def _named(item: list[str] | None) -> dict[str, Any]:
    """Raises TypeError where the item was forgotten."""
    if item is None:
        raise TypeError("forgotten before it was acknowledged")
    return dict(zip(item[::2], item[1::2], strict=True))
