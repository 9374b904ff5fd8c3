"""An agent's phone that had come out of a conversation has hung up."""

from telephony.asterisk.channel import AsteriskChannel
from telephony.house import House


async def run(channel: AsteriskChannel, house: House) -> None:
    if house.consults is not None:
        await house.consults.left(await channel.leg())
    await channel.finish()
