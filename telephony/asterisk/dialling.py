"""One Dial of the caller's line, from the first ring to the end of the conversation."""

import asyncio
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from core.errors import CallerGone
from telephony.asterisk import variables
from telephony.asterisk.agi import Agi, AppError
from telephony.asterisk.ami import Ami, Message
from telephony.asterisk.bridge import in_greenlet
from telephony.asterisk.ringing import LAST_DIAL, News, Ringing, RingingTogether, Told, dial_result
from telephony.asterisk.softphones import phones_of
from telephony.channel import Along, DialResult, DialStatus, Sound

log = logging.getLogger(__name__)

FORGOTTEN = f"{variables.ANSWERED}=,{variables.PARTED}=,DIALSTATUS="
LOOKS, LOOK_S = 10, 0.02
"""How often, and how far apart, it is looked for why a phone has parted: the dialplan says so beside Dial."""
MOST_ASKED = 10
"""Extensions in one command: Asterisk cuts a longer one than 2,048 bytes."""
ABSENT = frozenset({"UNAVAILABLE", "INVALID"})
"""Device states of phones that are not registered, or do not answer, and of those that are none."""
_FILES = re.compile(r"[\w&./ -]+")
_HEX = re.compile(r"(?:[0-9a-f]{2}){1,129}")

ON_ANSWER = "U(answered)"
"""The dialplan's subroutine that keeps the moment of the answer."""
AGENT_OPTIONS = f"gmiI{ON_ANSWER}"
"""g: the call goes on when the agent hangs up; m: music while it rings; i: an agent's phone cannot forward the call
elsewhere; I: the caller is not shown whom they speak with."""


def outside_options(along: Along, name: str) -> str:
    """As for agents, but the caller hears how it rings outside. With a whisper they hear our own ringing (r), which
    lasts until they are joined; the dialplan's [whisper] says when. ValueError where what goes along would spoil the
    options."""
    if along.header and not _HEX.fullmatch(along.header):
        raise ValueError(f"{along.header!r} is not what a header carries: octets in hex")
    header = f"b(along^s^1({along.header}))" if along.header else ""
    whispered = f"rU(whisper^{_files(along.whisper)}^{name})" if along.whisper else ON_ANSWER
    return f"giI{header}{whispered}"


def message_options(sounds: Sequence[Sound], offer: str) -> str:
    """Who answers hears the sounds, by the dialplan's [message], and speaks with nobody. ValueError where a name of one
    would spoil the options."""
    return f"giU(message^{_files(sounds)}^{offer})"


def _files(sounds: Sequence[Sound]) -> str:
    files = "&".join(sounds)
    if not _FILES.fullmatch(files):
        raise ValueError(f"{files!r} cannot be played by a dial string")
    return files


async def dial(
    agi: Agi, ami: Ami, to: str, name: str, ring_ms: int, options: str, on_ringing: Told, on_answer: Told
) -> DialResult:
    """Dial `to`, which is clean, and wait until that is over. `name` is what last_dial knows it by."""
    # The status of an earlier ringing must never be taken for this one's.
    await in_greenlet(agi.appexec, "MSet", f"{variables.OFFER}={name},{FORGOTTEN}")
    caller_gone = False
    whispers = "U(whisper^" in options
    async with Ringing(ami, agi.env.get("agi_uniqueid", ""), on_ringing, on_answer, whispers) as ringing:
        with heard(ami, name, ringing):
            try:
                await in_greenlet(agi.appexec, "Dial", f"{to},{ring_ms / 1000:g},{options}")
            except CallerGone:
                caller_gone = True
            except AppError:
                log.warning("Asterisk could not dial for %s", name)
        result = await _ended(agi, caller_gone=caller_gone or options != AGENT_OPTIONS)
        if result.status is DialStatus.NO_ANSWER and ami.connected and not ringing.rang:
            result = DialResult(DialStatus.UNREACHABLE)  # nobody was rung: the phone, or the way to it, is dead
        if result.status is DialStatus.ANSWERED:
            ringing.was_answered()
    return _without_caller(result) if caller_gone else result


async def reachable(agi: Agi, extensions: Sequence[str]) -> dict[str, str]:
    """What rings each extension's phones, for Dial, which complains in Asterisk's log of each that is not registered:
    those are left out, and so is an extension that has no other."""
    ways: dict[str, str] = {}
    for start in range(0, len(extensions), MOST_ASKED):
        some = extensions[start : start + MOST_ASKED]
        phones = [phone for extension in some for phone in phones_of(extension)]
        asked = "|".join(f"${{DEVICE_STATE({phone})}}" for phone in phones)
        states = (await in_greenlet(agi.get_full_variable, asked)).split("|")
        there = dict(zip(phones, states, strict=False))
        for extension in some:
            if ring := [phone for phone in phones_of(extension) if there.get(phone) not in ABSENT]:
                ways[extension] = "&".join(ring)
    return ways


@contextmanager
def heard(ami: Ami, offer: str, ringing: Ringing) -> Iterator[None]:
    """While it lasts, an agent who begins to hear the message of that offer has answered."""

    def event(event: Message) -> None:
        if event.get("UserEvent") == variables.HEARD and event.get("Offer") == offer:
            ringing.was_answered()

    end = ami.listen("UserEvent", event)
    try:
        yield
    finally:
        end()


async def dial_together(
    agi: Agi, ami: Ami, ways: Mapping[str, str], phones: Mapping[str, str], ring_ms: int, news: News
) -> DialResult:
    """Dial the agents' phones at once: `ways` is each extension with what rings it, which is clean, `phones` each with
    its offer. The first that answers is joined with the caller. Asterisk tells the others that the call was completed
    elsewhere."""
    name = next(iter(phones.values()))
    await in_greenlet(agi.appexec, "MSet", f"{variables.OFFER}={name},{FORGOTTEN},DIALEDPEERNAME=,DIALEDPEERNUMBER=")
    to = "&".join(ways.values())
    caller_gone = False
    async with RingingTogether(ami, agi.env.get("agi_uniqueid", ""), phones, news) as ringing:
        try:
            await in_greenlet(agi.appexec, "Dial", f"{to},{ring_ms / 1000:g},{AGENT_OPTIONS}")
        except CallerGone:
            caller_gone = True
        except AppError:
            log.warning("Asterisk could not dial for %s", name)
        result = await _ended(agi, caller_gone=caller_gone)
        if result.status is DialStatus.ANSWERED:
            ringing.was_answered(result.extension)
    return _without_caller(result) if caller_gone else result


def _without_caller(result: DialResult) -> DialResult:
    """What it comes to where the caller hung up."""
    answered = result.status is DialStatus.ANSWERED
    return replace(result, lost=False) if answered else DialResult(DialStatus.CALLER_GONE)


async def _ended(agi: Agi, *, caller_gone: bool) -> DialResult:
    """How the Dial ended, and, where the caller is still there, why the agent's phone is not."""
    for _ in range(LOOKS):
        known = await in_greenlet(agi.get_full_variable, LAST_DIAL)
        _, result = dial_result(known)
        if caller_gone or result.status is not DialStatus.ANSWERED or not known.endswith("|"):
            break
        await asyncio.sleep(LOOK_S)
    return result


async def last_dial(agi: Agi) -> tuple[str, DialResult]:
    """The name and the outcome of the last Dial on this line."""
    return dial_result(await in_greenlet(agi.get_full_variable, LAST_DIAL))
