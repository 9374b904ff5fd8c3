"""The configuration that asterisk_conf writes, in a real Asterisk."""

import asyncio
import contextlib
import wave
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from app.install.native import Native
from asterisk_conf.site import Phone
from asterisk_conf.write import AMI_USER, ami_secret
from telephony.phone import Phone as Handset
from telephony.phone import PhoneCall, PhoneError
from telephony.phone.audio import tone
from tests.ports import own
from tests.running_asterisk import RunningAsterisk

pytestmark = pytest.mark.asterisk

SIP, AMI, ENGINE, SPARE = own(22060), own(22038), own(22073), own(22074)
TRUNK = "127.0.0.9"
AGENTS = [Phone("101", "correcthorse1"), Phone("102", "correcthorse2")]


@pytest.fixture(scope="module")
def asterisk(native: Native) -> Iterator[RunningAsterisk]:
    with RunningAsterisk(
        native, AGENTS, sip_port=SIP, ami_port=AMI, rtp_first=own(22100), rtp_last=own(22299), numbers=("3939",),
        trunks=(TRUNK,), agi_hosts=(("127.0.0.1", ENGINE), ("127.0.0.1", SPARE)), patience_s=2, qualify_s=1,
    ) as running:  # fmt: skip
        yield running


@contextlib.asynccontextmanager
async def phone(user: str, password: str = "", ip: str = "127.0.0.1") -> AsyncIterator[Handset]:
    async with Handset(user, password, ("127.0.0.1", SIP), ip) as made:
        yield made


async def until(condition: Callable[[], bool], limit: float = 10.0) -> None:
    """Wait for something that another program does."""
    async with asyncio.timeout(limit):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


