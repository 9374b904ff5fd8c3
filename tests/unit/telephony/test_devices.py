"""Agents' phones and callers' lines as AMI tells of them."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

import pytest

from queues.model import Device
from telephony.asterisk import devices as module
from telephony.asterisk.devices import DEVICES, Devices, live_channels
from tests.unit.telephony.manager_peer import LIMIT_S, ManagerPeer, manager

T = TypeVar("T")


async def soon(awaited: Awaitable[T]) -> T:
    async with asyncio.timeout(LIMIT_S):
        return await awaited


class Told:
    def __init__(self) -> None:
        self.changes: asyncio.Queue[tuple[str, Device]] = asyncio.Queue()
        self.failures = 0

    async def __call__(self, extension: str, device: Device) -> None:
        if self.failures:
            self.failures -= 1
            raise ConnectionError("the store is away")
        self.changes.put_nowait((extension, device))

    async def next(self) -> tuple[str, Device]:
        return await soon(self.changes.get())


async def listed(peer: ManagerPeer, **states: str) -> None:
    action = await peer.heard()
    assert action["Action"] == "DeviceStateList"
    peer.reply(action, "Response: Success", "EventList: start")
    for device, state in states.items():
        peer.reply(action, "Event: DeviceStateChange", f"Device: PJSIP/{device[1:]}", f"State: {state}")
    peer.reply(action, "Event: DeviceStateListComplete", "EventList: Complete")


def changed(peer: ManagerPeer, device: str, state: str) -> None:
    peer.say(f"Event: DeviceStateChange\r\nDevice: {device}\r\nState: {state}\r\n\r\n".encode())


async def test_phones_are_listed_after_each_login_and_then_followed() -> None:
    told = Told()
    async with manager() as (ami, peer):
        devices = Devices(ami, told)
        following = asyncio.create_task(devices.run())
        peer.cut()
        await listed(peer, _101="NOT_INUSE", _102="UNAVAILABLE")
        assert sorted([await told.next(), await told.next()]) == [("101", Device.FREE), ("102", Device.UNREACHABLE)]
        changed(peer, "PJSIP/101", "NOT_INUSE")  # no news
        changed(peer, "PJSIP/trunk-1", "INUSE")  # no agent's
        changed(peer, "PJSIP/102", "RINGING")
        assert await told.next() == ("102", Device.BUSY)
        peer.cut()
        await listed(peer, _102="NOT_INUSE")  # 101 was taken away meanwhile
        assert sorted([await told.next(), await told.next()]) == [("101", Device.UNREACHABLE), ("102", Device.FREE)]
        assert told.changes.empty()
        devices.tell_again()
        assert sorted([await told.next(), await told.next()]) == [("101", Device.UNREACHABLE), ("102", Device.FREE)]
        following.cancel()


async def test_news_that_could_not_be_told_is_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RETRY_S", 0)
    told = Told()
    told.failures = 2
    async with manager() as (ami, peer):
        following = asyncio.create_task(Devices(ami, told).run())
        changed(peer, "PJSIP/101", "BUSY")
        assert await told.next() == ("101", Device.BUSY)
        following.cancel()


@pytest.mark.parametrize(("state", "device"), DEVICES.items())
async def test_every_state_that_asterisk_knows(state: str, device: Device) -> None:
    told = Told()
    async with manager() as (ami, peer):
        following = asyncio.create_task(Devices(ami, told).run())
        changed(peer, "PJSIP/101", state)
        assert await told.next() == ("101", device)
        following.cancel()


async def test_live_channels_by_the_id_of_their_call() -> None:
    async with manager() as (ami, peer):
        asked = asyncio.create_task(live_channels(ami, "guichet"))
        action = await peer.heard()
        assert action["Action"] == "CoreShowChannels"
        peer.reply(action, "Response: Success", "EventList: start")
        peer.reply(action, "Event: CoreShowChannel", "Uniqueid: guichet-1.1", "BridgeId: abc")
        peer.reply(action, "Event: CoreShowChannel", "Uniqueid: 1.2", "BridgeId: ")
        peer.reply(action, "Event: CoreShowChannelsComplete", "EventList: Complete")
        lines = await asked
    assert {call: line.bridged for call, line in lines.items()} == {"guichet-1.1": True, "guichet-1.2": False}


@pytest.mark.parametrize(
    ("desk", "page", "device"),
    [
        ("NOT_INUSE", "UNAVAILABLE", Device.FREE),
        ("UNAVAILABLE", "NOT_INUSE", Device.FREE),
        ("NOT_INUSE", "INUSE", Device.BUSY),
        ("RINGING", "NOT_INUSE", Device.BUSY),
        ("UNAVAILABLE", "UNAVAILABLE", Device.UNREACHABLE),
    ],
)
async def test_an_agents_phones_count_as_one(desk: str, page: str, device: Device) -> None:
    told = Told()
    async with manager() as (ami, peer):
        following = asyncio.create_task(Devices(ami, told).run())
        peer.cut()
        action = await peer.heard()
        peer.reply(action, "Response: Success", "EventList: start")
        peer.reply(action, "Event: DeviceStateChange", "Device: PJSIP/101", f"State: {desk}")
        peer.reply(action, "Event: DeviceStateChange", "Device: PJSIP/101-web", f"State: {page}")
        peer.reply(action, "Event: DeviceStateListComplete", "EventList: Complete")
        assert await told.next() == ("101", device)
        following.cancel()
