"""The AMI client, against an Asterisk played byte by byte."""

import asyncio
import logging

import pytest
import uvloop

from telephony.asterisk import ami as module
from telephony.asterisk.ami import Ami, AmiAway, AmiRefused, Message, parsed, rendered
from tests.unit.telephony.manager_peer import LIMIT_S, manager


async def soon(event: asyncio.Event) -> None:
    async with asyncio.timeout(LIMIT_S):
        await event.wait()


async def test_replies_find_their_actions_in_any_order() -> None:
    async with manager() as (ami, peer):
        first = asyncio.create_task(ami.action("Ping"))
        one = await peer.heard()
        second = asyncio.create_task(ami.action("Getvar", Variable="X"))
        two = await peer.heard()
        assert (two["Action"], two["Variable"]) == ("Getvar", "X")
        peer.reply(two, "Response: Success", "Value: a: b")
        peer.reply(one, "Response: Success", "Ping: Pong")
        assert (await second)["Value"] == "a: b"
        assert (await first)["Ping"] == "Pong"


async def test_an_error_is_raised_with_its_message() -> None:
    async with manager() as (ami, peer):
        asked = asyncio.create_task(ami.action("PlayDTMF", Channel="x"))
        peer.reply(await peer.heard(), "Response: Error", "Message: Channel not found")
        with pytest.raises(AmiRefused, match="Channel not found"):
            await asked


async def test_a_list_is_gathered_until_it_is_complete() -> None:
    async with manager() as (ami, peer):
        asked = asyncio.create_task(ami.list_of("DeviceStateList"))
        action = await peer.heard()
        peer.reply(action, "Response: Success", "EventList: start")
        peer.reply(action, "Event: DeviceStateChange", "Device: PJSIP/101")
        peer.say(b"Event: DeviceStateChange\r\nDevice: PJSIP/999\r\n\r\n")  # not of the list
        peer.reply(action, "Event: DeviceStateChange", "Device: PJSIP/102")
        peer.reply(action, "Event: DeviceStateListComplete", "EventList: Complete", "ListItems: 2")
        assert [item["Device"] for item in await asked] == ["PJSIP/101", "PJSIP/102"]


async def test_an_answer_that_does_not_come_is_a_time_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ACTION_LIMIT_S", 0.01)
    async with manager() as (ami, peer):
        with pytest.raises(TimeoutError):
            await ami.action("Ping")
        late = await peer.heard()
        peer.reply(late, "Response: Success")
        monkeypatch.setattr(module, "ACTION_LIMIT_S", LIMIT_S)
        asked = asyncio.create_task(ami.action("Ping"))
        peer.reply(await peer.heard(), "Response: Success", "Ping: Pong")
        assert (await asked)["Ping"] == "Pong"


# --- events -----------------------------------------------------------------------------------------------------------


async def test_events_come_to_those_who_listen_by_name_and_by_channel() -> None:
    heard: list[str] = []
    done = asyncio.Event()
    async with manager() as (ami, peer):
        ami.listen("DialEnd", lambda event: heard.append(f"all {event['Uniqueid']}"))
        end = ami.listen("DialEnd", lambda event: heard.append(f"one {event['Uniqueid']}"), "1.1")
        ami.listen("Done", lambda _: done.set())
        for uniqueid in ("1.1", "2.2"):
            peer.say(f"Event: DialEnd\r\nUniqueid: {uniqueid}\r\n\r\n".encode())
        peer.say(b"Event: Done\r\n\r\n")
        await soon(done)
        assert sorted(heard) == ["all 1.1", "all 2.2", "one 1.1"]
        end()
        end()
        assert ("DialEnd", "1.1") not in ami._listeners


async def test_a_listener_that_fails_harms_no_other(caplog: pytest.LogCaptureFixture) -> None:
    done = asyncio.Event()

    def fails(_: Message) -> None:
        raise LookupError("nobody")

    async with manager() as (ami, peer):
        ami.listen("DialEnd", fails)
        ami.listen("DialEnd", lambda _: done.set())
        peer.say(b"Event: DialEnd\r\n\r\n")
        await soon(done)
    assert "a listener failed on DialEnd" in caplog.text


# --- breaks -----------------------------------------------------------------------------------------------------------


async def reconnected(ami: Ami) -> None:
    async with asyncio.timeout(LIMIT_S):
        while ami.connected:  # noqa: ASYNC110 — the break is still on its way
            await asyncio.sleep(0)
        await ami.wait_connected()


