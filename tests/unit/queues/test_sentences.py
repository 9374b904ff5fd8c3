"""Why each call went to whom, in a centre with all kinds of agents and calls: the sentences as a person reads them,
kept in golden/sentences.txt. After a change that is meant: `GUICHET_GOLDEN=write ./guichet test
tests/unit/queues/test_sentences.py`, and read them."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.clock import HandClock
from core.files import Faults
from core.ids import counted_ids
from queues.dispatcher import Dispatcher
from queues.load import load_queues
from queues.model import Agent, Device, Entry, Preferred, Setback, Status
from queues.store.memory import MemoryStore

GOLDEN = Path(__file__).parent / "golden" / "sentences.txt"
NODE = "n1"

QUEUES = """
queue: etat-civil
require:
  - {skills: {etat-civil: 3}, for: 60s}
  - {skills: {etat-civil: 1}, any: [{anglais: 1, allemand: 1}], for: 2m}
  - {skills: {accueil: 1}}
---
queue: accueil
strategy: longest-idle
---
queue: voirie
strategy: best-skilled
require: [{skills: {voirie: 1}}]
---
queue: impots
strategy: fewest-calls
require: [{skills: {impots: 1}}]
---
queue: mairie
strategy: linear
members: {marie: {}, paul: {}, ines: {priority: 2, delay: 30s}}
---
queue: ecoles
strategy: round-robin
require: [{skills: {ecoles: 1}}]
---
queue: sport
strategy: random
"""

PEOPLE: Mapping[str, Mapping[str, int]] = {
    "ada": {"etat-civil": 3, "anglais": 2},
    "bruno": {"etat-civil": 1, "allemand": 1, "accueil": 2},
    "chloe": {"accueil": 1, "voirie": 2, "impots": 1},
    "denis": {"voirie": 5, "impots": 2, "ecoles": 1},
    "elise": {"etat-civil": 2, "voirie": 5, "ecoles": 2},
    "farid": {"impots": 1, "ecoles": 1, "accueil": 3},
    "ines": {},
    "marie": {},
    "paul": {},
}


class Centre:
    """Everybody is at a phone, and comes to work when told so."""

    def __init__(self) -> None:
        self.clock = HandClock(1_700_000_000_000)
        self.store = MemoryStore(self.clock, counted_ids("event"))
        self.dispatcher = Dispatcher(self.store, "d1", self.clock, counted_ids("offer"), lease_ms=3_600_000)
        faults = Faults()
        sources = {f"{place}.yaml": text.encode() for place, text in enumerate(QUEUES.split("---"))}
        self.queues = load_queues(sources, faults)
        assert faults.found == []
        self.told: list[str] = []
        self._calls = 0

    async def at_work(self, *names: str) -> None:
        """One after the other, a quarter of a minute apart."""
        for name in names:
            await self.store.put_agent(Agent(name, "101", name, dict(PEOPLE[name])), self.clock())
            await self.store.set_device(name, Device.FREE, self.clock())
            await self.store.set_status(name, Status.AVAILABLE, "", name, self.clock.advance(15_000))

    async def away(self, *names: str, status: Status = Status.OFFLINE) -> None:
        for name in names:
            await self.store.set_status(name, status, "", name, self.clock())

    async def calls(self, queue: str, skills: Mapping[str, int] | None = None, **more: Any) -> str:
        self._calls += 1
        now = self.clock.advance(1000)
        name = f"call {self._calls}"
        await self.store.enqueue(
            Entry(name, name, queue, now, now, node=NODE, **self.queues[queue].terms(skills or {}), **more)
        )
        return name

    async def wait(self, seconds: float = 0) -> None:
        """Let time pass and decisions be made; whatever was decided is told."""
        self.clock.advance(round(seconds * 1000))
        for _ in range(3):
            await self.dispatcher.turn(0)
        events = [event for _, event in await self.store.follow("0", 0, 10_000)]
        offers = [event for event in events if event.kind == "entry.offered"]
        for event in offers[len(self.told) :]:
            waited = event.data["waited_ms"] // 1000
            self.told.append(f"{event.call} ({event.data['queue']}, after {waited} s): {event.data['why']}.")

    async def over(self, talk_s: float = 120) -> None:
        """All talks and wrap-ups are over, and each agent is free again."""
        now = self.clock.advance(round(talk_s * 1000))
        for entry in (await self.store.snapshot()).entries:
            if entry.offer:
                await self.store.answer(entry.id, entry.offer, now - round(talk_s * 1000))
                await self.store.finish(entry.id, round(talk_s * 1000), now)
        self.clock.advance(60_000)
        for agent in (await self.store.snapshot()).agents:
            await self.store.end_wrap_up(agent.id, self.clock())

    async def missed(self, setback: Setback = Setback.NO_ANSWER) -> None:
        for entry in (await self.store.snapshot()).entries:
            if entry.offer:
                await self.store.withdraw(entry.id, entry.offer, setback, self.clock.advance(20_000))


async def a_day() -> list[str]:
    centre = Centre()
    await centre.at_work(*PEOPLE)
    await centre.calls("etat-civil")  # one expert
    await centre.wait()
    await centre.calls("etat-civil")  # the expert talks: widened after a minute
    await centre.wait()
    await centre.wait(61)
    await centre.calls("etat-civil", {"anglais": 1})  # as asked by the flow too
    await centre.wait(200)
    await centre.over()
    await centre.calls("accueil")  # anybody: who waited longest
    await centre.wait()
    for _ in range(2):
        await centre.calls("voirie")  # two equally skilled
    await centre.wait()
    await centre.over()
    for _ in range(3):
        await centre.calls("impots")
        await centre.wait()
        await centre.over(10)
    await centre.calls("mairie")  # members in order
    await centre.wait()
    await centre.calls("mairie")
    await centre.wait()
    await centre.calls("mairie")  # only after the delay
    await centre.wait(31)
    await centre.over()
    await centre.calls("ecoles")
    await centre.wait()
    await centre.missed()  # round again, without who did not answer
    await centre.wait()
    await centre.over()
    await centre.calls("accueil", preferred=Preferred(agents=["denis"], for_ms=30_000))
    await centre.wait()
    await centre.calls("accueil", preferred=Preferred(agents=["denis"], for_ms=30_000))  # who is busy
    await centre.wait(31)
    await centre.over()
    await centre.calls("sport")
    await centre.wait()
    await centre.over()
    await centre.away(*(name for name in PEOPLE if name not in ("bruno", "farid")))
    await centre.away("farid", status=Status.PAUSED)
    for _ in range(3):  # a line for one
        await centre.calls("accueil")
    await centre.wait()
    await centre.missed(Setback.BUSY)
    await centre.at_work("farid")
    await centre.wait()
    return centre.told


async def test_the_sentences_are_those_that_were_read() -> None:
    told = "\n".join(await a_day()) + "\n"
    if os.environ.get("GUICHET_GOLDEN") == "write":
        GOLDEN.write_text(told)
    assert told == GOLDEN.read_text()
