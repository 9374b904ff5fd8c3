"""What is on the screen before the phone rings."""

from collections.abc import Mapping
from typing import Any

from core.clock import Clock
from queues.model import Entry
from web.desk.hub import MakePop, Towns
from web.desk.messages import Pop


def make_pop(towns: Towns, clock: Clock) -> MakePop:
    async def pop(entry: Entry, session: Mapping[str, Any] | None, why: str) -> Pop:
        said = (session or {}).get("session", {})
        caller = said.get("caller", {})
        return Pop(
            call=entry.call,
            entry=entry.id,
            offer=entry.offer,
            queue=entry.queue,
            title=towns().title(entry.queue),
            guide="",
            number="" if caller.get("withheld") else str(caller.get("number", "")),
            name=str(caller.get("name", "")),
            language=str(said.get("language", "")),
            waited_ms=max(0, (entry.offered_at or clock()) - entry.since),
            priority=entry.priority,
            why=why,
            skills=[dict(step) for step in entry.requirement],
            path=[str(step) for step in said.get("path", [])],
            choices=[],
            story={},
            note="",
        )

    return pop
