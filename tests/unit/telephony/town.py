"""A small town and an engine without a network: builders for the tests of call handling."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.clock import HandClock
from core.filemodel import Spoken
from core.ids import counted_ids
from hours.definition import Hours
from ivr.acts import Prompt
from ivr.load import Flows
from ivr.material.answer import AnswerFile
from ivr.material.service import ServiceFile
from ivr.model import Flow
from ivr.verbs import VERBS
from queues.model import Agent, Device, OfferMessage, Proposal, Status, Step, Terms
from queues.store.memory import MemoryStore
from queues.store.port import DISPATCHER
from telephony.house import House


def flow(**steps: dict[str, Any]) -> Flow:
    """A flow that begins with its first step; each step is what its YAML would say."""
    verbs = {name: VERBS[next(iter(step))].model_validate(step) for name, step in steps.items()}
    return Flow("welcome", "Welcome", ("fr", "en"), ("3939",), next(iter(steps)), verbs)


@dataclass
class PlainQueue:
    """What the handling of calls asks of a queue."""

    ring_ms: int = 20_000
    wrap_up_ms: int = 30_000
    messages_within: int = 3_600_000
    title: Spoken | None = None

    def terms(self, skills: Mapping[str, int]) -> Terms:
        return Terms(
            requirement=[Step(skills=dict(skills)) if skills else Step()],
            strategy="longest-idle",
            members={},
            ring_ms=self.ring_ms,
            wrap_up_ms=self.wrap_up_ms,
            wrap_up_most_ms=0,
            until_coded=False,
            left_out_ms=60_000,
        )


@dataclass
class OneTown:
    """A town with one version, which is always the live one."""

    flows: Flows
    queues: dict[str, PlainQueue]
    version: str = "v1"
    hours: Mapping[str, Hours] = field(default_factory=dict)
    answers: dict[str, AnswerFile] = field(default_factory=dict)
    services: dict[str, ServiceFile] = field(default_factory=dict)

    def live(self) -> "OneTown":
        return self

    def of(self, version: str) -> "OneTown":
        return self

    async def bring(self, version: str) -> "OneTown":
        return self


class Speech:
    """Its sounds are named by their text."""

    async def sound(self, prompt: Prompt, version: str = "") -> str:
        return prompt.text


class Acquaintances:
    """A history in which some numbers have called before."""

    def __init__(self, **contacts: int) -> None:
        self.contacts = contacts

    async def caller(self, number: str) -> dict[str, Any]:
        return {"contacts": self.contacts.get(f"n{number}", 0)}


def house_of(a_flow: Flow, *, store: MemoryStore | None = None, node: str = "node-1", **contacts: int) -> House:
    """An engine node with that one flow, and queues `roads` and `records`."""
    town = OneTown(Flows({a_flow.name: a_flow}, {"3939": a_flow}), {"roads": PlainQueue(), "records": PlainQueue()})
    clock = HandClock()
    return House(
        node=node,
        asterisk="guichet",
        language="fr",
        store=store or MemoryStore(clock, counted_ids("event")),
        voice=Speech(),
        callers=Acquaintances(**contacts),
        towns=town,  # type: ignore[arg-type]  # its queues are plain ones
        clock=clock,
        new_id=counted_ids(f"{node}-event"),
        agent_at={}.get,
    )


async def agent(house: House, name: str, extension: str) -> None:
    """Somebody at a free phone, available."""
    now = house.clock()
    await house.store.put_agent(Agent(name, extension), now)
    await house.store.set_device(name, Device.FREE, now)
    await house.store.set_status(name, Status.AVAILABLE, "", name, now)


async def offer(house: House, entry: str, to: str, name: str = "offer-1", *, deliver: bool = True) -> None:
    """What the dispatcher would commit; told to the call as `listen` would, if it is to be delivered here."""
    fence = await house.store.take_lease(DISPATCHER, "test", 60_000)
    assert fence is not None
    now = house.clock()
    assert await house.store.offer(fence, [Proposal(name, entry, to, now, now + 50_000)]) == [None]
    for _, message in await house.store.inbox(house.node, "0", 0) if deliver else ():
        if isinstance(message, OfferMessage) and message.offer == name and message.call in house.calls:
            await house.calls[message.call].offered(message)


async def told(house: House) -> list[str]:
    """The kinds of all events so far, in order."""
    return [event.kind for _, event in await house.store.follow("0", 0)]
