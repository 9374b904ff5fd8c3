"""What is on the screen before the phone rings."""

import logging
from collections.abc import Mapping
from typing import Any, Protocol

from core.clock import Clock
from history.asking import NoAnswer
from history.pop import Pop as StoryData
from queues.model import Entry
from web.desk.hub import MakePop, Towns
from web.desk.messages import Pop

log = logging.getLogger(__name__)


class Story(Protocol):
    """The part of history.pop.ScreenPops that is used here."""

    async def pop(self, call: str, number: str, *, person: str = "") -> StoryData: ...


def make_pop(towns: Towns, story: Story, clock: Clock) -> MakePop:
    async def told(call: str, number: str) -> dict[str, Any] | None:
        """The call is shown without its story rather than late."""
        try:
            return dict(await story.pop(call, number))
        except NoAnswer as error:
            log.warning("call %s is shown without its story: %s", call, error)
            return None

    async def pop(entry: Entry, session: Mapping[str, Any] | None, why: str) -> Pop:
        said = (session or {}).get("session", {})
        caller = said.get("caller", {})
        number = "" if caller.get("withheld") else str(caller.get("number", ""))
        return Pop(
            call=entry.call,
            entry=entry.id,
            offer=entry.offer,
            queue=entry.queue,
            title=towns().title(entry.queue),
            guide="",
            number=number,
            name=str(caller.get("name", "")),
            language=str(said.get("language", "")),
            waited_ms=max(0, (entry.offered_at or clock()) - entry.since),
            priority=entry.priority,
            why=why,
            skills=[dict(step) for step in entry.requirement],
            path=[str(step) for step in said.get("path", [])],
            choices=[],
            story=await told(entry.call, number),
        )

    return pop
