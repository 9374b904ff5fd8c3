"""A line of our own, from which an agent's phone is rung to hear a message. One of another engine goes on to that."""

from telephony.asterisk.channel import AsteriskChannel
from telephony.house import House


async def run(channel: AsteriskChannel, house: House) -> None:
    if house.messages and await house.messages.serve(channel.dialled, channel):
        await channel.finish()
