"""An agent's phone came out of a conversation, to ask somebody while the caller waits."""

from telephony.asterisk.channel import AsteriskChannel
from telephony.house import House


async def run(channel: AsteriskChannel, house: House) -> None:
    room = await house.consults.run(channel, await channel.leg()) if house.consults else ""
    if room:  # otherwise the phone is on its way elsewhere already, with a room of its own perhaps
        await channel.go_into(room)
    await channel.finish()
