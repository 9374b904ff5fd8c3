"""One Dial of the caller's line, from the first ring to the end of the conversation."""

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from core.errors import CallerGone
from telephony.asterisk import variables
from telephony.asterisk.agi import Agi, AppError
from telephony.asterisk.ami import Ami, Message
from telephony.asterisk.bridge import in_greenlet
from telephony.asterisk.ringing import LAST_DIAL, News, Ringing, RingingTogether, Told, dial_result
from telephony.channel import DialResult, DialStatus, Sound

log = logging.getLogger(__name__)

_FILES = re.compile(r"[\w&./ -]+")

ON_ANSWER = "U(answered)"
"""The dialplan's subroutine that keeps the moment of the answer."""
AGENT_OPTIONS = f"gmiI{ON_ANSWER}"
"""g: the call goes on when the agent hangs up; m: music while it rings; i: an agent's phone cannot forward the call
elsewhere; I: the caller is not shown whom they speak with."""
OUTSIDE_OPTIONS = f"giI{ON_ANSWER}"
"""As for agents, but the caller hears how it rings outside."""


def message_options(sounds: Sequence[Sound], offer: str) -> str:
    """Who answers hears the sounds, by the dialplan's [message], and speaks with nobody. ValueError where a name of one
    would spoil the options."""
    files = "&".join(sounds)
    if not _FILES.fullmatch(files):
        raise ValueError(f"{files!r} cannot be played by a dial string")
    return f"giU(message^{files}^{offer})"


async def dial(
    agi: Agi, ami: Ami, to: str, name: str, ring_ms: int, options: str, on_ringing: Told, on_answer: Told
) -> DialResult:
    """Dial `to`, which is clean, and wait until that is over. `name` is what last_dial knows it by."""
    # The status of an earlier ringing must never be taken for this one's.
    await in_greenlet(agi.appexec, "MSet", f"{variables.OFFER}={name},{variables.ANSWERED}=,DIALSTATUS=")
    caller_gone = False
    async with Ringing(ami, agi.env.get("agi_uniqueid", ""), on_ringing, on_answer) as ringing:
        with heard(ami, name, ringing):
            try:
                await in_greenlet(agi.appexec, "Dial", f"{to},{ring_ms / 1000:g},{options}")
            except CallerGone:
                caller_gone = True
            except AppError:
                log.warning("Asterisk could not dial for %s", name)
        _, result = await last_dial(agi)
        if result.status is DialStatus.NO_ANSWER and ami.connected and not ringing.rang:
            result = DialResult(DialStatus.UNREACHABLE)  # nobody was rung: the phone, or the way to it, is dead
        if result.status is DialStatus.ANSWERED:
            ringing.was_answered()
    if caller_gone and result.status is not DialStatus.ANSWERED:
        return DialResult(DialStatus.CALLER_GONE)
    return result


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
    forgotten = f"{variables.ANSWERED}=,DIALSTATUS=,DIALEDPEERNAME=,DIALEDPEERNUMBER="
    await in_greenlet(agi.appexec, "MSet", f"{variables.OFFER}={name},{forgotten}")
    to = "&".join(ways.values())
    caller_gone = False
    async with RingingTogether(ami, agi.env.get("agi_uniqueid", ""), phones, news) as ringing:
        try:
            await in_greenlet(agi.appexec, "Dial", f"{to},{ring_ms / 1000:g},{AGENT_OPTIONS}")
        except CallerGone:
            caller_gone = True
        except AppError:
            log.warning("Asterisk could not dial for %s", name)
        _, result = await last_dial(agi)
        if result.status is DialStatus.ANSWERED:
            ringing.was_answered(result.extension)
    if caller_gone and result.status is not DialStatus.ANSWERED:
        return DialResult(DialStatus.CALLER_GONE)
    return result


async def last_dial(agi: Agi) -> tuple[str, DialResult]:
    """The name and the outcome of the last Dial on this line."""
    return dial_result(await in_greenlet(agi.get_full_variable, LAST_DIAL))
