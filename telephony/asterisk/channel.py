"""A caller's line on Asterisk: the port of telephony/channel.py, with as few AGI commands as each step can do with.

Asterisk drops a digit that comes between two commands, so that playing and collecting is one command wherever it can
be: GET OPTION for one sound and one digit, EXEC Read for the rest. (GET DATA would do for one sound, but it knows one
time limit only, and only `#`.)

What is played before a question of one digit is a command of its own all the same: Asterisk breaks STREAM FILE and GET
OPTION off when the engine dies, so that the next one asks at once, but lets an application such as Read go on.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from core.errors import CallerGone
from core.text import clean_name
from ivr.acts import Digits, Pressed, Take
from telephony.asterisk import naming, variables
from telephony.asterisk.agi import Agi, AppError
from telephony.asterisk.ami import Ami, AmiRefused
from telephony.asterisk.bridge import in_greenlet
from telephony.asterisk.dialling import (
    AGENT_OPTIONS,
    dial,
    dial_together,
    last_dial,
    message_options,
    outside_options,
    reachable,
)  # fmt: skip
from telephony.asterisk.recording import record
from telephony.asterisk.ringing import News
from telephony.asterisk.rooms import Rooms
from telephony.asterisk.softphones import extension_of
from telephony.asterisk.sounds import KEYS, in_commands, key
from telephony.channel import NOTHING, WAKE, Along, DialResult, DialStatus, Sound, Taken

log = logging.getLogger(__name__)

RETRY_WAKE_S = 0.1
"""More than the 45 ms that Asterisk keeps between two digits (AST_MIN_DTMF_GAP): a wake soon after a digit is late, not
lost."""


NOWHERE: Mapping[str, str] = {}
_EXTENSION = re.compile(r"[0-9]{2,8}")
_NOTE = re.compile(r"[A-Za-z0-9_ .:/+-]{0,1500}")
_OUTSIDE = re.compile(r"\+?[0-9*#]{1,31}")
_ROOM = re.compile(r"[A-Za-z0-9.-]{1,160}")
_OFFER = re.compile(r"[A-Za-z0-9-]{1,40}")


class AsteriskChannel:
    """One call. `asterisk` is the name of the Asterisk it came from, `trunks` are its endpoints that lead outside,
    `peers` those that lead to our other Asterisks, by their names."""

    def __init__(
        self, agi: Agi, ami: Ami, asterisk: str, trunks: Sequence[str] = (), peers: Mapping[str, str] = NOWHERE
    ) -> None:
        self._agi, self._ami, self._asterisk, self._trunks, self._peers = agi, ami, asterisk, trunks, peers
        self._id = naming.call_id(asterisk, agi.env.get("agi_uniqueid", ""))
        self._timeouts = ""
        self._sleep: asyncio.Future[None] | None = None
        """While wait_for_digit sleeps, or an announcement is played; done when that is over."""
        self._wakers: dict[asyncio.Future[None], asyncio.Task[None]] = {}
        """By the sleep that each is to end: the one of an earlier sleep may still wait for AMI's answer."""

    # --- who calls whom: cleaned ----------------------------------------------------------------------------------

    @property
    def id(self) -> str:
        return self._id

    @property
    def name(self) -> str:
        return self._agi.env.get("agi_channel", "")

    @property
    def withheld(self) -> bool:
        """The caller shows no number."""
        return not self.caller_number

    @property
    def caller_number(self) -> str:
        """`[0-9+*#]`, or "" where it is withheld or no number at all."""
        return "" if self._restricted else naming.caller_number(naming.given(self._agi.env.get("agi_callerid", "")))

    @property
    def caller_name(self) -> str:
        return "" if self._restricted else clean_name(naming.given(self._agi.env.get("agi_calleridname", "")))

    @property
    def dialled(self) -> str:
        """The number that the caller dialled."""
        env = self._agi.env
        return naming.caller_number(env.get("agi_extension", "")) or naming.caller_number(env.get("agi_dnid", ""))

    @property
    def _restricted(self) -> bool:
        return naming.restricted(self._agi.env.get("agi_callingpres", ""))

    async def agent_extension(self) -> str:
        """The extension of the agent whose registered phone calls, or ""."""
        found = await in_greenlet(self._agi.get_variable, variables.AGENT)
        return extension_of(found)

    # --- sound and digits -----------------------------------------------------------------------------------------

    async def answer(self) -> None:
        await in_greenlet(self._agi.answer)

    async def play(self, sounds: Sequence[Sound], *, interruptible: bool = True) -> str:
        for some in in_commands(sounds):
            if digit := await self._play(some, interruptible):
                return digit
        return ""

    async def _play(self, sounds: Sequence[Sound], interruptible: bool) -> str:
        try:
            if len(sounds) == 1:
                return await in_greenlet(self._agi.stream_file, sounds[0], KEYS if interruptible else "")
            application = "Background" if interruptible else "Playback"
            digit = await in_greenlet(self._agi.appexec, application, "&".join(sounds))
        except AppError:
            log.error("call %s: Asterisk cannot play %s", self.id, ", ".join(sounds))
            return ""
        return key(int(digit)) if digit.isdecimal() else ""

    async def collect(self, sounds: Sequence[Sound], digits: Digits, typed: str = "") -> Pressed:
        if not digits.barge_in:
            await self.play(sounds, interruptible=False)
            sounds, typed = (), ""
        if digits.most == 1 and not typed:
            typed = await self.play(sounds[:-1])
            if not typed:
                return await self._collect_one(sounds[-1:], digits.terminator, digits.first_ms)
        commands = [] if typed else list(in_commands(sounds))
        for some in commands[:-1]:
            if typed := await self._play(some, True):
                break
        if typed:
            return await self._collect_rest(digits, typed)
        last = commands[-1] if commands else []
        return await self._collect_more(last, digits, typed, digits.first_ms)

    async def _collect_rest(self, digits: Digits, typed: str) -> Pressed:
        """Some were typed already: nothing is played, and the time between digits runs."""
        if digits.terminator and digits.terminator in typed:
            return Pressed(typed.partition(digits.terminator)[0])
        if len(typed) >= digits.most:
            return Pressed(typed[: digits.most])
        return await self._collect_more([], digits, typed, digits.next_ms)

    async def _collect_one(self, sounds: Sequence[Sound], terminator: str, first_ms: int) -> Pressed:
        try:
            if sounds:
                pressed = await in_greenlet(self._agi.get_option, sounds[0], KEYS, first_ms)
            else:
                pressed = await in_greenlet(self._agi.wait_for_digit, first_ms)
        except AppError:
            log.error("call %s: Asterisk cannot play %s", self.id, sounds[0])
            return await self._collect_one([], terminator, first_ms)
        if pressed == terminator and pressed:
            return Pressed("")
        return Pressed(pressed, complete=True) if pressed in KEYS and pressed else Pressed("", complete=False)

    async def _collect_more(self, sounds: Sequence[Sound], digits: Digits, typed: str, first_ms: int) -> Pressed:
        await self._set_timeouts(first_ms, digits.next_ms)
        arguments = f"{variables.DIGITS},{'&'.join(sounds)},{digits.most - len(typed)},t"
        await in_greenlet(
            self._agi.appexec, "Read", arguments + (f"({digits.terminator})" if digits.terminator else "")
        )
        status, _, pressed = (await in_greenlet(self._agi.get_full_variable, READ)).partition("|")
        if status == "HANGUP":
            raise CallerGone
        if status == "ERROR" and sounds:
            log.error("call %s: Asterisk cannot play %s", self.id, ", ".join(sounds))
            return await self._collect_more([], digits, typed, first_ms)
        return Pressed(typed + "".join(one for one in pressed if one in KEYS), complete=status == "OK")

    async def _set_timeouts(self, first_ms: int, next_ms: int) -> None:
        """How long Read waits for the first digit and between digits. They stay until they are changed."""
        wanted = f"TIMEOUT(response)={first_ms / 1000:g},TIMEOUT(digit)={next_ms / 1000:g}"
        if wanted != self._timeouts:
            await in_greenlet(self._agi.appexec, "MSet", wanted)
            self._timeouts = wanted

    async def record(self, path: Path, take: Take) -> Taken:
        return await record(self._agi, path, take)

    # --- waiting --------------------------------------------------------------------------------------------------

    async def start_music(self) -> None:
        await in_greenlet(self._agi.execute, "SET MUSIC", "ON")

    async def wait_for_digit(self) -> str:
        with self._asleep():
            return await in_greenlet(self._agi.wait_for_digit, -1)

    async def announce(self, sounds: Sequence[Sound]) -> str:
        """One command for all of them: between two, Asterisk would drop a digit."""
        with self._asleep():
            for some in in_commands(sounds):
                try:
                    code = await in_greenlet(self._agi.appexec, "Background", "&".join(some))
                except AppError:
                    log.error("call %s: Asterisk cannot play %s", self.id, ", ".join(some))
                    continue
                if code == str(ord(WAKE)):
                    return WAKE
                if code.isdecimal() and (pressed := key(int(code))):
                    return pressed
        return ""

    @contextmanager
    def _asleep(self) -> Iterator[None]:
        """While the call can be woken."""
        self._sleep = sleep = asyncio.get_running_loop().create_future()
        try:
            yield
        finally:
            sleep.set_result(None)
            self._sleep = None

    async def wake(self) -> None:
        sleep = self._sleep
        if sleep is not None and sleep not in self._wakers:
            self._wakers[sleep] = waker = asyncio.create_task(self._keep_waking(sleep))
            waker.add_done_callback(lambda _: self._wakers.pop(sleep, None))

    async def _keep_waking(self, sleep: asyncio.Future[None]) -> None:
        """Asterisk drops the digit when it comes before the sleeping command has begun: it is sent again until the
        sleeper has woken, and never when nothing sleeps, since it would stop the next sound."""
        while not sleep.done():
            await self._send_wake()
            await asyncio.wait([sleep], timeout=RETRY_WAKE_S)

    async def _send_wake(self) -> None:
        try:
            await self._ami.action("PlayDTMF", Channel=self.name, Digit=WAKE, Duration="1", Receive="1")
        except (ConnectionError, TimeoutError, AmiRefused) as error:
            log.warning("call %s: cannot be woken yet: %s", self.id, error or "Asterisk does not answer")

    # --- agents ---------------------------------------------------------------------------------------------------

    async def dial(
        self,
        extension: str,
        offer: str,
        ring_ms: int,
        on_ringing: Callable[[], Awaitable[None]],
        on_answer: Callable[[], Awaitable[None]],
        asterisk: str = "",
    ) -> DialResult:
        _check(extension, offer)
        if not (ways := await self._ways([extension], {extension: asterisk})):
            return DialResult(DialStatus.UNREACHABLE)
        await self._show_clean_caller()
        return await dial(self._agi, self._ami, ways[extension], offer, ring_ms, AGENT_OPTIONS, on_ringing, on_answer)

    @property
    def rooms(self) -> Rooms:
        return Rooms(self._ami, self._agi.env.get("agi_uniqueid", ""), self.name)

    async def meet(self, room: str, name: str) -> None:
        if not _ROOM.fullmatch(room) or not _ROOM.fullmatch(name):
            raise ValueError(f"{room!r} or {name!r} cannot be a room's name")
        await in_greenlet(self._agi.appexec, "MSet", f"{variables.MET}={name},CONFBRIDGE_RESULT=")
        await in_greenlet(self._agi.execute, "SET MUSIC", "OFF")  # Dial does so by itself, ConfBridge does not
        await in_greenlet(self._agi.appexec, "ConfBridge", f"{room},guichet,caller")
        # It says nothing of a caller who hung up, and the network's HANGUP may come later.
        if await in_greenlet(self._agi.get_variable, "CONFBRIDGE_RESULT") == "HANGUP":
            raise CallerGone

    async def has_met(self, name: str) -> bool:
        known = await in_greenlet(self._agi.get_full_variable, f"${{{variables.MET}}}|${{CONFBRIDGE_RESULT}}")
        met, _, result = known.partition("|")
        return met == name and bool(result)

    async def leg(self) -> str:
        """Of an agent's phone that was taken out of a conversation: the entry under which it talks."""
        found = await in_greenlet(self._agi.get_variable, variables.LEG)
        return found if _ROOM.fullmatch(found) else ""

    async def go_into(self, room: str) -> None:
        """The agent's phone goes into the room next; it is hung up otherwise."""
        await in_greenlet(self._agi.set_variable, variables.ROOM, room)

    async def dial_together(
        self,
        phones: Mapping[str, str],
        ring_ms: int,
        on_ringing: Callable[[str], Awaitable[None]],
        on_answer: Callable[[str], Awaitable[None]],
        on_end: Callable[[str, DialStatus], Awaitable[None]],
        asterisks: Mapping[str, str] = NOWHERE,
    ) -> DialResult:
        for extension, offer in phones.items():
            _check(extension, offer)
        ways = await self._ways(list(phones), asterisks)
        for extension, offer in phones.items():
            if extension not in ways:
                await on_end(offer, DialStatus.UNREACHABLE)
        if not ways:
            return DialResult(DialStatus.UNREACHABLE)
        await self._show_clean_caller()
        return await dial_together(self._agi, self._ami, ways, phones, ring_ms, News(on_ringing, on_answer, on_end))

    async def _ways(self, extensions: Sequence[str], asterisks: Mapping[str, str]) -> dict[str, str]:
        """What rings each extension's phones at the Asterisk where they are registered, in their order; those to whom
        no way leads are left out."""
        at = {extension: asterisks.get(extension, "") for extension in extensions}
        ours = ("", self._asterisk)
        ways = await reachable(self._agi, [extension for extension in extensions if at[extension] in ours])
        for extension in extensions:
            if at[extension] in self._peers:
                ways[extension] = f"PJSIP/{extension}@{self._peers[at[extension]]}"
            elif at[extension] not in ours:
                log.error(
                    "call %s: no way leads to phone %s at %s: name it in peers", self.id, extension, at[extension]
                )
        return {extension: ways[extension] for extension in extensions if extension in ways}

    async def play_to(
        self,
        extension: str,
        offer: str,
        ring_ms: int,
        sounds: Sequence[Sound],
        on_ringing: Callable[[], Awaitable[None]],
        on_answer: Callable[[], Awaitable[None]],
    ) -> DialResult:
        """The port of telephony/messages.py."""
        _check(extension, offer)
        options = message_options(sounds, offer)
        return await self._ring(extension, offer, ring_ms, options, on_ringing, on_answer)

    async def call_for(
        self,
        extension: str,
        offer: str,
        ring_ms: int,
        number: str,
        shown: str,
        on_ringing: Callable[[], Awaitable[None]],
        on_answer: Callable[[], Awaitable[None]],
    ) -> DialResult:
        """The port of telephony/messages.py."""
        _check(extension, offer)
        if not _OUTSIDE.fullmatch(number) or not self._trunks:
            return DialResult(DialStatus.UNREACHABLE)
        shown = shown if _OUTSIDE.fullmatch(shown) else ""
        options = f"giU(callback^{number}^{self._trunks[0]}^{offer}^{shown})"
        return await self._ring(extension, offer, ring_ms, options, on_ringing, on_answer)

    async def _ring(
        self,
        extension: str,
        offer: str,
        ring_ms: int,
        options: str,
        on_ringing: Callable[[], Awaitable[None]],
        on_answer: Callable[[], Awaitable[None]],
    ) -> DialResult:
        """Dial an agent's phones that are registered here."""
        if not (ways := await reachable(self._agi, [extension])):
            return DialResult(DialStatus.UNREACHABLE)
        return await dial(self._agi, self._ami, ways[extension], offer, ring_ms, options, on_ringing, on_answer)

    async def transfer(
        self, number: str, name: str, ring_ms: int, on_answer: Callable[[], Awaitable[None]], along: Along = NOTHING
    ) -> DialResult:
        if not _OUTSIDE.fullmatch(number) or not _OFFER.fullmatch(name):
            raise ValueError(f"{number!r} cannot be dialled as {name!r}")
        options = outside_options(along, name)
        await self._show_clean_caller()
        result = DialResult(DialStatus.UNREACHABLE)
        for trunk in self._trunks:
            to = f"PJSIP/{number}@{trunk}"
            result = await dial(self._agi, self._ami, to, name, ring_ms, options, _unheard, on_answer)
            if result.status is not DialStatus.UNREACHABLE:
                break
        return result

    async def _show_clean_caller(self) -> None:
        """The agent's phone shows what Asterisk has for the caller's number and name: it must be clean there too."""
        env = self._agi.env
        for variable, raw, clean in (
            ("CALLERID(num)", env.get("agi_callerid", ""), self.caller_number),
            ("CALLERID(name)", env.get("agi_calleridname", ""), self.caller_name),
        ):
            if naming.given(raw) != clean:
                await in_greenlet(self._agi.set_variable, variable, clean)

    async def last_dial(self) -> tuple[str, DialResult]:
        return await last_dial(self._agi)

    async def remember(self, text: str) -> None:
        if not _NOTE.fullmatch(text):
            raise ValueError(f"{text!r} cannot be kept on a line: only letters, digits, blanks and _.:/+- can")
        await in_greenlet(self._agi.appexec, "MSet", f"{variables.ENTRY}={text},{variables.OFFER}=")

    async def recall(self) -> str:
        found = await in_greenlet(self._agi.get_variable, variables.ENTRY)
        return found if _NOTE.fullmatch(found) else ""

    async def finish(self) -> None:
        await in_greenlet(self._agi.set_variable, variables.END, "1")


READ = f"${{READSTATUS}}|${{{variables.DIGITS}}}"


def _check(extension: str, offer: str) -> None:
    """Raises ValueError where one of them must not reach a dial string."""
    if not _EXTENSION.fullmatch(extension):
        raise ValueError(f"{extension!r} is not an agent's extension, which has 2 to 8 digits")
    if not _OFFER.fullmatch(offer):
        raise ValueError(f"{offer!r} is not an offer's id")


async def _unheard() -> None:
    """Nobody wants to know that it rings."""
