"""Where a caller goes whom an agent sends elsewhere: pure decisions on what stands in the entry
(queues.model.Entry.onward) and in the call's record.

    {id, how: "blind", to: "queue:voirie" | "agent:sacha" | "service:mairie", author: "camille", keep_place: true}

A call must not be lost on the way. What is wanted is in the store before the conversation ends, in the call's record
before its entry is finished, and there until the next entry is in line: whichever engine has the call goes on from
there. Whom the agent sent to nobody comes back to that agent, else to the front of the line that they came from."""

from collections.abc import Iterable, Mapping
from typing import Any

from queues.control import priority_before
from queues.model import IN_LINE, Entry, Preferred, Terms

Onward = Mapping[str, Any]

LEADS_ON = frozenset({"blind", "back", "park", "take"})
AGENT_WITHIN_MS = 60_000
"""How long a caller waits for the one agent whom they were sent to; then anybody of the line may answer."""
PARKED_MS = 180_000
"""How long a caller is parked before they come back to the agent who parked them."""
BACK_WITHIN_MS = 60_000
"""The same, of the agent to whom they come back."""


def leads_on(onward: Onward) -> bool:
    """The caller goes elsewhere once this conversation is over; otherwise that was all, and the flow goes on."""
    how = onward.get("how", "")
    return how in LEADS_ON or (how == "complete" and target(onward)[0] == "service")


def target(onward: Onward) -> tuple[str, str]:
    """`queue`, `agent` or `service`, and which; `park`, and the slot."""
    kind, _, name = str(onward["to"]).partition(":")
    return kind, name


def terms_of(onward: Onward, first_queued: int, now: int) -> dict[str, Any]:
    """What the next entry of the call will be like, kept in its record (CallRecord.moved). `onward` has `queue` too,
    the one of the conversation that is over. `front`: it goes before all others of the queue; `back`: to whom it comes
    back where it comes to nothing."""
    kind, name = target(onward)
    keep = bool(onward.get("keep_place", True))
    queue = name if kind == "queue" else str(onward["queue"])
    came_back = onward["how"] == "back"
    agents = [name] if kind == "agent" and name else []
    parked = {"slot": int(name), "by": onward["author"], "until": now + PARKED_MS} if kind == "park" else None
    return {
        "parked": parked,
        "queue": queue,
        "agents": agents,
        "for_ms": (BACK_WITHIN_MS if came_back else AGENT_WITHIN_MS) if agents else 0,
        "since": first_queued if keep else now,
        "front": kind != "queue",
        "back": None if came_back else back(onward),
    }


def back(onward: Onward) -> dict[str, Any]:
    """The way back to the agent who sent the caller on, or asked somebody."""
    return {
        "id": f"{onward['id']}-back",
        "how": "back",
        "to": f"agent:{onward['author']}",
        "author": onward["author"],
        "keep_place": True,
        "queue": onward.get("queue", ""),
    }


def placed(entry: Entry, moved: Mapping[str, Any], terms: Terms) -> Entry:
    """The entry that a flow would make, as it is once the call was moved."""
    entry.queue, entry.since = moved["queue"], moved["since"]
    entry.priority = moved.get("priority", entry.priority)
    entry.preferred = (
        Preferred(agents=list(moved["agents"]), for_ms=moved["for_ms"]) if moved["agents"] else Preferred()
    )
    for name, value in terms.items():
        setattr(entry, name, value)
    if moved.get("parked"):
        entry.parked, entry.members, entry.requirement = dict(moved["parked"]), {NOBODY: {}}, [{}]
    return entry


NOBODY = "-"
"""No agent's id: a caller who is parked is offered to nobody."""


def front(entry: Entry, entries: Iterable[Entry]) -> int:
    """The priority with which it is the next one of its queue."""
    return priority_before(
        entry, [each for each in entries if each.queue == entry.queue and each.id != entry.id and each.state in IN_LINE]
    )
