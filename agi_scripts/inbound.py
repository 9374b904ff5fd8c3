"""A citizen dialled a number of ours."""

from telephony.asterisk.channel import AsteriskChannel
from telephony.call import Call
from telephony.house import House
from telephony.record import Arrival


async def run(channel: AsteriskChannel, house: House) -> None:
    arrival = Arrival(channel.caller_number, channel.caller_name, channel.dialled, channel.withheld)
    await Call.arrive(house, channel, arrival).run()
