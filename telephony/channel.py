"""The port to a caller's line, whatever network it comes from. Asterisk's is in telephony/asterisk, a fake one in
telephony/fake.py."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from ivr.acts import Digits, Pressed, Take

Sound = str
"""The path of a sound that the network can play, without the file's ending."""

WAKE = "D"
"""The digit that no keypad has: it wakes a waiting call."""


class DialStatus(StrEnum):
    ANSWERED = "answered"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    UNREACHABLE = "unreachable"
    CALLER_GONE = "caller_gone"


@dataclass(frozen=True, slots=True)
class DialResult:
    """How ringing a phone ended. `answered_at` is when the phone was answered, in ms since 1970, and `talk_ms` how long
    they talked. Where the network does not know the one (0), the other is only an upper bound: whoever saw the answer
    knows better. Both are 0 unless answered."""

    status: DialStatus
    talk_ms: int = 0
    extension: str = ""
    """Whose phone answered, where the line knows."""
    answered_at: int = 0
    lost: bool = False
    """It was answered, and then lost by a fault: nobody hung it up, and the caller is still there."""


@dataclass(frozen=True, slots=True)
class Along:
    """What goes along with a caller who is put through outside (telephony/context.py)."""

    header: str = ""
    """Octets of the call's header User-to-User (RFC 7433), in hex; none: no header."""
    whisper: Sequence[Sound] = ()
    """What whoever picks up hears before they are joined, while the caller hears it ring. A key ends it."""


NOTHING = Along()


@dataclass(frozen=True, slots=True)
class Taken:
    """What was recorded: how long it is, and whether the caller hung up meanwhile. `failed`: why there is nothing,
    `unavailable` where the network could not write the file, or ''."""

    ms: int
    gone: bool = False
    failed: str = ""


class Rooms(Protocol):
    """What a caller's line can do with the phones of those who talk with them (telephony/between.py). Channels are the
    network's names. Nothing raises: what could not be done is False or ""."""

    async def part(self) -> None:
        """End the conversation, and leave the caller on their line, so that dial returns. Safe where there is none."""

    async def hang_up(self, channel: str) -> None: ...

    async def send_off(self, entry: str) -> str:
        """The phone that talks with the caller goes to ask somebody (telephony/consulting.py); gives its channel. Dial
        returns."""

    async def fetch(self, agent: str, asked: str, room: str) -> str:
        """Whoever talks with the agent's channel comes into the room, under the entry `asked`; gives their channel."""

    async def fetch_both(self, agent: str, entry: str, asked: str, room: str) -> bool:
        """And the agent, under `entry`."""

    async def fetch_agent(self, agent: str, entry: str, room: str) -> bool:
        """The agent's channel comes into the room, whatever it does."""

    async def clear(self, room: str) -> None:
        """Nobody stays in it."""

    async def is_there(self, channel: str) -> bool: ...


class Channel(Protocol):
    """One caller's line. Every method raises CallerGone when the caller hangs up, ChannelLost when the network's own
    connection breaks."""

    @property
    def id(self) -> str:
        """Unique over all calls and servers: the call's id."""

    @property
    def name(self) -> str:
        """What the network itself calls the line."""

    async def answer(self) -> None: ...

    async def play(self, sounds: Sequence[Sound], *, interruptible: bool = True) -> str:
        """Play one after the other; gives the digit that stopped it, or ''."""

    async def collect(self, sounds: Sequence[Sound], digits: Digits, typed: str = "") -> Pressed:
        """Play, then collect digits. `typed` came before. A digit stops the playing, unless `digits.barge_in` is
        false: then only what is keyed after it counts."""

    async def record(self, path: Path, take: Take) -> Taken:
        """A tone, then record the caller into `<path>.wav`; also when the caller hangs up."""

    async def start_music(self) -> None: ...

    async def announce(self, sounds: Sequence[Sound]) -> str:
        """Play one after the other to a waiting caller, who has no music meanwhile; gives the digit that stopped it,
        WAKE when woken, or ''."""

    async def wait_for_digit(self) -> str:
        """Sleep, however long, until a digit comes; WAKE when woken."""

    async def wake(self) -> None:
        """From another task: make wait_for_digit or announce return WAKE. Safe to call when neither runs."""

    async def dial(
        self,
        extension: str,
        offer: str,
        ring_ms: int,
        on_ringing: Callable[[], Awaitable[None]],
        on_answer: Callable[[], Awaitable[None]],
        asterisk: str = "",
    ) -> DialResult:
        """Ring an agent's phone, registered at the Asterisk of that name ("": here), and join the two when it answers;
        returns when that is over, however it ends: also when the caller hung up (CALLER_GONE while ringing; ANSWERED
        with its talk_ms after a conversation). UNREACHABLE where no way leads there."""

    @property
    def rooms(self) -> "Rooms":
        """From another task: what can be done with those who talk with the caller."""

    async def meet(self, room: str, name: str) -> None:
        """Into the room, with music until an agent is there; returns when the last one has left. `name` is what
        `has_met` knows it by."""

    async def has_met(self, name: str) -> bool:
        """Whether the line was in a room for that, and this is over."""

    async def dial_together(
        self,
        phones: Mapping[str, str],
        ring_ms: int,
        on_ringing: Callable[[str], Awaitable[None]],
        on_answer: Callable[[str], Awaitable[None]],
        on_end: Callable[[str, DialStatus], Awaitable[None]],
        asterisks: Mapping[str, str] = {},
    ) -> DialResult:
        """Ring several agents' phones at once, and join the caller with the first that answers; the others stop ringing
        at that moment, and do not count it as a missed call. As `dial`, but that `phones` is each extension with its
        offer, `asterisks` says where each is registered, and each piece of news says which offer it is of. `on_end` is
        awaited for a phone that is busy or unreachable while others still ring. The result's `extension` is the one
        that answered; `last_dial` knows the ringing by the first offer."""

    async def transfer(
        self, number: str, name: str, ring_ms: int, on_answer: Callable[[], Awaitable[None]], along: Along = NOTHING
    ) -> DialResult:
        """Ring a number outside, and join the two when it answers, and has heard what there is to be told; as `dial`.
        `name` is what `last_dial` knows it by. UNREACHABLE where this network has no way outside, NO_ANSWER where
        whoever picked up was gone before they were joined."""

    async def remember(self, text: str) -> None:
        """Keep a note on the line itself (telephony/note.py), and forget the last ringing."""

    async def recall(self) -> str:
        """The last note that was kept on the line, or ""."""

    async def last_dial(self) -> tuple[str, DialResult]:
        """The offer and the outcome of the last ringing on this line, as the line itself remembers them ("" and
        UNREACHABLE where there was none): what a new engine needs when the former one died while the phone rang."""

    async def finish(self) -> None:
        """The call came to its proper end: hang up."""
