"""What is on the screen before the phone rings."""

import logging
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Protocol

from core.clock import Clock
from history.asking import NoAnswer
from history.pop import Pop as StoryData
from queues.model import Agent, Entry
from queues.requirement import fit
from queues.store.port import StoreAway
from queues.why import LANGUAGES
from queues.why import why as why_in
from web.desk.hub import Town, Towns
from web.desk.messages import Chosen, Heard, Pop, SkillAsked
from web.desk.screens import MakePop

log = logging.getLogger(__name__)

MOST_STATED = 1_000


class Story(Protocol):
    """The part of history.pop.ScreenPops that is used here."""

    async def pop(self, call: str, number: str, *, person: str = "") -> StoryData: ...


class Readings(Protocol):
    """The part of history.statements.Statements that is used here."""

    async def reading(self, reader: str, what: str, *, person: str = "", call: str = "") -> None: ...


def make_pop(towns: Towns, story: Story, readings: Readings, clock: Clock) -> MakePop:
    """Whose story is shown to whom is stated before it is shown, once a call."""
    stated: OrderedDict[tuple[str, str, str], None] = OrderedDict()

    async def state(agent: str, call: str, person: str) -> None:
        if not person or (agent, call, person) in stated:
            return
        await readings.reading(agent, "pop", person=person, call=call)
        stated[agent, call, person] = None
        while len(stated) > MOST_STATED:
            stated.popitem(last=False)

    async def told(agent: str, call: str, number: str) -> dict[str, Any] | None:
        """The call is shown without its story rather than late."""
        try:
            found = await story.pop(call, number)
            if found["person"]:
                await state(agent, call, found["person"]["person"] or "")
            return dict(found)
        except (NoAnswer, StoreAway) as error:
            log.warning("call %s is shown without its story: %s", call, error)
            return None

    async def pop(entry: Entry, session: Mapping[str, Any] | None, why: str, agent: Agent) -> Pop:
        said = (session or {}).get("session", {})
        caller = said.get("caller", {})
        number = "" if caller.get("withheld") else str(caller.get("number", ""))
        town, (step, skills) = towns(), asked_of(agent, entry)
        return Pop(
            call=entry.call,
            entry=entry.id,
            offer=entry.offer,
            queue=entry.queue,
            title=town.title(entry.queue),
            guide=dict(town.guides.get(entry.queue, {})),
            number=number,
            name=str(caller.get("name", "")),
            language=str(said.get("language", "")),
            waited_ms=max(0, (entry.offered_at or clock()) - entry.since),
            priority=entry.priority,
            why={each: why_in(why, each) for each in LANGUAGES} if why else {},
            skills=skills,
            widened=step,
            path=[heard(town, said, str(step)) for step in said.get("path", [])],
            choices=[chosen(each) for each in said.get("choices", [])],
            story=await told(agent.id, entry.call, number),
        )

    return pop


def asked_of(agent: Agent, entry: Entry) -> tuple[int, list[SkillAsked]]:
    """In which step of the requirement the agent fits, and the skills that it asks of them."""
    fits = fit(agent.skills, entry.requirement)
    if fits is None:
        return 0, []
    step = entry.requirement[fits.step]
    wanted = dict(step.get("skills", {}))
    for group in step.get("any", ()):
        wanted |= {name: level for name, level in group.items() if agent.skills.get(name, 0) >= level}
    return fits.step, [
        SkillAsked(name=name, asked=level, has=agent.skills.get(name, 0)) for name, level in wanted.items()
    ]


def heard(town: Town, said: Mapping[str, Any], place: str) -> Heard:
    """`place`: STEP, or FLOW/STEP of a sub-flow."""
    flow, _, step = place.rpartition("/")
    return Heard(
        step=place, text=dict(town.said(str(said.get("version", "")), flow or str(said.get("flow", "")), step))
    )


def chosen(each: Mapping[str, Any]) -> Chosen:
    return Chosen(**{name: str(each.get(name, "")) for name in ("step", "digits", "choice")})