async def test_a_break_fails_what_is_in_course_and_it_is_never_sent_again() -> None:
    async with manager() as (ami, peer):
        asked = [asyncio.create_task(ami.action("Originate", Channel="x")), asyncio.create_task(ami.list_of("Status"))]
        await peer.heard()
        await peer.heard()
        peer.cut()
        for task in asked:
            with pytest.raises(AmiAway):
                await task
        await reconnected(ami)
        asyncio.create_task(ami.action("Ping")).add_done_callback(lambda task: task.exception())
        assert (await peer.heard())["Action"] == "Ping"
        assert peer.actions.empty()
        assert peer.logins == 2


async def test_without_a_connection_an_action_fails_at_once() -> None:
    with pytest.raises(AmiAway):
        await Ami("127.0.0.1", 1, "guichet", "secret").action("Ping")


async def test_each_login_is_followed_by_the_hooks_and_a_failing_one_harms_no_other() -> None:
    ran: list[str] = []

    async def fails() -> None:
        raise LookupError("nobody")

    async def resync() -> None:
        ran.append("resync")

    async with manager() as (ami, peer):
        ami.on_connected += [fails, resync]
        for _ in range(2):
            peer.cut()
            await reconnected(ami)
    assert ran == ["resync", "resync"]


async def test_an_asterisk_that_is_frozen_is_left_and_asked_for_everything_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    asked_again = asyncio.Event()

    async def resync() -> None:
        asked_again.set()

    async with manager() as (ami, peer):
        ami.on_connected.append(resync)
        monkeypatch.setattr(module, "PING_EVERY_S", 0.01)
        peer.cut()  # the next connection is the one that is watched so closely
        await soon(asked_again)
        peer.reply(await peer.heard(), "Response: Success", "Ping: Pong")
        asked_again.clear()
        monkeypatch.setattr(module, "ACTION_LIMIT_S", 0.2)
        assert (await peer.heard())["Action"] == "Ping"  # and no answer comes
        await soon(asked_again)
    assert "the connection ended: Asterisk does not answer" in caplog.text


async def test_a_wrong_secret_is_said_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    async with manager(refused=True) as (ami, peer):
        async with asyncio.timeout(LIMIT_S):
            while "Authentication failed" not in caplog.text:  # noqa: ASYNC110
                await asyncio.sleep(0.001)
        assert not ami.connected
        peer.secret = "wrong"
        async with asyncio.timeout(LIMIT_S):
            await ami.wait_connected()


# --- hostile data -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["a\r\nAction: Originate", "a\nb", "a\rb", "a\0b"])
async def test_a_value_with_a_line_break_is_refused_and_nothing_is_sent(value: str) -> None:
    async with manager() as (ami, peer):
        with pytest.raises(ValueError, match="line break"):
            await ami.action("Setvar", Value=value)
        with pytest.raises(ValueError, match="line break"):
            await ami.action("Ping", **{f"X: y{value}": ""})
        assert peer.actions.empty()


def test_an_ordinary_message_is_rendered_line_by_line() -> None:
    assert rendered({"Action": "Ping", "X": "é: 1"}) == "Action: Ping\r\nX: é: 1\r\n\r\n".encode()


def test_a_line_that_a_caller_brought_in_cannot_replace_one_that_stands_before_it() -> None:
    raw = b"Event: Newchannel\r\nUniqueid: 1.1\r\nCallerIDName: x\r\nUniqueid: 2.2\r\nEvent: DialEnd\r\nnonsense"
    assert parsed(raw) == {"Event": "Newchannel", "Uniqueid": "1.1", "CallerIDName": "x"}


def test_bytes_that_are_no_utf_8_and_endless_lines_are_borne() -> None:
    assert parsed(b"Event: A\r\nName: Ren\xe9\r\nLong: " + b"x" * 5000) == {"Event": "A", "Name": "Ren\ufffd"}


async def test_a_forged_response_does_not_pass_for_the_right_one() -> None:
    async with manager() as (ami, peer):
        asked = asyncio.create_task(ami.action("Ping"))
        action = await peer.heard()
        for forged in ("1", "2", "guichet-1", "ping"):
            peer.say(f"Response: Error\r\nActionID: {forged}\r\n\r\n".encode())
        peer.reply(action, "Response: Success", "Ping: Pong")
        assert (await asked)["Ping"] == "Pong"


async def test_an_endless_message_ends_the_connection_not_the_client(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with manager() as (ami, peer):
        peer.say(b"Event: X\r\n" + b"a: b\r\n" * 100_000)
        await reconnected(ami)
        assert peer.logins == 2
    assert "more than" in caplog.text


def test_it_works_on_uvloop_as_in_production() -> None:
    async def one_action() -> None:
        async with manager() as (ami, peer):
            asked = asyncio.create_task(ami.action("Ping"))
            peer.reply(await peer.heard(), "Response: Success", "Ping: Pong")
            assert (await asked)["Ping"] == "Pong"

    uvloop.run(one_action())
