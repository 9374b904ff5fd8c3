"""A call whose engine died goes on here. One that no engine had taken yet begins."""

from agi_scripts import inbound
from telephony.asterisk.channel import AsteriskChannel
from telephony.call import Call
from telephony.house import House


async def run(channel: AsteriskChannel, house: House) -> None:
    call = await Call.resume(house, channel)
    if call is None:
        await inbound.run(channel, house)
    else:
        await call.run(resumed=True)
