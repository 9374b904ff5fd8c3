"""What Asterisk says of agents' phones and of the calls' lines, through AMI."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from queues.model import Device
from telephony.asterisk.ami import Ami, AmiRefused, Message
from telephony.asterisk.naming import call_id
from telephony.asterisk.softphones import extension_of, softphone
from telephony.node import LiveChannel

log = logging.getLogger(__name__)

OnChange = Callable[[str, Device], Awaitable[None]]

DEVICES: Mapping[str, Device] = {
    "NOT_INUSE": Device.FREE,
    "INUSE": Device.BUSY,
    "BUSY": Device.BUSY,
    "RINGING": Device.BUSY,
    "RINGINUSE": Device.BUSY,
    "ONHOLD": Device.BUSY,
    "UNAVAILABLE": Device.UNREACHABLE,
    "INVALID": Device.UNREACHABLE,
    "UNKNOWN": Device.UNREACHABLE,
}
"""Asterisk's device states."""

RETRY_S = 0.5


class Devices:
    """Follows the phones of every agent, by their extension: busy while one of them is, free while one can be rung.
    `on_change(extension, device)` is awaited for each change, one after the
    other, the first news of a phone included; while it fails it is tried again with the newest state."""

    def __init__(self, ami: Ami, on_change: OnChange) -> None:
        self._ami, self._on_change = ami, on_change
        self._phones: dict[str, Device] = {}
        """By endpoint."""
        self._seen: dict[str, Device] = {}
        self._told: dict[str, Device] = {}
        self._news = asyncio.Event()
        ami.listen("DeviceStateChange", self._changed)
        ami.on_connected.append(self._resync)

    async def run(self) -> None:
        """Tell what changes until cancelled."""
        while True:
            await self._news.wait()
            self._news.clear()
            for extension, device in list(self._seen.items()):
                if self._told.get(extension) is not device:
                    await self._tell(extension, device)

    def tell_again(self) -> None:
        """Whoever was told has forgotten: tell every phone's state anew."""
        self._told.clear()
        self._news.set()

    async def _tell(self, extension: str, device: Device) -> None:
        try:
            await self._on_change(extension, device)
            self._told[extension] = device
        except Exception:
            log.exception("the news that phone %s is %s could not be told", extension, device)
            await asyncio.sleep(RETRY_S)
            self._news.set()

    def _changed(self, event: Message) -> None:
        phone = event.get("Device", "").removeprefix("PJSIP/")
        if extension := extension_of(phone):
            self._phones[phone] = DEVICES.get(event.get("State", ""), Device.UNREACHABLE)
            self._seen[extension] = self._together(extension)
            self._news.set()

    def _together(self, extension: str) -> Device:
        phones = {self._phones.get(name, Device.UNREACHABLE) for name in (extension, softphone(extension))}
        return next(device for device in (Device.BUSY, Device.FREE, Device.UNREACHABLE) if device in phones)

    async def _resync(self) -> None:
        """A phone that Asterisk does not list any more is unreachable."""
        listed = await self._ami.list_of("DeviceStateList")
        self._phones.clear()
        self._seen.update(dict.fromkeys(self._seen, Device.UNREACHABLE))
        for event in listed:
            self._changed(event)
        self._news.set()


async def live_channels(ami: Ami, asterisk: str) -> dict[str, LiveChannel]:
    """Every line that Asterisk has now, by the id that its call has (naming.call_id)."""
    return {
        call_id(asterisk, event.get("Uniqueid", "")): LiveChannel(bridged=bool(event.get("BridgeId")))
        for event in await ami.list_of("CoreShowChannels")
    }


async def talking_with(ami: Ami, uniqueid: str = "", channel: str = "") -> list[str]:
    """The other channels of the conversation in which this one is, named by one or the other; none where it is in none,
    or Asterisk cannot say."""
    try:
        channels = await ami.list_of("CoreShowChannels")
    except (ConnectionError, TimeoutError, AmiRefused) as error:
        log.warning("whom %s talks with is not known: %s", channel or uniqueid, error)
        return []
    named = {"Channel": channel} if channel else {"Uniqueid": uniqueid}
    mine = next((each for each in channels if named.items() <= each.items()), {})
    bridge = mine.get("BridgeId", "")
    joined = [each["Channel"] for each in channels if bridge and each.get("BridgeId") == bridge]
    return [each for each in joined if each != mine["Channel"]]