class Asked:
    """One AGI request that an engine was asked for."""

    def __init__(self, env: dict[str, str], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.env, self._reader, self._writer = env, reader, writer

    @property
    def script(self) -> str:
        return self.env["agi_network_script"]

    async def do(self, command: str) -> str:
        self._writer.write(f"{command}\n".encode())
        return (await self._reader.readline()).decode().strip()

    async def end(self) -> None:
        """The call comes to its proper end."""
        await self.do('SET VARIABLE GUICHET_END "1"')
        self.die()

    def die(self) -> None:
        self._writer.transport.abort()


@contextlib.asynccontextmanager
async def engine(port: int = ENGINE) -> AsyncIterator["asyncio.Queue[Asked]"]:
    """Something that answers where an engine should be. Gives what it is asked."""
    asked: asyncio.Queue[Asked] = asyncio.Queue()
    open_ones: list[Asked] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines = (await reader.readuntil(b"\n\n")).decode().splitlines()
        one = Asked(dict(line.split(": ", 1) for line in lines if ": " in line), reader, writer)
        open_ones.append(one)
        asked.put_nowait(one)

    server = await asyncio.start_server(take, "127.0.0.1", port)
    try:
        yield asked
    finally:
        server.close()
        for one in open_ones:
            one.die()


async def next_of(asked: "asyncio.Queue[Asked]") -> Asked:
    async with asyncio.timeout(10):
        return await asked.get()


async def refused(call: PhoneCall) -> int:
    await call.ended.wait(10)
    assert not call.answered
    return call.status


# --- starting ---------------------------------------------------------------------------------------------------


def test_it_boots_without_a_warning(asterisk: RunningAsterisk) -> None:
    booting = asterisk.log().partition("AGI")[0]
    assert "WARNING" not in booting
    assert "ERROR" not in booting
    assert "0 modules loaded" not in asterisk.ask("module show like res_pjsip")


def test_a_second_writing_changes_nothing(asterisk: RunningAsterisk) -> None:
    assert asterisk.write(AGENTS).files == ()


async def test_a_new_agent_can_register_after_a_reload(asterisk: RunningAsterisk) -> None:
    changes = asterisk.write([*AGENTS, Phone("199", "correcthorse9")])
    assert changes.files == ("pjsip.conf",)
    assert not changes.restart
    for command in changes.reloads:
        asterisk.ask(command)
    async with phone("199", "correcthorse9") as new:
        await new.register()
    for command in asterisk.write(AGENTS).reloads:
        asterisk.ask(command)


# --- who may call -----------------------------------------------------------------------------------------------


async def test_an_agent_registers_with_the_password_and_not_without(asterisk: RunningAsterisk) -> None:
    async with phone("101", AGENTS[0].password) as right, phone("101", "wrongwrong1") as wrong:
        await right.register()
        with pytest.raises(PhoneError, match=r"401|403"):
            await wrong.register()
        await right.unregister()


async def test_a_phone_that_vanishes_becomes_unreachable(asterisk: RunningAsterisk) -> None:
    async with phone("102", AGENTS[1].password) as agent:
        await agent.register()
        await until(lambda: "Avail" in asterisk.ask("pjsip show contacts"))
    await until(lambda: "Unavail" in asterisk.ask("pjsip show contacts"), 15)


async def test_a_caller_who_claims_an_agents_extension_is_not_let_in(asterisk: RunningAsterisk) -> None:
    async with engine() as asked, phone("101") as impostor:
        assert await refused(await impostor.call("*10")) == 401
        assert await refused(await impostor.call("3939")) == 401
        assert asked.empty()


async def test_a_carriers_caller_may_have_an_agents_extension_as_number(asterisk: RunningAsterisk) -> None:
    async with engine() as asked, phone("101", ip=TRUNK) as carrier:
        call = await carrier.call("3939")
        one = await next_of(asked)
        assert (one.script, one.env["agi_context"], one.env["agi_callerid"]) == ("inbound", "call", "101")
        await one.end()
        await call.ended.wait()


async def test_a_callers_feature_code_is_nothing_but_a_number(asterisk: RunningAsterisk) -> None:
    async with engine() as asked, phone("somebody") as caller:
        call = await caller.call("*10")
        one = await next_of(asked)
        assert one.script == "inbound"
        await one.end()
        await call.ended.wait()


async def test_a_trunks_name_in_from_opens_nothing(asterisk: RunningAsterisk) -> None:
    async with engine() as asked, phone("trunk-1") as somebody:
        call = await somebody.call("3939")
        one = await next_of(asked)
        assert one.env["agi_channel"].startswith("PJSIP/anonymous-")
        await one.end()
        await call.ended.wait()


@pytest.mark.parametrize(
    "number",
    [
        "%24%7BSHELL(id)%7D",
        "3939%0Aagi_evil:%201",
        "3939%2C1)",
        "3939%20x",
        "3939%26Dial(PJSIP%2F101)",
        "%22%5D",
        "abc",
        "call",
        "+33+6",
        "9" * 33,
    ],
)
async def test_what_is_no_number_never_reaches_the_dialplan(asterisk: RunningAsterisk, number: str) -> None:
    async with engine() as asked, phone("anybody") as caller:
        assert await refused(await caller.call(f"sip:{number}@127.0.0.1:{SIP}")) == 404
        assert asked.empty()


async def test_the_callers_name_and_number_are_not_evaluated(asterisk: RunningAsterisk) -> None:
    evil = "${SHELL(touch /tmp/x)}$[1+1]"
    async with engine() as asked, phone("anybody") as caller:
        call = await caller.call("3939", caller_name=evil)
        one = await next_of(asked)
        assert one.env["agi_calleridname"] == evil
        await one.end()
        await call.ended.wait()


async def test_an_agent_dials_feature_codes_and_the_towns_numbers_only(asterisk: RunningAsterisk) -> None:
    async with engine() as asked, phone("101", AGENTS[0].password) as agent:
        await agent.register()
        for number in ("0612345678", "102", "*13", "112"):
            assert await refused(await agent.call(number)) == 404
        call = await agent.call("3939")
        one = await next_of(asked)
        assert (one.script, one.env["agi_extension"]) == ("inbound", "3939")
        await one.end()
        await call.ended.wait()
        await agent.unregister()


async def test_an_engine_learns_which_agent_dialled_a_feature_code(asterisk: RunningAsterisk) -> None:
    async with engine() as asked, phone("101", AGENTS[0].password) as agent:
        await agent.register()
        call = await agent.call("*10", from_user="101")
        one = await next_of(asked)
        assert (one.script, one.env["agi_extension"]) == ("agent", "*10")
        assert await one.do("GET VARIABLE GUICHET_AGENT") == "200 result=1 (101)"
        await one.end()
        await call.ended.wait()
        await agent.unregister()


# --- the safety net ---------------------------------------------------------------------------------------------


async def test_without_an_engine_the_caller_hears_music_then_an_apology_and_the_call_ends(
    asterisk: RunningAsterisk,
) -> None:
    apology = asterisk.folder / "apology"
    apologise_with(asterisk, {"fr": apology, "en": asterisk.folder / "not-rendered"})
    async with phone("anybody") as caller:
        call = await caller.call("3939")
        await call.answered.wait()
        music = await call.wait_sound()
        assert not music.has_tone(1000)
        apologise(apology)  # rendered while the caller waits: found all the same
        await call.wait_tone(1000)
        await call.wait_heard(lambda audio: not audio.silent and not audio.has_tone(1000), "Asterisk's own words")
        await call.ended.wait(20)
    await until(lambda: asterisk.ask("core show channels count").startswith("0 active channels"))
    assert "does not exist" not in asterisk.log()
    apologise_with(asterisk, {})


def apologise(path: Path) -> None:
    """Render an apology: a second of 1,000 Hz."""
    with wave.open(f"{path}.wav", "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(tone(1000).tobytes())


def apologise_with(asterisk: RunningAsterisk, apologies: dict[str, Path]) -> None:
    for command in asterisk.write(AGENTS, apologies=apologies).reloads:
        asterisk.ask(command)


async def test_a_call_whose_engine_dies_is_handed_to_the_next_one(asterisk: RunningAsterisk) -> None:
    async with engine(ENGINE) as first, engine(SPARE) as second, phone("anybody") as caller:
        call = await caller.call("3939")
        (await next_of(first)).die()
        taken = await next_of(second)
        assert taken.script == "resume", "the first one may have had it in hand: its place must be found again"
        assert taken.env["agi_extension"] == "3939"
        taken.die()
        again = await next_of(first)
        assert again.script == "resume"
        await again.end()
        await call.ended.wait()
        assert first.empty() and second.empty()


async def test_a_call_goes_on_when_an_engine_comes_back(asterisk: RunningAsterisk) -> None:
    async with phone("anybody") as caller:
        call = await caller.call("3939")
        await call.answered.wait()  # on hold by now
        async with engine() as asked:
            one = await next_of(asked)
            assert one.script == "resume"
            await one.end()
            await call.ended.wait()


async def test_a_call_that_came_to_its_end_is_not_resumed(asterisk: RunningAsterisk) -> None:
    async with engine() as asked, phone("anybody") as caller:
        call = await caller.call("3939")
        await (await next_of(asked)).end()
        await call.ended.wait()
        assert asked.empty()


async def test_a_feature_code_without_an_engine_gives_a_tone_and_ends(asterisk: RunningAsterisk) -> None:
    async with phone("101", AGENTS[0].password) as agent:
        await agent.register()
        call = await agent.call("*10")
        await call.answered.wait()
        await call.ended.wait(10)
        await agent.unregister()


# --- the manager interface --------------------------------------------------------------------------------------


class Ami:
    """Just enough of AMI to see what a user may do."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self.events: list[dict[str, str]] = []

    async def message(self) -> dict[str, str]:
        async with asyncio.timeout(20):
            text = (await self._reader.readuntil(b"\r\n\r\n")).decode()
        return dict(line.split(": ", 1) for line in text.splitlines() if ": " in line)

    async def do(self, action: str, **fields: str) -> dict[str, str]:
        lines = [f"{name}: {value}" for name, value in {"Action": action, **fields}.items()]
        self._writer.write("\r\n".join([*lines, "", ""]).encode())
        while "Response" not in (message := await self.message()):
            self.events.append(message)
        return message


@pytest.fixture
async def ami(asterisk: RunningAsterisk) -> AsyncIterator[Ami]:
    reader, writer = await asyncio.open_connection("127.0.0.1", AMI)
    await reader.readline()
    made = Ami(reader, writer)
    answer = await made.do("Login", Username=AMI_USER, Secret=ami_secret(asterisk.site.home))
    assert answer["Response"] == "Success"
    yield made
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("Originate", {"Channel": "PJSIP/101", "Application": "Echo"}),
        ("Command", {"Command": "core show channels"}),
        ("ModuleLoad", {"LoadType": "reload", "Module": "res_pjsip.so"}),
        ("GetConfig", {"Filename": "pjsip.conf"}),
        ("UpdateConfig", {"SrcFilename": "pjsip.conf", "DstFilename": "x.conf"}),
        ("DialplanExtensionAdd", {"Context": "inbound", "Extension": "1", "Priority": "1", "Application": "Echo"}),
        ("DBPut", {"Family": "a", "Key": "b", "Val": "c"}),
    ],
)
async def test_the_engines_manager_user_may_not(ami: Ami, action: str, fields: dict[str, str]) -> None:
    answer = await ami.do(action, **fields)
    assert answer["Response"] == "Error"
    assert "ermission" in answer["Message"] or "Invalid/unknown command" in answer["Message"]


async def test_the_engines_manager_user_may_wake_look_and_hang_up(ami: Ami, asterisk: RunningAsterisk) -> None:
    async with engine() as asked, phone("anybody") as caller:
        call = await caller.call("3939")
        one = await next_of(asked)
        channel = one.env["agi_channel"]
        waiting = asyncio.create_task(one.do("WAIT FOR DIGIT 5000"))
        await until(lambda: "AGI" in asterisk.ask("core show channels verbose"))
        answer = await ami.do("PlayDTMF", Channel=channel, Digit="D", Duration="1", Receive="1")
        assert answer["Response"] == "Success"
        assert await waiting == f"200 result={ord('D')}"
        assert (await ami.do("CoreShowChannels"))["Response"] == "Success"
        assert (await ami.do("DeviceStateList"))["Response"] == "Success"
        assert (await ami.do("Hangup", Channel=channel))["Response"] == "Success"
        one.die()
        await call.ended.wait()
        while (message := await ami.message()).get("Event") != "Hangup":
            ami.events.append(message)
        assert {"AGIExecStart", "AGIExecEnd", "Newexten", "VarSet", "RTCPSent"}.isdisjoint(
            event.get("Event") for event in ami.events
        )


async def test_a_wrong_secret_does_not_log_in(asterisk: RunningAsterisk) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", AMI)
    await reader.readline()
    assert (await Ami(reader, writer).do("Login", Username=AMI_USER, Secret="admin"))["Response"] == "Error"
    writer.close()
    await writer.wait_closed()
