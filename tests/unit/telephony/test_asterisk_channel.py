"""The channel's commands, against an Asterisk played byte by byte."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import pytest

from core.errors import CallerGone, ChannelLost
from ivr.acts import Digits, Pressed
from telephony.asterisk import channel as module
from telephony.asterisk.agi import Agi
from telephony.asterisk.ami import Ami
from telephony.asterisk.channel import AsteriskChannel
from telephony.asterisk.dialling import outside_options
from telephony.channel import NOTHING, WAKE, Along, Channel, DialResult, DialStatus
from tests.unit.telephony.manager_peer import manager
from tests.unit.telephony.peers import LIMIT_S, AsteriskPeer, environment, served

T = TypeVar("T")
OK = b"200 result=0\n"
GONE = b"200 result=-1\nHANGUP\n"
LAST_DIAL = (
    b'GET FULL VARIABLE "${GUICHET_OFFER}|${DIALSTATUS}|${ANSWEREDTIME_MS}|${GUICHET_ANSWERED}|${GUICHET_BEGAN}|'
    b'${DIALEDTIME_MS}|${DIALEDPEERNAME}|${DIALEDPEERNUMBER}|${GUICHET_PARTED}|END|"'
)
BEGAN, ANSWERED_AT = 1_700_000_000_000, 1_700_000_020_000
READ = b'GET FULL VARIABLE "${READSTATUS}|${GUICHET_DIGITS}|END|"'
AWAY = Ami("127.0.0.1", 1, "guichet", "secret")


def value(text: str) -> bytes:
    return f"200 result=1 ({text}|END|)\n".encode()


@asynccontextmanager
async def line(
    ami: Ami = AWAY, /, peers: Mapping[str, str] | None = None, **values: str
) -> AsyncIterator[tuple[AsteriskPeer, AsteriskChannel]]:
    """A call whose channel the test holds."""
    arrived: asyncio.Future[AsteriskChannel] = asyncio.get_running_loop().create_future()

    async def handler(agi: Agi) -> None:
        agi._mark = "|END|"
        arrived.set_result(AsteriskChannel(agi, ami, "guichet", peers=peers or {}))
        await asyncio.Event().wait()

    async with served(inbound=handler) as server:
        peer = await AsteriskPeer.connect(server.port, environment(**values))
        yield peer, await arrived


async def done(
    step: Callable[[AsteriskChannel], Coroutine[Any, Any, T]], *exchange: tuple[bytes, bytes], **values: str
) -> T:
    """What a step gives when Asterisk answers its commands so, and no others come."""
    async with line(**values) as (peer, channel):
        task = asyncio.create_task(step(channel))
        for command, reply in exchange:
            await peer.do(command, reply)
        async with asyncio.timeout(LIMIT_S):
            return await task


# --- who calls ----------------------------------------------------------------------------------------------------


async def test_it_is_the_port() -> None:
    async with line() as (_, channel):
        port: Channel = channel
        assert (port.id, port.name) == ("guichet-1700000000.1", "PJSIP/trunk-00000001")


async def test_an_id_is_unique_also_when_asterisk_has_no_name() -> None:
    async with line(uniqueid="1700000000.7") as (_, channel):
        assert channel.id == "guichet-1700000000.7"


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        ("+33 6 12 34 56 78", "+33612345678"),
        ("0612345678", "0612345678"),
        ("unknown", ""),
        ("anonymous", ""),
        ("bob42", ""),
        ("42;ext=7", ""),
        ("9" * 100, "9" * 32),
        ("", ""),
    ],
)
async def test_a_callers_number_is_clean_or_none(raw: str, number: str) -> None:
    async with line(callerid=raw) as (_, channel):
        assert channel.caller_number == number
        assert channel.withheld is (number == "")


async def test_a_withheld_number_is_not_shown_though_the_network_knows_it() -> None:
    async with line(callingpres="32") as (_, channel):
        assert (channel.caller_number, channel.caller_name, channel.withheld) == ("", "", True)


async def test_a_callers_name_is_clean() -> None:
    async with line(calleridname='a "b"\u202e ${c} <i>\x1b') as (_, channel):
        assert channel.caller_name == 'a "b" ${c} <i>'
    async with line(calleridname="unknown") as (_, channel):
        assert channel.caller_name == ""


async def test_what_was_dialled() -> None:
    async with line(extension="*10") as (_, channel):
        assert channel.dialled == "*10"
    async with line(extension="s", dnid="3939") as (_, channel):
        assert channel.dialled == "3939"


@pytest.mark.parametrize(("found", "extension"), [("101", "101"), ("", ""), ("trunk", ""), ("101|102", "")])
async def test_the_agents_extension_is_that_of_the_phone(found: str, extension: str) -> None:
    asked = (b'GET FULL VARIABLE "${GUICHET_AGENT}|END|"', value(found))
    assert await done(lambda channel: channel.agent_extension(), asked) == extension


# --- sounds and digits --------------------------------------------------------------------------------------------


async def test_one_sound_is_one_command() -> None:
    command = b'STREAM FILE /s/a "0123456789*#" 0'
    assert await done(lambda channel: channel.play(["/s/a"]), (command, b"200 result=53 endpos=80\n")) == "5"
    silent = b'STREAM FILE /s/a "" 0'
    assert await done(lambda channel: channel.play(["/s/a"], interruptible=False), (silent, OK)) == ""
    assert await done(lambda channel: channel.play([])) == ""


async def test_several_sounds_are_one_command() -> None:
    two = ["/s/a", "/s/b"]
    background = (b'EXEC Background "/s/a&/s/b"', b"200 result=42\n")
    assert await done(lambda channel: channel.play(two), background) == "*"
    playback = (b'EXEC Playback "/s/a&/s/b"', OK)
    assert await done(lambda channel: channel.play(two, interruptible=False), playback) == ""


async def test_a_stray_wake_is_no_key() -> None:
    background = (b'EXEC Background "/s/a&/s/b"', b"200 result=68\n")
    assert await done(lambda channel: channel.play(["/s/a", "/s/b"]), background) == ""


async def test_very_many_sounds_are_spread_over_commands() -> None:
    sounds = ["/sounds/" + "x" * 90 + str(number) for number in range(10, 40)]
    async with line() as (peer, channel):
        playing = asyncio.create_task(channel.play(sounds, interruptible=False))
        heard = b""
        for _ in range(3):
            command = await peer.heard()
            assert len(command) < 2047
            heard += command.removeprefix(b'EXEC Playback "').removesuffix(b'"') + b"&"
            peer.say(OK)
        assert await playing == ""
    assert heard == "&".join((*sounds, "")).encode()


@pytest.mark.parametrize("sound", ["a&b", "a,b", "a|b", 'a"b', "a\nb", "a)b", "", "a[b"])
async def test_a_name_that_would_spoil_a_list_of_sounds_is_refused(sound: str) -> None:
    async with line() as (_, channel):
        for step in (channel.play(["/s/a", sound]), channel.collect(["/s/a", sound], Digits(most=4))):
            with pytest.raises(ValueError, match="name of a sound"):
                await step


async def test_a_menu_is_one_command() -> None:
    def menu(channel: AsteriskChannel) -> Coroutine[Any, Any, Pressed]:
        return channel.collect(["/s/menu"], Digits(first_ms=7000))

    command = b'GET OPTION /s/menu "0123456789*#" 7000'
    assert await done(menu, (command, b"200 result=50 endpos=900\n")) == Pressed("2")
    assert await done(menu, (command, b"200 result=0 endpos=900\n")) == Pressed("", complete=False)


async def test_digits_are_read_with_their_own_time_limits_which_are_set_once() -> None:
    digits = Digits(most=8, terminator="#", first_ms=7000, next_ms=2500)
    limits = (b'EXEC MSet "TIMEOUT(response)=7,TIMEOUT(digit)=2.5"', OK)
    read = (b'EXEC Read "GUICHET_DIGITS,/s/a&/s/b,8,t(#)"', OK)
    async with line() as (peer, channel):
        for first, status, pressed in (
            (True, "OK|12", Pressed("12")),
            (False, "TIMEOUT|1", Pressed("1", complete=False)),
        ):
            collecting = asyncio.create_task(channel.collect(["/s/a", "/s/b"], digits))
            for command, reply in (*([limits] if first else []), read, (READ, value(status))):
                await peer.do(command, reply)
            assert await collecting == pressed


async def test_what_was_typed_before_is_counted() -> None:
    limits = (b'EXEC MSet "TIMEOUT(response)=3,TIMEOUT(digit)=3"', OK)
    read = (b'EXEC Read "GUICHET_DIGITS,,2,t"', OK)
    digits = Digits(most=3)
    exchange = (limits, read, (READ, value("OK|23")))
    assert await done(lambda channel: channel.collect(["/s/a"], digits, typed="1"), *exchange) == Pressed("123")
    assert await done(lambda channel: channel.collect(["/s/a"], Digits(), typed="1")) == Pressed("1")
    ended = Digits(most=3, terminator="#")
    assert await done(lambda channel: channel.collect(["/s/a"], ended, typed="1#")) == Pressed("1")


async def test_a_hang_up_while_reading_is_one() -> None:
    async def gone(channel: AsteriskChannel) -> None:
        with pytest.raises(CallerGone):
            await channel.collect([], Digits(most=3, first_ms=1000, next_ms=1000))

    limits = (b'EXEC MSet "TIMEOUT(response)=1,TIMEOUT(digit)=1"', OK)
    await done(gone, limits, (b'EXEC Read "GUICHET_DIGITS,,3,t"', OK), (READ, value("HANGUP|1")))


async def test_a_sound_that_is_missing_costs_no_call(caplog: pytest.LogCaptureFixture) -> None:
    missing = (b'STREAM FILE /s/a "0123456789*#" 0', b"200 result=-1 endpos=0\n")
    alive = (b"WAIT FOR DIGIT 0", OK)
    assert await done(lambda channel: channel.play(["/s/a"]), missing, alive) == ""
    menu = (b'GET OPTION /s/a "0123456789*#" 7000', b"200 result=-1 endpos=0\n")
    pressed = (b"WAIT FOR DIGIT 7000", b"200 result=49\n")
    assert await done(lambda channel: channel.collect(["/s/a"], Digits()), menu, alive, pressed) == Pressed("1")
    assert caplog.text.count("cannot play /s/a") == 2


@pytest.mark.parametrize(("code", "pressed"), [(b"0", ""), (b"49", "1"), (b"68", WAKE), (b"65", "")])
async def test_what_a_waiting_caller_is_told_is_one_command_that_a_key_or_a_wake_cuts_short(
    code: bytes, pressed: str
) -> None:
    played = (b'EXEC Background "/s/a&/s/b"', b"200 result=" + code + b"\n")
    assert await done(lambda channel: channel.announce(["/s/a", "/s/b"]), played) == pressed


async def test_a_call_that_is_told_something_can_be_woken() -> None:
    async with manager() as (ami, asterisk), line(ami) as (peer, channel):
        told = asyncio.create_task(channel.announce(["/s/a"]))
        assert await peer.heard() == b'EXEC Background "/s/a"'
        await channel.wake()
        action = await asterisk.heard()
        assert (action["Action"], action["Digit"]) == ("PlayDTMF", WAKE)
        peer.say(b"200 result=68\n")
        assert await told == WAKE


# --- waiting ------------------------------------------------------------------------------------------------------


async def test_a_sleeper_is_woken_again_and_again_until_it_wakes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RETRY_WAKE_S", 0.01)
    async with manager() as (ami, asterisk), line(ami) as (peer, channel):
        await channel.wake()
        await channel.wake()
        asleep = asyncio.create_task(channel.wait_for_digit())
        assert await peer.heard() == b"WAIT FOR DIGIT -1"
        await channel.wake()
        await channel.wake()
        for _ in range(3):
            action = await asterisk.heard()
            asterisk.reply(action, "Response: Success")
        del action["ActionID"]
        assert action == {"Action": "PlayDTMF", "Channel": channel.name, "Digit": WAKE, "Duration": "1", "Receive": "1"}
        peer.say(b"200 result=68\n")
        assert await asleep == WAKE


async def test_a_new_sleep_is_woken_though_the_last_wake_is_still_unanswered() -> None:
    async with manager() as (ami, asterisk), line(ami) as (peer, channel):
        for _ in range(3):
            asleep = asyncio.create_task(channel.wait_for_digit())
            await peer.heard()
            await channel.wake()
            await asterisk.heard()
            peer.say(b"200 result=68\n")
            assert await asleep == WAKE


async def test_a_wake_gets_through_once_ami_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RETRY_WAKE_S", 0.01)
    async with manager() as (ami, asterisk), line(ami) as (peer, channel):
        asleep = asyncio.create_task(channel.wait_for_digit())
        await peer.heard()
        asterisk.cut()
        await channel.wake()
        asterisk.reply(await asterisk.heard(), "Response: Success")
        peer.say(b"200 result=68\n")
        assert await asleep == WAKE


async def test_music_is_one_command() -> None:
    await done(lambda channel: channel.start_music(), (b"SET MUSIC ON", OK))


async def test_a_lost_connection_while_asleep_is_a_lost_channel() -> None:
    async with line() as (peer, channel):
        asleep = asyncio.create_task(channel.wait_for_digit())
        await peer.heard()
        peer.leave()
        with pytest.raises(ChannelLost):
            await asleep


# --- agents -------------------------------------------------------------------------------------------------------


class Told:
    def __init__(self) -> None:
        self.heard: list[str] = []
        self.some = asyncio.Event()

    def dialling(self, channel: AsteriskChannel) -> Coroutine[Any, Any, DialResult]:
        return channel.dial("101", "offer-1", 20_000, self.of("ringing"), self.of("answered"))

    def of(self, what: str) -> Callable[[], Awaitable[None]]:
        async def told() -> None:
            self.heard.append(what)
            self.some.set()

        return told


STATES = (
    b'GET FULL VARIABLE "${DEVICE_STATE(PJSIP/101)}|${DEVICE_STATE(PJSIP/101-web)}|END|"',
    value("NOT_INUSE|UNKNOWN"),
)
MARK = (b'EXEC MSet "GUICHET_OFFER=offer-1,GUICHET_ANSWERED=,GUICHET_PARTED=,DIALSTATUS="', OK)
DIAL = b'EXEC Dial "PJSIP/101&PJSIP/101-web,20,gmiIU(answered)"'


@pytest.mark.parametrize(
    ("status", "result"),
    [
        (f"ANSWER|24000|{ANSWERED_AT}|{BEGAN}|24500|||16", DialResult(DialStatus.ANSWERED, 4500, "", ANSWERED_AT)),
        ("ANSWER|4200||||||16", DialResult(DialStatus.ANSWERED, 4200)),
        (f"ANSWER|4200||{BEGAN}|24500|||16", DialResult(DialStatus.ANSWERED, 4200)),
        ("ANSWER|||||||16", DialResult(DialStatus.ANSWERED, 0)),
        ("ANSWER|4200||||||16", DialResult(DialStatus.ANSWERED, 4200)),
        ("ANSWER|4200||||||44", DialResult(DialStatus.ANSWERED, 4200, lost=True)),
        (f"ANSWER|24000|0|{BEGAN}|24500|||16", DialResult(DialStatus.NO_ANSWER)),  # gone while they were told something
        ("NOANSWER|||||||", DialResult(DialStatus.NO_ANSWER)),
        ("BUSY|||||||", DialResult(DialStatus.BUSY)),
        ("CHANUNAVAIL|||||||", DialResult(DialStatus.UNREACHABLE)),
        ("CONGESTION|||||||", DialResult(DialStatus.UNREACHABLE)),
        ("CANCEL|||||||", DialResult(DialStatus.CALLER_GONE)),
        ("INVALIDARGS|||||||", DialResult(DialStatus.UNREACHABLE)),
        ("|||||||", DialResult(DialStatus.UNREACHABLE)),
    ],
)
async def test_how_a_ringing_ended(status: str, result: DialResult) -> None:
    told = Told()
    assert await done(told.dialling, STATES, MARK, (DIAL, OK), (LAST_DIAL, value(f"offer-1|{status}"))) == result
    assert told.heard == (["answered"] if result.status is DialStatus.ANSWERED else [])  # late: AMI is away


async def test_why_the_agents_phone_is_gone_may_be_known_a_moment_later() -> None:
    looks = [(LAST_DIAL, value(f"offer-1|ANSWER|4200||||||{parted}")) for parted in ("", "", "44")]
    result = await done(Told().dialling, STATES, MARK, (DIAL, OK), *looks)
    assert result == DialResult(DialStatus.ANSWERED, 4200, lost=True)


async def test_a_phone_that_is_not_registered_is_not_dialled() -> None:
    asked, _ = STATES
    dial = (b'EXEC Dial "PJSIP/101-web,20,gmiIU(answered)"', OK)
    exchange = ((asked, value("UNAVAILABLE|NOT_INUSE")), MARK, dial, (LAST_DIAL, value("offer-1|BUSY|||||||")))
    assert await done(Told().dialling, *exchange) == DialResult(DialStatus.BUSY)


async def test_an_agent_without_any_registered_phone_is_unreachable_at_once() -> None:
    asked, _ = STATES
    assert await done(Told().dialling, (asked, value("UNAVAILABLE|INVALID"))) == DialResult(DialStatus.UNREACHABLE)


async def test_ringing_and_answer_are_told_while_the_dial_lasts() -> None:
    told = Told()
    async with manager() as (ami, asterisk), line(ami) as (peer, channel):
        dialled = asyncio.create_task(told.dialling(channel))
        await peer.do(*STATES)
        await peer.do(*MARK)
        assert await peer.heard() == DIAL
        for event in (
            "DialState\r\nDialStatus: RINGING",
            "DialState\r\nDialStatus: RINGING",
            "DialEnd\r\nDialStatus: ANSWER",
        ):
            for uniqueid in ("other-1.1", "guichet-1700000000.1"):
                asterisk.say(f"Event: {event}\r\nUniqueid: {uniqueid}\r\n\r\n".encode())
        async with asyncio.timeout(LIMIT_S):
            while told.heard != ["ringing", "answered"]:
                told.some.clear()
                await told.some.wait()
        peer.say(OK)
        await peer.do(LAST_DIAL, value("offer-1|ANSWER|100||||||16"))
        assert await dialled == DialResult(DialStatus.ANSWERED, 100)
        assert told.heard == ["ringing", "answered"]
        assert not ami._listeners


async def test_news_that_cannot_be_told_costs_no_call(caplog: pytest.LogCaptureFixture) -> None:
    async def fails() -> None:
        raise ConnectionError("the store is away")

    exchange = (STATES, MARK, (DIAL, OK), (LAST_DIAL, value("offer-1|ANSWER|100||||||16")))
    result = await done(lambda channel: channel.dial("101", "offer-1", 20_000, fails, fails), *exchange)
    assert result == DialResult(DialStatus.ANSWERED, 100)
    assert "could not be told" in caplog.text


@pytest.mark.parametrize(
    ("status", "result"),
    [
        ("ANSWER|4200||||||16", DialResult(DialStatus.ANSWERED, 4200)),
        ("ANSWER|4200||||||44", DialResult(DialStatus.ANSWERED, 4200)),
        ("CANCEL|||||||", DialResult(DialStatus.CALLER_GONE)),
        ("NOANSWER|||||||", DialResult(DialStatus.CALLER_GONE)),
    ],
)
async def test_a_caller_who_hangs_up_in_a_dial(status: str, result: DialResult) -> None:
    exchange = (STATES, MARK, (DIAL, GONE), (LAST_DIAL, value(f"offer-1|{status}")))
    assert await done(Told().dialling, *exchange) == result


async def test_the_agents_phone_is_shown_a_clean_caller() -> None:
    number = (b'SET VARIABLE "CALLERID(num)" ""', OK)
    name = (b'SET VARIABLE "CALLERID(name)" "a \\"b\\""', OK)
    exchange = (STATES, number, name, MARK, (DIAL, OK), (LAST_DIAL, value("offer-1|BUSY|||||||")))
    await done(Told().dialling, *exchange, callerid="bob42", calleridname='a "b"\u202e')


PHONES = {"101": "offer-1", "102": "offer-2", "103": "offer-3"}
STATES_ALL = (
    b'GET FULL VARIABLE "'
    + b"".join(b"${DEVICE_STATE(PJSIP/%d)}|${DEVICE_STATE(PJSIP/%d-web)}|" % (each, each) for each in (101, 102, 103))
    + b'END|"',
    value("|".join(["NOT_INUSE"] * 6)),
)
MARK_ALL = (
    b'EXEC MSet "GUICHET_OFFER=offer-1,GUICHET_ANSWERED=,GUICHET_PARTED=,DIALSTATUS=,'
    b'DIALEDPEERNAME=,DIALEDPEERNUMBER="',
    OK,
)
DIAL_ALL = b'EXEC Dial "PJSIP/101&PJSIP/101-web&PJSIP/102&PJSIP/102-web&PJSIP/103&PJSIP/103-web,20,gmiIU(answered)"'


class ToldOf:
    def __init__(self) -> None:
        self.heard: list[str] = []
        self.some = asyncio.Event()

    def dialling(self, channel: AsteriskChannel) -> Coroutine[Any, Any, DialResult]:
        return channel.dial_together(PHONES, 20_000, self.of("ringing"), self.of("answered"), self.ended)

    def of(self, what: str) -> Callable[[str], Awaitable[None]]:
        async def told(offer: str) -> None:
            self.heard.append(f"{offer} {what}")
            self.some.set()

        return told

    async def ended(self, offer: str, how: DialStatus) -> None:
        await self.of(how)(offer)


async def test_several_phones_ring_at_once_and_each_piece_of_news_says_which_one() -> None:
    told = ToldOf()
    async with manager() as (ami, asterisk), line(ami) as (peer, channel):
        dialled = asyncio.create_task(told.dialling(channel))
        await peer.do(*STATES_ALL)
        await peer.do(*MARK_ALL)
        assert await peer.heard() == DIAL_ALL
        for event, status, phone in (
            ("DialState", "RINGING", "PJSIP/101-0000000a"),
            ("DialState", "RINGING", "PJSIP/102-0000000b"),
            ("DialState", "RINGING", "PJSIP/102-0000000b"),
            ("DialEnd", "BUSY", "PJSIP/103-0000000c"),
            ("DialEnd", "ANSWER", "PJSIP/102-0000000b"),
            ("DialEnd", "CANCEL", "PJSIP/101-0000000a"),
            ("DialState", "RINGING", "PJSIP/999-0000000d"),
        ):
            text = f"Event: {event}\r\nDialStatus: {status}\r\nDestChannel: {phone}\r\n"
            asterisk.say(f"{text}Uniqueid: guichet-1700000000.1\r\n\r\n".encode())
        async with asyncio.timeout(LIMIT_S):
            while len(told.heard) < 4:
                told.some.clear()
                await told.some.wait()
        peer.say(OK)
        await peer.do(LAST_DIAL, value("offer-1|ANSWER|100||||PJSIP/102-0000000b|102|16"))
        assert await dialled == DialResult(DialStatus.ANSWERED, 100, "102")
        assert told.heard == ["offer-1 ringing", "offer-2 ringing", "offer-3 busy", "offer-2 answered"]
        assert not ami._listeners


@pytest.mark.parametrize(
    ("known", "result"),
    [
        ("ANSWER|4200||||PJSIP/103-0000000a|103|16", DialResult(DialStatus.ANSWERED, 4200, "103")),
        ("ANSWER|4200||||PJSIP/peer-south-0000000a|103@peer-south|16", DialResult(DialStatus.ANSWERED, 4200, "103")),
        ("NOANSWER|||||||", DialResult(DialStatus.NO_ANSWER)),
        ("BUSY|||||||", DialResult(DialStatus.BUSY)),
    ],
)
async def test_how_the_ringing_of_several_ended_though_nobody_told(known: str, result: DialResult) -> None:
    told = ToldOf()
    assert (
        await done(told.dialling, STATES_ALL, MARK_ALL, (DIAL_ALL, OK), (LAST_DIAL, value(f"offer-1|{known}")))
        == result
    )
    assert told.heard == (["offer-3 answered"] if result.status is DialStatus.ANSWERED else [])


async def test_a_caller_who_hangs_up_while_several_ring() -> None:
    exchange = (STATES_ALL, MARK_ALL, (DIAL_ALL, GONE), (LAST_DIAL, value("offer-1|CANCEL|||||||")))
    assert await done(ToldOf().dialling, *exchange) == DialResult(DialStatus.CALLER_GONE)


async def test_an_agent_has_answered_a_message_when_they_begin_to_hear_it() -> None:
    told = Told()
    async with manager() as (ami, asterisk), line(ami) as (peer, channel):
        sounds = ["/sounds/intro", "/recordings/pbx-1.7-ab"]
        ring = channel.play_to("101", "offer-1", 3_000, sounds, told.of("ringing"), told.of("answered"))
        dialled = asyncio.create_task(ring)
        await peer.do(*STATES)
        await peer.do(*MARK)
        heard = await peer.heard()
        assert heard.startswith(b'EXEC Dial "PJSIP/101')
        assert heard.endswith(b',3,giU(message^/sounds/intro&/recordings/pbx-1.7-ab^offer-1)"')
        asterisk.say(b"Event: DialState\r\nDialStatus: RINGING\r\nUniqueid: guichet-1700000000.1\r\n\r\n")
        for offer in ("offer-9", "offer-1"):
            asterisk.say(
                f"Event: UserEvent\r\nUserEvent: GuichetHeard\r\nUniqueid: 2.2\r\nOffer: {offer}\r\n\r\n".encode()
            )
        async with asyncio.timeout(LIMIT_S):
            while told.heard != ["ringing", "answered"]:
                told.some.clear()
                await told.some.wait()
        peer.say(OK)
        await peer.do(LAST_DIAL, value("offer-1|ANSWER|100||||||16"))
        assert (await dialled).status is DialStatus.ANSWERED
        assert told.heard == ["ringing", "answered"]
        assert not ami._listeners


@pytest.mark.parametrize("evil", ["/a,b", "/a)b", "/a^b", "/a|b", "/a$b", "/a\nb"])
async def test_a_sound_whose_name_would_spoil_the_dialling_is_refused(evil: str) -> None:
    async with line() as (_, channel):
        with pytest.raises(ValueError, match="cannot be played"):
            await channel.play_to("101", "offer-1", 1000, [evil], Told().of(""), Told().of(""))


@pytest.mark.parametrize(
    ("along", "options"),
    [
        (NOTHING, "giIU(answered)"),
        (Along("0463"), "giIb(along^s^1(0463))U(answered)"),
        (Along("", ["/sounds/told"]), "giIrU(whisper^/sounds/told^transfer-1)"),
        (Along("0463", ["/sounds/told"]), "giIb(along^s^1(0463))rU(whisper^/sounds/told^transfer-1)"),
    ],
)
def test_what_goes_along_outside_is_an_option_of_the_dialling(along: Along, options: str) -> None:
    assert outside_options(along, "transfer-1") == options


@pytest.mark.parametrize(
    "evil", [Along("04)"), Along("04^05"), Along("0"), Along("04" * 130), Along("04\n"), Along("", ["/a)U(x"])]
)
def test_what_would_spoil_the_dialling_does_not_go_along(evil: Along) -> None:
    with pytest.raises(ValueError, match=r"cannot be played|octets in hex"):
        outside_options(evil, "transfer-1")


@pytest.mark.parametrize("evil", ["1", "123456789", "101&PJSIP/102", "101,20", "", "abc", "١٢٣"])
async def test_an_extension_that_is_none_is_refused(evil: str) -> None:
    async with line() as (_, channel):
        with pytest.raises(ValueError, match="extension"):
            await channel.dial(evil, "offer-1", 1000, Told().of(""), Told().of(""))
        with pytest.raises(ValueError, match="offer"):
            await channel.dial("101", evil + ",x=", 1000, Told().of(""), Told().of(""))
        with pytest.raises(ValueError, match="extension"):
            await channel.dial_together({evil: "offer-1"}, 1000, ToldOf().of(""), ToldOf().of(""), ToldOf().ended)


@pytest.mark.parametrize("known", ["|||||||", "offer-1|||||||", "a|b", "|ANSWER|5||||||16", "offer-1|ANSWER|5|16"])
async def test_no_ringing_is_remembered(known: str) -> None:
    asked = (LAST_DIAL, value(known))
    assert await done(lambda channel: channel.last_dial(), asked) == ("", DialResult(DialStatus.UNREACHABLE))


async def test_a_note_forgets_the_last_ringing() -> None:
    command = b'EXEC MSet "GUICHET_ENTRY=etat-civil 1700000000000 0,GUICHET_OFFER="'
    await done(lambda channel: channel.remember("etat-civil 1700000000000 0"), (command, OK))
    async with line() as (_, channel):
        for evil in ("a,GUICHET_END=1", "a\nb", 'a"b', "é", "x" * 1501):
            with pytest.raises(ValueError, match="cannot be kept"):
                await channel.remember(evil)


async def test_the_note_is_read_again_and_what_is_none_of_ours_is_not() -> None:
    asked = b'GET FULL VARIABLE "${GUICHET_ENTRY}|END|"'
    for kept, read in (("eNqrV-_", "eNqrV-_"), ("", ""), ("a,b", "")):
        assert await done(lambda channel: channel.recall(), (asked, value(kept))) == read


async def test_a_phone_at_another_asterisk_is_rung_through_it() -> None:
    dial = b'EXEC Dial "PJSIP/101@peer-north,20,gmiIU(answered)"'
    told = Told()
    async with line(peers={"north": "peer-north"}) as (peer, channel):
        dialled = asyncio.create_task(channel.dial("101", "offer-1", 20_000, told.of("r"), told.of("a"), "north"))
        for asked, answer in (MARK, (dial, OK), (LAST_DIAL, value("offer-1|BUSY|||||||"))):
            await peer.do(asked, answer)
        assert await dialled == DialResult(DialStatus.BUSY)


async def test_a_phone_to_which_no_way_leads_is_unreachable(caplog: pytest.LogCaptureFixture) -> None:
    async with line() as (_, channel):
        result = await channel.dial("101", "offer-1", 20_000, Told().of(""), Told().of(""), "south")
    assert result == DialResult(DialStatus.UNREACHABLE)
    assert "name it in peers" in caplog.text


async def test_the_proper_end_is_marked() -> None:
    await done(lambda channel: channel.finish(), (b'SET VARIABLE "GUICHET_END" "1"', OK))
