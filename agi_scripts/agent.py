"""An agent's feature code, dialled on their own registered phone: `*10` available, `*11` pause, `*12` log out.

Who it is comes from the phone's authenticated endpoint, never from a caller id.
"""

import logging

from ivr.acts import Prompt
from queues.model import Status
from telephony.asterisk.channel import AsteriskChannel
from telephony.house import House

log = logging.getLogger(__name__)

CODES = {"*10": Status.AVAILABLE, "*11": Status.PAUSED, "*12": Status.OFFLINE}

CONFIRMED = {
    Status.AVAILABLE: {"fr": "Vous êtes disponible.", "en": "You are available."},
    Status.PAUSED: {"fr": "Vous êtes en pause.", "en": "You are on a break."},
    Status.OFFLINE: {"fr": "Vous êtes déconnecté.", "en": "You are logged out."},
}
UNKNOWN = {"fr": "Ce poste n'est pas celui d'un agent.", "en": "This phone is not an agent's."}


def prompts(language: str) -> list[Prompt]:
    """Everything that can be said here, to be rendered beforehand."""
    return [Prompt(texts[language], language) for texts in (*CONFIRMED.values(), UNKNOWN)]


async def run(channel: AsteriskChannel, house: House) -> None:
    status = CODES[channel.dialled]
    agent = house.agent_at(await channel.agent_extension())
    if agent and status is not Status.AVAILABLE:
        await _choose(house, agent, status)
    said = CONFIRMED[status] if agent else UNKNOWN
    try:
        await channel.answer()
        await channel.play([await house.voice.sound(Prompt(said[house.language], house.language))], interruptible=False)
    finally:
        # Not before: news that the phone is busy with this very call may come later than the status, and a caller would
        # be put through to it.
        if agent and status is Status.AVAILABLE:
            await _choose(house, agent, status)
    await channel.finish()


async def _choose(house: House, agent: str, status: Status) -> None:
    if refusal := await house.store.set_status(agent, status, "", agent, house.clock()):
        log.warning("agent %s cannot be %s: %s", agent, status, refusal)
    else:
        log.info("agent %s is %s", agent, status)
