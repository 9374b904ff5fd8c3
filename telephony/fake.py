"""A caller's line without a telephone network, for tests of whatever handles calls. Nothing sleeps: what the caller and
the agents' phones do is scripted beforehand, or said by the test while the call runs:

    channel = FakeChannel(keys=["1", "", HANG_UP], during={"welcome": "0"}, phones={"1001": DialResult(ANSWERED, 5000)})
    task = asyncio.create_task(handle(channel))
    await channel.until(Doing.WAITING)
    channel.press("5")
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path

from core.errors import CallerGone, ChannelLost
from ivr.acts import Digits, Pressed, Take
from telephony.channel import NOTHING, WAKE, Along, DialResult, DialStatus, Sound, Taken

HANG_UP = "hang up"
"""In a script, instead of keys: the caller hangs up here."""


class Doing(StrEnum):
    """What the line is busy with."""

    NOTHING = "nothing"
    PLAYING = "playing"
    COLLECTING = "collecting"
    WAITING = "waiting"
    """In wait_for_digit."""
    RECORDING = "recording"
    RINGING = "ringing"
    TALKING = "talking"
    MEETING = "meeting"
    """In a room."""
    FINISHED = "finished"


class FakeChannel:
    """The port of telephony/channel.py.

    `keys`: what the caller presses at each collect, one after the other, terminator included ("" is silence, and so is
    everything after the last one). `during`: what the caller presses while a sound plays. `phones`: how ringing each
    extension, or number outside, ends; one that is not named rings until the test calls phone_answers() or
    phone_ends(). `speaks`: what is taken of the caller's voice at each recording; nothing after the last one.
    """

    def __init__(
        self,
        keys: Sequence[str] = (),
        *,
        during: Mapping[Sound, str] | None = None,
        phones: Mapping[str, DialResult] | None = None,
        speaks: Sequence[Taken] = (),
        id: str = "fake-1",
        name: str = "Fake/1",
    ) -> None:
        self.keys = deque(keys)
        self.during = dict(during or {})
        self.phones = dict(phones or {})
        self.speaks = deque(speaks)
        self._id, self._name = id, name

        self.doing = Doing.NOTHING
        self.answered = False
        self.music = False
        self.finished = False
        self.played: list[Sound] = []
        """Every sound that was begun, in order."""
        self.dials: list[tuple[str, str, int]] = []
        """(extension, offer, ring_ms) of each dial, (number, name, ring_ms) of each transfer."""
        self.along: list[Along] = []
        """What went along with each transfer."""
        self.asterisks: list[str] = []
        """Where each dialled extension is registered."""
        self.recorded: list[tuple[Path, Take]] = []
        self.notes: list[str] = []
        """What was remembered, newest last."""
        self.last = ("", DialResult(DialStatus.UNREACHABLE))
        """What last_dial gives: (offer, how it ended)."""

        self.room = ""
        """Where the caller is."""
        self._room_over, self._met = False, ""
        self._rooms = FakeRooms(self)
        self._failure: type[CallerGone] | type[ChannelLost] | None = None
        self._pressed: deque[str] = deque()
        self._answer_at_once = False
        self._answered_by = ""
        self._ending: DialResult | None = None
        self._changed = asyncio.Event()

    # --- what a test does -----------------------------------------------------------------------------------------

    def press(self, digit: str) -> None:
        """The caller presses a key while waiting."""
        self._pressed.append(digit)
        self._changed.set()

    def hang_up(self) -> None:
        """The caller hangs up: whatever runs, and whatever comes after, raises CallerGone (dial ends first)."""
        self._fail(CallerGone)

    def lose(self) -> None:
        """The connection to the network breaks: everything raises ChannelLost."""
        self._fail(ChannelLost)

    def phone_answers(self, extension: str = "") -> None:
        """The phone that rings is picked up; of several, this one."""
        self._answer_at_once, self._answered_by = True, extension
        self._changed.set()

    def phone_ends(self, result: DialResult) -> None:
        """The phone stops ringing, or the agent hangs up."""
        self._ending = result
        self._changed.set()

    def room_ends(self) -> None:
        """The last agent leaves it."""
        self._room_over = True
        self._changed.set()

    async def until(self, doing: Doing, seconds: float = 5) -> None:
        """Wait until the line does that."""
        async with asyncio.timeout(seconds):
            await self._until(lambda: self.doing is doing)

    # --- the port -------------------------------------------------------------------------------------------------

    @property
    def id(self) -> str:
        return self._id

    @property
    def name(self) -> str:
        return self._name

    async def answer(self) -> None:
        await self._turn(Doing.NOTHING)
        self.answered = True

    async def play(self, sounds: Sequence[Sound], *, interruptible: bool = True) -> str:
        self.music = False
        for sound in sounds:
            await self._turn(Doing.PLAYING)
            self.played.append(sound)
            did = self.during.pop(sound, "")
            if did == HANG_UP:
                self.hang_up()
            elif did and interruptible:
                self._do(Doing.NOTHING)
                return did[0]
        await self._turn(Doing.NOTHING)
        return ""

    async def collect(self, sounds: Sequence[Sound], digits: Digits, typed: str = "") -> Pressed:
        if digits.barge_in:
            first = typed or await self.play(sounds)
        else:
            first = await self.play(sounds, interruptible=False)
        await self._turn(Doing.COLLECTING)
        wanted = self.keys.popleft() if self.keys and len(first) < digits.most else ""
        if wanted == HANG_UP:
            self.hang_up()
        await self._turn(Doing.NOTHING)
        text, ended, _ = (
            (first + wanted).partition(digits.terminator) if digits.terminator else (first + wanted, "", "")
        )
        return Pressed(text[: digits.most], complete=bool(ended) or len(text) >= digits.most)

    async def record(self, path: Path, take: Take) -> Taken:
        await self._turn(Doing.RECORDING)
        self.recorded.append((path, take))
        taken = self.speaks.popleft() if self.speaks else Taken(0)
        if taken.gone:
            self.hang_up()
        self._do(Doing.NOTHING)
        return taken

    async def start_music(self) -> None:
        await self._turn(Doing.NOTHING)
        self.music = True

    async def announce(self, sounds: Sequence[Sound]) -> str:
        for sound in sounds:
            if self._pressed:
                break
            if pressed := await self.play([sound]):
                return pressed
        return self._pressed.popleft() if self._pressed else ""

    async def wait_for_digit(self) -> str:
        await self._turn(Doing.WAITING)
        await self._until(lambda: bool(self._pressed or self._failure))
        await self._turn(Doing.NOTHING)
        return self._pressed.popleft()

    async def wake(self) -> None:
        if self.doing in (Doing.WAITING, Doing.PLAYING) and WAKE not in self._pressed:
            self.press(WAKE)

    async def dial(
        self,
        extension: str,
        offer: str,
        ring_ms: int,
        on_ringing: Callable[[], Awaitable[None]],
        on_answer: Callable[[], Awaitable[None]],
        asterisk: str = "",
    ) -> DialResult:
        self.asterisks.append(asterisk)
        return await self._dial(extension, offer, ring_ms, on_ringing, on_answer)

    @property
    def rooms(self) -> "FakeRooms":
        return self._rooms

    async def meet(self, room: str, name: str) -> None:
        await self._turn(Doing.MEETING)
        self.music, self.room = False, room
        await self._until(lambda: self._room_over or self._failure is not None)
        self.room, self._room_over = "", False
        await self._turn(Doing.NOTHING)
        self._met = name

    async def has_met(self, name: str) -> bool:
        return self._met == name

    async def dial_together(
        self,
        phones: Mapping[str, str],
        ring_ms: int,
        on_ringing: Callable[[str], Awaitable[None]],
        on_answer: Callable[[str], Awaitable[None]],
        on_end: Callable[[str, DialStatus], Awaitable[None]],
        asterisks: Mapping[str, str] | None = None,
    ) -> DialResult:
        await self._turn(Doing.NOTHING)
        self.asterisks += [(asterisks or {}).get(extension, "") for extension in phones]
        self.dials += [(extension, offer, ring_ms) for extension, offer in phones.items()]
        name = next(iter(phones.values()))
        self.last = (name, DialResult(DialStatus.UNREACHABLE))
        self._answer_at_once, self._answered_by, self._ending = False, "", None
        self._do(Doing.RINGING)
        for extension, offer in phones.items():
            ends = self.phones.get(extension)
            await (on_end(offer, ends.status) if ends else on_ringing(offer))
        await self._until(lambda: bool(self._answer_at_once or self._ending or self._failure))
        if self._answered_by and not self._failure:
            await on_answer(phones[self._answered_by])
            self._do(Doing.TALKING)
            await self._until(lambda: bool(self._ending or self._failure))
            result = replace(self._ending or DialResult(DialStatus.ANSWERED), extension=self._answered_by)
        else:
            result = self._ending or DialResult(DialStatus.CALLER_GONE)
        self.last = (name, result)
        self._do(Doing.NOTHING)
        if self._failure is ChannelLost:
            raise ChannelLost
        return result

    async def transfer(
        self, number: str, name: str, ring_ms: int, on_answer: Callable[[], Awaitable[None]], along: Along = NOTHING
    ) -> DialResult:
        self.along.append(along)

        async def ringing() -> None:
            pass

        return await self._dial(number, name, ring_ms, ringing, on_answer)

    async def last_dial(self) -> tuple[str, DialResult]:
        if self._failure is ChannelLost:
            raise ChannelLost
        return self.last

    async def remember(self, text: str) -> None:
        await self._turn(Doing.NOTHING)
        self.notes.append(text)
        self.last = ("", DialResult(DialStatus.UNREACHABLE))

    async def recall(self) -> str:
        return self.notes[-1] if self.notes else ""

    async def finish(self) -> None:
        await self._turn(Doing.FINISHED)
        self.finished = True

    # --- inside ---------------------------------------------------------------------------------------------------

    async def _dial(
        self,
        phone: str,
        name: str,
        ring_ms: int,
        on_ringing: Callable[[], Awaitable[None]],
        on_answer: Callable[[], Awaitable[None]],
    ) -> DialResult:
        await self._turn(Doing.NOTHING)
        self.dials.append((phone, name, ring_ms))
        self.last = (name, DialResult(DialStatus.UNREACHABLE))
        self._answer_at_once, self._ending = False, self.phones.get(phone)
        result = await self._ring(on_ringing, on_answer)
        self.last = (name, result)
        self._do(Doing.NOTHING)
        if self._failure is ChannelLost:
            raise ChannelLost
        return result

    async def _ring(
        self, on_ringing: Callable[[], Awaitable[None]], on_answer: Callable[[], Awaitable[None]]
    ) -> DialResult:
        if self._ending and self._ending.status in (DialStatus.UNREACHABLE, DialStatus.BUSY):
            return self._ending
        self._do(Doing.RINGING)
        await on_ringing()
        await self._until(lambda: bool(self._answer_at_once or self._ending or self._failure))
        if self._failure:
            return DialResult(DialStatus.CALLER_GONE)
        if self._ending and self._ending.status is not DialStatus.ANSWERED:
            return self._ending
        self._do(Doing.TALKING)
        await on_answer()
        await self._until(lambda: bool(self._ending or self._failure))
        return self._ending or DialResult(DialStatus.ANSWERED, talk_ms=1000)

    async def _turn(self, doing: Doing) -> None:
        """Let others run, then begin something, if the line is still there."""
        await asyncio.sleep(0)
        if self._failure:
            raise self._failure
        self._do(doing)

    def _do(self, doing: Doing) -> None:
        self.doing = doing
        self._changed.set()

    def _fail(self, failure: type[CallerGone] | type[ChannelLost]) -> None:
        self._failure = self._failure or failure
        self._changed.set()

    async def _until(self, true: Callable[[], bool]) -> None:
        while not true():
            changed = self._changed
            if changed.is_set():
                changed = self._changed = asyncio.Event()
            await changed.wait()


class FakeRooms:
    """The port of telephony/channel.py: what was done is written down. The agent's channel is "agent-1", the other one
    "agent-2"; those in `gone` are not there."""

    def __init__(self, line: FakeChannel) -> None:
        self._line = line
        self.done: list[tuple[str, ...]] = []
        self.gone: set[str] = set()

    async def part(self) -> None:
        self.done.append(("part",))
        self._leave()

    def _leave(self) -> None:
        if self._line.doing is Doing.TALKING:
            self._line.phone_ends(DialResult(DialStatus.ANSWERED))
        elif self._line.doing is Doing.MEETING:
            self._line.room_ends()

    async def hang_up(self, channel: str) -> None:
        self.done.append(("hang_up", channel))

    async def send_off(self, entry: str) -> str:
        self.done.append(("send_off", entry))
        self._leave()
        return "" if "agent-1" in self.gone else "agent-1"

    async def fetch(self, agent: str, asked: str, room: str) -> str:
        self.done.append(("fetch", agent, asked, room))
        return "" if "agent-2" in self.gone else "agent-2"

    async def fetch_both(self, agent: str, entry: str, asked: str, room: str) -> bool:
        self.done.append(("fetch_both", agent, entry, asked, room))
        return not self.gone

    async def fetch_agent(self, agent: str, entry: str, room: str) -> bool:
        self.done.append(("fetch_agent", agent, entry, room))
        return agent not in self.gone

    async def clear(self, room: str) -> None:
        self.done.append(("clear", room))
        self._leave()

    async def is_there(self, channel: str) -> bool:
        return channel not in self.gone
