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
    extension = await channel.agent_extension()
    agent = house.agent_at(extension)
    said = UNKNOWN
    if agent and not await house.store.set_status(agent, status, "", agent, house.clock()):
        said = CONFIRMED[status]
        log.info("agent %s is %s", agent, status)
    await channel.answer()
    await channel.play([await house.voice.sound(Prompt(said[house.language], house.language))], interruptible=False)
    await channel.finish()
