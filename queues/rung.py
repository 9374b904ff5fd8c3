"""The offers of an entry that are in force: one, or several where a queue rings all."""

from queues.model import Entry, Rung


def rung_for(entry: Entry) -> list[Rung]:
    """Its offers in force."""
    return [{"offer": entry.offer, "agent": entry.agent}, *entry.beside] if entry.offer else []


def agent_of(entry: Entry, offer: str) -> str:
    """To whom it is offered so; the offer is in force."""
    return entry.agent if entry.offer == offer else next(e["agent"] for e in entry.beside if e["offer"] == offer)


def take_back(entry: Entry, offer: str) -> None:
    """That offer is in force no more; another one takes its place where there is one."""
    left = [each for each in rung_for(entry) if each["offer"] != offer]
    if left:
        entry.offer, entry.agent, entry.beside = left[0]["offer"], left[0]["agent"], left[1:]
    else:
        entry.agent, entry.offer, entry.offered_at, entry.beside = "", "", 0, []


def copied_rung(rung: Rung) -> Rung:
    """A copy."""
    return {"offer": rung["offer"], "agent": rung["agent"]}
