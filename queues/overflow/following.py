"""A rule that is followed for a caller: what is committed, what the node is told, and why, in one sentence."""

from collections.abc import Mapping
from math import isinf
from typing import Any

from core.filemodel import duration_text
from queues.definition import Queue
from queues.overflow.conditions import QUANTITIES
from queues.overflow.deeds import Deed, Move
from queues.overflow.rules import MOST_RAISED, Overflow
from queues.overflow.situation import Now

MOST_HOPS = 5
"""How often a call is moved by rules at most."""


def rule_name(queue: str, place: int) -> str:
    """`etat-civil/2`: as entries and events name it; rules count from 1."""
    return f"{queue}/{place + 1}"


def follow(deed_id: str, place: int, rule: Overflow, now: Now, queues: Mapping[str, Queue]) -> Deed | None:
    """The deed; None where it would change nothing: those to be added may be asked already, it hopped too often."""
    assert now.caller is not None
    entry, name = now.caller.entry, now.line.queue.name
    deed = Deed(deed_id, entry.id, now.at, rule_name(name, place))
    did = _ACTIONS[rule.action](deed, rule, now, queues)
    if did is None:
        return None
    if rule.say is not None:
        deed.notice["say"] = rule.say
    values = values_of(rule, now)
    told = ", ".join(f"{each} {_said(each, value)}" for each, value in values.items())
    why = f"{did}: rule {place + 1} of {name} says so when {rule.when.source}" + (f" ({told})" if told else "")
    deed.told = {"action": rule.action, "when": rule.when.source, "values": values, "why": why}
    if deed.exits is not None:
        deed.told["exits"] = deed.exits
    return deed


def values_of(rule: Overflow, now: Now) -> dict[str, Any]:
    """What the condition asked for, as it was: durations in ms, and what is not known as null."""
    values: dict[str, Any] = {}
    for name in QUANTITIES:
        if name in rule.when.names:
            value = getattr(now, name)
            if isinstance(value, float):
                value = None if isinf(value) else round(value, 2)
            values[name] = value
    return values


def _said(name: str, value: Any) -> str:
    if value is None:
        return "without limit" if name == "callers_per_agent" else "not known"
    if QUANTITIES[name][0] == "duration":
        return duration_text(round(value / 1000) * 1000)
    return str(value).lower()


# --- one function for each action: what is done, in words, or None ------------------------------------------------


def _say(_: Deed, __: Overflow, ___: Now, ____: Mapping[str, Queue]) -> str | None:
    return "the caller is told something"


def _offer(deed: Deed, rule: Overflow, now: Now, _: Mapping[str, Queue]) -> str | None:
    assert rule.offer is not None and now.caller is not None
    deed.exits = {**rule.offer}
    deed.notice["offer"] = deed.exits
    return "the caller may press " + ", ".join(f"{key} for {choice}" for key, choice in rule.offer.items())


def _widen(deed: Deed, rule: Overflow, now: Now, queues: Mapping[str, Queue]) -> str | None:
    assert now.caller is not None
    entry = now.caller.entry
    if isinstance(rule.widen, int):
        name, steps = now.line.queue.name, entry.requirement[1 : rule.widen]
        if len(entry.also.get(name, ())) >= len(steps):
            return None
        did = f"step {rule.widen} begins at once"
    else:
        name = str(rule.widen)
        if name not in queues or name in entry.also:
            return None
        steps = queues[name].terms(entry.skills)["requirement"]
        deed.members = queues[name].terms({})["members"]
        did = f"the people of {name} may be asked too"
    deed.also = {**entry.also, name: [{key: each[key] for key in each if key != "for_ms"} for each in steps]}  # type: ignore[misc, literal-required]
    return did


def _raise(deed: Deed, rule: Overflow, now: Now, _: Mapping[str, Queue]) -> str | None:
    assert now.caller is not None and rule.raise_ is not None
    before = now.caller.entry.priority
    deed.priority = min(before + rule.raise_, MOST_RAISED)
    return None if deed.priority <= before else f"priority {before} becomes {deed.priority}"


def _move(deed: Deed, rule: Overflow, now: Now, queues: Mapping[str, Queue]) -> str | None:
    assert now.caller is not None and rule.move is not None
    entry = now.caller.entry
    if rule.move not in queues or rule.move == now.line.queue.name or entry.hops >= MOST_HOPS:
        return None
    since = now.at if rule.fresh else entry.since
    deed.move = Move(rule.move, queues[rule.move].terms(entry.skills), since)
    return f"moved to {rule.move}, " + ("at the end of the line" if rule.fresh else "keeping the time waited")


def _then(deed: Deed, rule: Overflow, _: Now, __: Mapping[str, Queue]) -> str | None:
    deed.notice["then"], deed.aside = rule.then, True
    return {"callback": "the caller is to be called back", "voicemail": "the caller may leave a message"}.get(
        str(rule.then), "the call comes to a polite end"
    )


def _sms(deed: Deed, rule: Overflow, _: Now, __: Mapping[str, Queue]) -> str | None:
    deed.notice["sms"] = rule.sms
    return f"the answer {rule.sms} is sent as a text message"


def _transfer(deed: Deed, rule: Overflow, _: Now, __: Mapping[str, Queue]) -> str | None:
    deed.notice["transfer"], deed.aside = rule.transfer, True
    return f"put through to {rule.transfer}"


_ACTIONS = {
    "say": _say, "offer": _offer, "widen": _widen, "raise": _raise, "move": _move, "then": _then, "sms": _sms,
    "transfer": _transfer,
}  # fmt: skip
"""By the key of the action."""
