"""Whole calls over the real AGI subclass and channel, against a pretended Asterisk that counts commands, for bench
flows. An agent answers in the queue."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.town import Town, load_town
from core.clock import wall_clock
from core.ids import counted_ids, random_id
from ivr.acts import Prompt
from queues.model import Agent, Device, OfferMessage, Proposal, Status
from queues.store.memory import MemoryStore
from queues.store.port import DISPATCHER
from telephony.asterisk.agi import Agi
from telephony.asterisk.ami import Ami
from telephony.asterisk.channel import AsteriskChannel
from telephony.asterisk.connection import Reply
from telephony.call import Call
from telephony.house import House
from telephony.record import Arrival

QUEUE = b"queue: mairie\n"
UNIQUEID = "1700000000.1"
KEYS = "20261234"
"""What the caller keys in where several digits are asked for; 1 elsewhere."""


async def commands_per_step(flow: bytes) -> float:
    """AGI commands for each step of one call through this flow, which has a queue `mairie`."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "queues").mkdir()
        (Path(folder) / "essai.yaml").write_bytes(flow)
        (Path(folder) / "queues" / "mairie.yaml").write_bytes(QUEUE)
        town = load_town(Path(folder))
    assert not town.faults, town.faults
    house = await _house(town)
    asterisk = CountingAsterisk(house)
    channel = AsteriskChannel(Agi(asterisk, asterisk.mark), Ami("127.0.0.1", 1, "guichet", ""), house.asterisk)  # type: ignore[arg-type]  # what Agi needs of a connection
    call = Call.arrive(house, channel, Arrival("0612345678", "Ada", "3939"))
    await call.run()
    assert call.record.session.ended, call.record.session
    return asterisk.commands / len(call.record.session.path)


class CountingAsterisk:
    """The connection as Agi uses it: each command is counted and answered at once."""

    mark = "|END|"

    def __init__(self, house: House) -> None:
        self.environment = {
            "agi_channel": "PJSIP/trunk-00000001",
            "agi_uniqueid": UNIQUEID,
            "agi_callerid": "0612345678",
            "agi_calleridname": "Ada",
            "agi_extension": "3939",
        }
        self.hung_up = False
        self.commands = 0
        self._house = house
        self._offer = ""

    async def request(self, line: bytes, mark: bytes = b"") -> Reply:  # noqa: ARG002 — as the connection's
        self.commands += 1
        command = line.decode()
        if command.startswith("GET OPTION"):
            return Reply(200, str(ord("1")))
        if command.startswith("WAIT FOR DIGIT -1"):
            await self._an_agent_is_found()
            return Reply(200, str(ord("D")))
        if command.startswith("GET FULL VARIABLE"):
            return Reply(200, "1", f"OK|{KEYS}" if "READSTATUS" in command else f"{self._offer}|ANSWER|1000|||||")
        return Reply(200, "0")

    async def _an_agent_is_found(self) -> None:
        """What the dispatcher commits, and what the node then tells the call."""
        store, now = self._house.store, self._house.clock()
        fence = await store.take_lease(DISPATCHER, "bench", 60_000)
        (call,) = self._house.calls
        record = await store.load_call(call)
        assert fence is not None and record is not None
        self._offer = f"offer-{self.commands}"
        assert await store.offer(fence, [Proposal(self._offer, record["entry"], "a1", now, now + 50_000)]) == [None]
        for _, offer in await store.inbox(self._house.node, "0", 0):
            if isinstance(offer, OfferMessage) and offer.offer == self._offer:
                await self._house.calls[call].offered(offer)


async def _house(town: Town) -> House:
    store = MemoryStore(wall_clock, random_id)
    house = House(
        node="bench", asterisk="guichet", language="fr", store=store, voice=_Speech(), callers=_Nobody(),
        towns=_OneTown(town), clock=wall_clock, new_id=counted_ids("event"), agent_at=lambda _: None,
    )  # fmt: skip
    await store.put_agent(Agent("a1", "101"), wall_clock())
    await store.set_device("a1", Device.FREE, wall_clock())
    await store.set_status("a1", Status.AVAILABLE, "", "a1", wall_clock())
    return house


class _Speech:
    async def sound(self, prompt: Prompt, version: str = "") -> str:  # noqa: ARG002 — as Voice has it
        return f"/sounds/{abs(hash(prompt)):x}"


class _Nobody:
    async def caller(self, number: str) -> Mapping[str, Any]:  # noqa: ARG002 — as Callers has it
        return {"contacts": 5}


class _OneTown:
    def __init__(self, town: Town) -> None:
        self._town = town

    def live(self) -> Town:
        return self._town

    def of(self, version: str) -> Town:  # noqa: ARG002 — there is one
        return self._town

    async def bring(self, version: str) -> Town:
        return self.of(version)
