"""The store forgets everything while calls wait, ring and talk: their engine tells it again, and each goes on."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from core.errors import GuichetError
from core.ids import counted_ids
from queues.model import Agent, AgentState, Device, EntryState, Status
from queues.store.memory import MemoryStore
from telephony.call import Call
from telephony.changes import follow_changes
from telephony.channel import DialResult, DialStatus
from telephony.fake import Doing, FakeChannel
from telephony.house import House
from telephony.note import MOST_NOTE, packed, unpacked
from telephony.presence import CHOSEN_WITHIN_MS, Chosen, Presence
from telephony.record import Arrival, CallRecord
from tests.history_checker import check, unfinished
from tests.unit.telephony.town import agent, flow, house_of, offer

WAY = flow(
    topic={"menu": "Press 1 for roads.", "choices": {"1": "roads"}, "otherwise": "bye"},
    roads={"queue": "roads", "skills": {"roads": 2}, "priority": 3, "prefer": {"agent": "'camille'", "for": "1m"},
           "answered": "bye", "otherwise": "bye"},
    bye={"say": "Goodbye.", "then": "hangup"},
)  # fmt: skip
ENTRY = "fake-1-1"


class Engine:
    """A house with camille at a phone, what it knows of accounts and choices, and a presence on its store."""

    def __init__(self) -> None:
        self.house = house_of(WAY)
        self.chosen: list[Chosen] = []
        self.away = False
        """The history, which knows what was chosen."""
        self.presence = Presence(self.house, self._agents, self._chosen, self._tell_devices)
        self.house.told_again = self.presence.look

    async def _agents(self) -> Sequence[Agent]:
        return [Agent("camille", "1001")]

    async def _chosen(self) -> Sequence[Chosen]:
        if self.away:
            raise GuichetError("the database is away")
        return self.chosen

    def _tell_devices(self) -> None:
        task = asyncio.ensure_future(self.house.store.set_device("camille", Device.FREE, self.house.clock()))
        self._telling = task

    def wipe(self) -> None:
        """The same store, knowing nothing any more."""
        self.house.clock.advance(1000)  # type: ignore[attr-defined]
        vars(self.house.store).update(vars(MemoryStore(self.house.clock, counted_ids("again"))))

    @asynccontextmanager
    async def call(self, channel: FakeChannel) -> AsyncIterator["asyncio.Task[None]"]:
        task = asyncio.create_task(Call.arrive(self.house, channel, Arrival("+33612345678", "Zoé", "3939")).run())
        yield task
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def engine() -> Engine:
    made = Engine()
    await made.presence.look()
    await agent(made.house, "camille", "1001")
    return made


async def events(house: House) -> list[str]:
    return [event.kind for _, event in await house.store.follow("0", 0)]


async def test_a_waiting_call_has_its_place_and_all_that_it_asks_for_again(engine: Engine) -> None:
    channel = FakeChannel(["1"])
    async with engine.call(channel):
        await channel.until(Doing.WAITING)
        before = await engine.house.store.entry(ENTRY)
        session = await engine.house.store.load_call("fake-1")
        engine.wipe()
        assert await engine.presence.look()
        assert await engine.house.store.entry(ENTRY) == before
        assert await engine.house.store.load_call("fake-1") == session
        assert before is not None
        assert (before.priority, before.requirement) == (3, [{"skills": {"roads": 2}}])
        assert before.preferred == {"agents": ["camille"], "for_ms": 60_000}
        assert not await engine.presence.look()


async def test_what_others_changed_of_a_place_is_told_again_too(engine: Engine) -> None:
    channel = FakeChannel(["1"])
    following = asyncio.create_task(follow_changes(engine.house))
    async with engine.call(channel):
        await channel.until(Doing.WAITING)
        await offer(engine.house, ENTRY, "camille")
        await channel.until(Doing.RINGING)
        channel.phone_ends(DialResult(DialStatus.NO_ANSWER))
        await channel.until(Doing.WAITING)
        await engine.house.store.prioritise(ENTRY, 9, "urgent", "sophie", engine.house.clock())
        before = await engine.house.store.entry(ENTRY)
        assert before is not None
        async with asyncio.timeout(5):
            while engine.house.calls["fake-1"].line.entry.priority != 9:  # type: ignore[attr-defined]  # noqa: ASYNC110
                await asyncio.sleep(0)
        engine.wipe()
        await engine.presence.look()
        after = await engine.house.store.entry(ENTRY)
        assert after is not None
        assert (after.priority, after.excluded) == (9, before.excluded)
        assert after.excluded
    following.cancel()


async def test_a_conversation_goes_on_and_its_end_is_told(engine: Engine) -> None:
    channel = FakeChannel(["1"])
    async with engine.call(channel) as call:
        await channel.until(Doing.WAITING)
        await offer(engine.house, ENTRY, "camille")
        await channel.until(Doing.RINGING)
        channel.phone_answers()
        await channel.until(Doing.TALKING)
        engine.wipe()
        await engine.presence.look()
        known = await engine.house.store.agent("camille")
        assert known is not None
        assert (known.state, known.entry) == (AgentState.TALKING, ENTRY)
        channel.phone_ends(DialResult(DialStatus.ANSWERED, 5000))
        await asyncio.wait_for(call, 5)
    told = [event for _, event in await engine.house.store.follow("0", 0)]
    assert [event.kind for event in told if event.kind.startswith("entry.")] == ["entry.restored", "entry.finished"]
    assert check(told) == []
    assert unfinished(told) == set()


async def test_a_phone_that_rings_goes_on_ringing_and_may_be_answered(engine: Engine) -> None:
    channel = FakeChannel(["1"])
    async with engine.call(channel):
        await channel.until(Doing.WAITING)
        await offer(engine.house, ENTRY, "camille")
        await channel.until(Doing.RINGING)
        engine.wipe()
        await engine.presence.look()
        channel.phone_answers()
        await channel.until(Doing.TALKING)
        async with asyncio.timeout(5):
            while (entry := await engine.house.store.entry(ENTRY)) and entry.state is not EntryState.CONNECTED:  # noqa: ASYNC110
                await asyncio.sleep(0)  # the answer is being told
        assert entry is not None
        assert entry.agent == "camille"


@pytest.mark.parametrize("moment", [Doing.WAITING, Doing.TALKING])
async def test_whoever_hangs_up_before_the_store_was_told_again_is_recorded_all_the_same(
    engine: Engine, moment: Doing
) -> None:
    channel = FakeChannel(["1"])
    async with engine.call(channel) as call:
        await channel.until(Doing.WAITING)
        if moment is Doing.TALKING:
            await offer(engine.house, ENTRY, "camille")
            await channel.until(Doing.RINGING)
            channel.phone_answers()
            await channel.until(Doing.TALKING)
        engine.wipe()
        channel.hang_up()
        await asyncio.wait_for(call, 5)
    ends = "entry.finished" if moment is Doing.TALKING else "entry.left"
    kinds = [kind for kind in await events(engine.house) if kind.startswith(("entry.", "call.ended"))]
    assert kinds == ["entry.restored", ends, "call.ended"]
    assert await engine.house.store.live_calls() == {}


async def test_an_offer_that_was_not_taken_up_is_forgotten_by_both(engine: Engine) -> None:
    channel = FakeChannel(["1"])
    async with engine.call(channel):
        await channel.until(Doing.WAITING)
        await offer(engine.house, ENTRY, "camille", deliver=False)
        engine.wipe()
        await engine.presence.look()
        entry = await engine.house.store.entry(ENTRY)
        assert entry is not None
        assert entry.state is EntryState.WAITING
    assert channel.dials == []


async def test_agents_are_what_they_last_chose_but_not_what_they_chose_since(engine: Engine) -> None:
    engine.chosen = [Chosen("camille", Status.PAUSED, "lunch"), Chosen("nobody", Status.AVAILABLE, "")]
    engine.wipe()
    await engine.presence.look()
    known = await engine.house.store.agent("camille")
    assert known is not None
    assert (known.status, known.reason) == (Status.PAUSED, "lunch")


@pytest.mark.parametrize(("after_ms", "status"), [(5_000, Status.PAUSED), (CHOSEN_WITHIN_MS, Status.OFFLINE)])
async def test_a_history_that_is_away_is_asked_again_what_agents_chose_but_not_for_ever(
    engine: Engine, after_ms: int, status: Status
) -> None:
    engine.chosen, engine.away = [Chosen("camille", Status.PAUSED, "lunch")], True
    engine.wipe()
    assert await engine.presence.look()
    engine.house.clock.advance(after_ms)  # type: ignore[attr-defined]
    assert not await engine.presence.look(), "no call waits for it"
    engine.away = False
    await engine.presence.look()
    known = await engine.house.store.agent("camille")
    assert known is not None
    assert known.status is status


async def said_of_agents(house: House) -> list[bool]:
    return [event.data["known"] for _, event in await house.store.follow("0", 0) if event.kind == "store.agents_told"]


async def test_it_is_said_when_agents_are_what_they_had_chosen_and_not_before(engine: Engine) -> None:
    engine.chosen, engine.away = [Chosen("camille", Status.PAUSED, "lunch")], True
    engine.wipe()
    await engine.presence.look()
    assert await said_of_agents(engine.house) == []
    engine.away = False
    await engine.presence.look()
    await engine.presence.look()
    assert await said_of_agents(engine.house) == [True]
    kinds = await events(engine.house)
    assert kinds.index("store.agents_told") > kinds.index("agent.status")


async def test_it_is_said_that_nobody_will_know_it(engine: Engine) -> None:
    engine.away = True
    engine.wipe()
    await engine.presence.look()
    engine.house.clock.advance(CHOSEN_WITHIN_MS)  # type: ignore[attr-defined]
    await engine.presence.look()
    assert await said_of_agents(engine.house) == [False]
    engine.away = False
    engine.wipe()
    await engine.presence.look()
    assert await said_of_agents(engine.house) == [True], "another beginning, told anew"


async def test_an_engine_leaves_it_to_whoever_began_the_store_since(engine: Engine) -> None:
    engine.away = True
    engine.wipe()
    await engine.presence.look()
    engine.wipe()
    await engine.house.store.announce("another", "guichet", engine.house.clock())
    engine.house.clock.advance(CHOSEN_WITHIN_MS)  # type: ignore[attr-defined]
    await engine.presence.look()
    assert await said_of_agents(engine.house) == []


async def test_only_the_engine_that_begins_the_store_says_what_agents_chose(engine: Engine) -> None:
    engine.chosen = [Chosen("camille", Status.AVAILABLE, "")]
    engine.wipe()
    await engine.house.store.announce("another", "guichet", engine.house.clock())
    assert await engine.presence.look()
    known = await engine.house.store.agent("camille")
    assert known is not None
    assert known.status is Status.OFFLINE


# --- what the line itself keeps ---------------------------------------------------------------------------------------


async def test_a_call_whose_engine_died_with_the_store_keeps_its_place_by_what_its_line_knows(engine: Engine) -> None:
    channel = FakeChannel(["1"])
    async with engine.call(channel):
        await channel.until(Doing.WAITING)
        before = await engine.house.store.entry(ENTRY)
    assert before is not None
    other = house_of(WAY, node="node-2")
    line = FakeChannel()
    line.notes = channel.notes
    resumed = await Call.resume(other, line)
    assert resumed is not None
    task = asyncio.create_task(resumed.run(resumed=True))
    await line.until(Doing.WAITING)
    after = await other.store.entry(ENTRY)
    assert after is not None
    for name in ("since", "entered", "priority", "requirement", "preferred"):
        assert getattr(after, name) == getattr(before, name)
    assert line.played == []
    assert await other.store.load_call("fake-1") is not None
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def record(**session: object) -> CallRecord:
    kept = {"call": "fake-1", "flow": "welcome", "version": "v1", "language": "fr", "step": "roads", **session}
    return CallRecord.from_data({"session": kept, "asterisk": "north", "channel": "c", "arrived": 1, "entry": "e"})


def test_a_note_is_read_again_as_it_was_written_whatever_the_caller_is_called() -> None:
    told = record(caller={"number": "+33612345678", "name": 'Zoé "|,${SHELL(rm)}\n\u202e', "withheld": False})
    text = packed(told)
    assert set(text) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
    assert unpacked(text) == told


def test_a_note_is_short_whatever_is_known_of_the_call() -> None:
    names = [f"step-{number * 7919 % 1000}" for number in range(200)]
    values = {f"v{number}": str(number * 104729 % 10**9) * 20 for number in range(100)}
    told = record(path=names, variables=values, caller={"number": "+33612345678", "name": "x"})
    text = packed(told)
    assert 0 < len(text) <= MOST_NOTE
    read = unpacked(text)
    assert read is not None
    assert (read.session.step, read.entry, read.session.variables) == ("roads", "e", {})


@pytest.mark.parametrize("text", ["", "a", "eNqrVkosLcmIz0xRslIyVKoFACPMBHU", "====", "é", "A" * 5000, "mairie 1 0"])
def test_what_is_no_note_of_ours_is_passed_over(text: str) -> None:
    assert unpacked(text) is None


def test_a_note_cannot_blow_up() -> None:
    import base64
    import zlib

    bomb = base64.urlsafe_b64encode(zlib.compress(b" " * 10_000_000 + b"{}", 9)).decode().rstrip("=")
    assert unpacked(bomb) is None
