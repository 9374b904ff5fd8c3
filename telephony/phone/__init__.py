"""A telephone of our own, to test telephones with: SIP over UDP, mu-law sound, digits, in plain asyncio."""

from telephony.phone.audio import Audio
from telephony.phone.call import PhoneCall
from telephony.phone.moment import Moment, NotInTime, PhoneError
from telephony.phone.phone import Phone

__all__ = ["Audio", "Moment", "NotInTime", "Phone", "PhoneCall", "PhoneError"]
