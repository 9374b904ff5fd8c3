"""Each fault of pyst2's AGI class is mended, against an Asterisk played byte by byte."""

import asyncio
import signal
from collections.abc import Callable
from typing import Any

import pytest
from asterisk import agi as pyst2

from core.errors import CallerGone, ChannelLost
from telephony.asterisk.agi import Agi
from tests.unit.telephony.peers import LIMIT_S, conversation, environment, outcome_of

OK = b"200 result=0\n"
GONE = b"200 result=-1\n"
ASK_WHETHER_GONE = b"WAIT FOR DIGIT 0"


async def raises(error: type[Exception], blocking: Callable[[Agi], Any], *exchange: tuple[bytes, bytes]) -> Exception:
    with pytest.raises(error) as caught:
        await outcome_of(blocking, *exchange)
    return caught.value


# --- what pyst2 does around the conversation --------------------------------------------------------------------------


async def test_no_signal_handler_is_set() -> None:
    before = signal.getsignal(signal.SIGHUP)
    await outcome_of(lambda agi: agi.answer(), (b"ANSWER", OK))
    assert signal.getsignal(signal.SIGHUP) is before


async def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    await outcome_of(lambda agi: agi.answer(), (b"ANSWER", OK))
    assert capfd.readouterr() == ("", "")


async def test_the_environment_is_read() -> None:
    env = await outcome_of(lambda agi: agi.env, head=environment(callerid="+33612345678"))
    assert env["agi_callerid"] == "+33612345678"
    assert env["agi_request"] == "agi://127.0.0.1/inbound"


async def test_a_name_in_latin_1_is_read() -> None:
    head = b"agi_request: agi://x/inbound\nagi_calleridname: Ren\xe9e\nagi_callerid: 1\n\n"
    assert (await outcome_of(lambda agi: agi.env, head=head))["agi_calleridname"] == "Renée"


async def test_a_value_in_latin_1_is_read() -> None:
    exchange = (b'GET FULL VARIABLE "${NAME}|END|"', b"200 result=1 (Ren\xe9e|END|)\n")
    assert await outcome_of(lambda agi: agi.get_variable("NAME"), exchange) == "Renée"


# --- hang-ups and breaks ----------------------------------------------------------------------------------------------


async def test_a_bare_hangup_line_is_a_hang_up_and_variables_can_still_be_read() -> None:
    def blocking(agi: Agi) -> tuple[str, bool]:
        with pytest.raises(CallerGone):
            agi.wait_for_digit(-1)
        value = agi.get_variable("DIALSTATUS")
        with pytest.raises(CallerGone):
            agi.answer()
        return value, agi.hung_up

    value = await outcome_of(
        blocking,
        (b"WAIT FOR DIGIT -1", b"HANGUP\n200 result=-1\n"),
        (b'GET FULL VARIABLE "${DIALSTATUS}|END|"', b"200 result=1 (ANSWER|END|)\n"),
    )
    assert value == ("ANSWER", True)


async def test_a_hangup_line_before_a_reply_does_not_put_the_stream_out_of_step() -> None:
    def blocking(agi: Agi) -> list[str]:
        return [agi.get_variable("A"), agi.get_variable("B")]

    values = await outcome_of(
        blocking,
        (b'GET FULL VARIABLE "${A}|END|"', b"HANGUP\n200 result=1 (a|END|)\n"),
        (b'GET FULL VARIABLE "${B}|END|"', b"200 result=1 (b|END|)\n"),
    )
    assert values == ["a", "b"]


async def test_a_hangup_between_two_commands_is_seen_before_the_next_one_is_sent() -> None:
    async with conversation(lambda agi: (agi.noop(), agi.noop(), agi.answer())) as (peer, outcome):
        await peer.do(b"NOOP", b"200 result=0\nHANGUP\n")
        with pytest.raises(CallerGone):
            await outcome


async def test_the_end_of_the_stream_is_a_lost_channel() -> None:
    async with conversation(lambda agi: agi.wait_for_digit(-1)) as (peer, outcome):
        await peer.heard()
        peer.finish_sending()
        with pytest.raises(ChannelLost):
            await outcome


async def test_the_end_of_the_stream_between_two_commands_is_a_lost_channel() -> None:
    async with conversation(lambda agi: (agi.noop(), agi.noop())) as (peer, outcome):
        await peer.do(b"NOOP", OK)
        peer.leave()
        with pytest.raises(ChannelLost):
            await outcome


async def test_the_end_of_the_stream_after_a_hangup_line_is_a_hang_up() -> None:
    async with conversation(lambda agi: agi.wait_for_digit(-1)) as (peer, outcome):
        await peer.heard()
        peer.say(b"HANGUP\n")
        peer.finish_sending()
        with pytest.raises(CallerGone):
            await outcome


async def test_511_is_a_hang_up() -> None:
    dead = b"511 Command Not Permitted on a dead channel or intercept routine\n"
    await raises(CallerGone, lambda agi: agi.answer(), (b"ANSWER", dead))


async def test_minus_one_with_a_hang_up_is_a_hang_up() -> None:
    reply = b"200 result=-1 endpos=0\nHANGUP\n"
    await raises(CallerGone, lambda agi: agi.stream_file("a"), (b'STREAM FILE a "" 0', reply))


async def test_minus_one_without_a_hang_up_line_yet_is_asked_after() -> None:
    await raises(CallerGone, lambda agi: agi.appexec("Dial", "x"), (b'EXEC Dial "x"', GONE), (ASK_WHETHER_GONE, GONE))


async def test_minus_one_of_a_living_channel_is_an_application_error() -> None:
    def blocking(agi: Agi) -> Any:
        with pytest.raises(pyst2.AGIAppError):
            agi.stream_file("missing")
        return agi.wait_for_digit(1000)

    exchange = (
        (b'STREAM FILE missing "" 0', b"200 result=-1 endpos=0\n"),
        (ASK_WHETHER_GONE, OK),
        (b"WAIT FOR DIGIT 1000", b"200 result=53\n"),
    )
    assert await outcome_of(blocking, *exchange) == "5"


# --- replies ----------------------------------------------------------------------------------------------------------


async def test_100_trying_is_passed_over() -> None:
    assert (
        await outcome_of(lambda agi: agi.wait_for_digit(5), (b"WAIT FOR DIGIT 5", b"100 Trying...\n200 result=49\n"))
        == "1"
    )


async def test_510_is_an_invalid_command() -> None:
    await raises(pyst2.AGIInvalidCommand, lambda agi: agi.noop(), (b"NOOP", b"510 Invalid or unknown command\n"))


async def test_520_in_one_line_swallows_no_other_reply() -> None:
    def blocking(agi: Agi) -> Any:
        with pytest.raises(pyst2.AGIUsageError):
            agi.noop()
        return agi.wait_for_digit(5)

    usage = b"520 Invalid command syntax.  Proper usage not available.\n"
    assert await outcome_of(blocking, (b"NOOP", usage), (b"WAIT FOR DIGIT 5", b"200 result=49\n")) == "1"


async def test_a_520_block_is_read_whole() -> None:
    def blocking(agi: Agi) -> Any:
        with pytest.raises(pyst2.AGIUsageError, match="Usage: ANSWER"):
            agi.noop()
        return agi.wait_for_digit(5)

    usage = b"520-Invalid command syntax.  Proper usage follows:\n Usage: ANSWER\n\n200 x\n520 End of proper usage.\n"
    assert await outcome_of(blocking, (b"NOOP", usage), (b"WAIT FOR DIGIT 5", b"200 result=49\n")) == "1"


async def test_the_end_of_the_stream_inside_a_520_block_ends_the_wait() -> None:
    async with conversation(lambda agi: agi.noop()) as (peer, outcome):
        await peer.do(b"NOOP", b"520-Invalid command syntax.\nUsage: \n")
        peer.finish_sending()
        with pytest.raises(ChannelLost):
            await outcome


async def test_a_reply_in_pieces_is_put_together() -> None:
    async with conversation(lambda agi: agi.wait_for_digit(5)) as (peer, outcome):
        await peer.heard()
        for piece in (b"HAN", b"GUP", b"\n20", b"0 result", b"=49", b"\n"):
            peer.say(piece)
            await asyncio.sleep(0)
        assert await outcome == "1"


async def test_a_variable_whose_value_is_hangup_is_no_hang_up() -> None:
    exchange = (b'GET FULL VARIABLE "${X}|END|"', b"200 result=1 (hangup|END|)\n")
    assert await outcome_of(lambda agi: agi.get_variable("X"), exchange) == "hangup"


@pytest.mark.parametrize(
    "value",
    ["two\nlines", "a)\n200 result=1 (b", "ends)\nHANGUP\n", "(", ")", "", "hangup", "  spaces  ", "200 result=-1"],
)
async def test_any_value_is_read_whole_and_the_stream_stays_in_step(value: str) -> None:
    def blocking(agi: Agi) -> tuple[str, str]:
        return agi.get_variable("X"), agi.wait_for_digit(5)

    exchange = (
        (b'GET FULL VARIABLE "${X}|END|"', f"200 result=1 ({value}|END|)\n".encode()),
        (b"WAIT FOR DIGIT 5", b"200 result=49\n"),
    )
    assert await outcome_of(blocking, *exchange) == (value, "1")


async def test_several_variables_are_read_at_once() -> None:
    exchange = (b'GET FULL VARIABLE "${A}|${B}|END|"', b"200 result=1 (1|2|END|)\n")
    assert await outcome_of(lambda agi: agi.get_full_variable("${A}|${B}"), exchange) == "1|2"


@pytest.mark.parametrize("name", ["A}${B", "A B", 'A"', "A\nB", "", "SHELL(rm *)"])
async def test_a_name_that_is_no_variable_is_refused(name: str) -> None:
    await raises(ValueError, lambda agi: agi.get_variable(name))


async def test_get_data_tells_a_timeout_from_an_end() -> None:
    def blocking(agi: Agi) -> list[tuple[str, bool]]:
        return [(agi.get_data("a", 3000, 8), agi.timed_out) for _ in range(4)]

    command = b"GET DATA a 3000 8"
    replies = (b"200 result=12 (timeout)\n", b"200 result=12\n", b"200 result= (timeout)\n", b"200 result=\n")
    heard = await outcome_of(blocking, *((command, reply) for reply in replies))
    assert heard == [("12", True), ("12", False), ("", True), ("", False)]


async def test_endpos_is_reachable() -> None:
    def blocking(agi: Agi) -> tuple[str, int]:
        return agi.stream_file("a", "123"), agi.endpos

    assert await outcome_of(blocking, (b'STREAM FILE a "123" 0', b"200 result=49 endpos=4800\n")) == ("1", 4800)


async def test_a_recording_that_timed_out_is_one_reply() -> None:
    def blocking(agi: Agi) -> tuple[str, int]:
        agi.record_file("a", "wav")
        return agi.last.data, agi.endpos

    command = b'RECORD FILE "a" wav "#" 20000 0 beep s=0'
    assert await outcome_of(blocking, (command, b"200 result=0 (timeout) endpos=16000\n")) == ("timeout", 16000)


async def test_an_unknown_application_is_an_error() -> None:
    await raises(pyst2.AGIAppError, lambda agi: agi.appexec("Nope"), (b'EXEC Nope ""', b"200 result=-2\n"))


async def test_database_keys_are_quoted_once() -> None:
    exchange = (b'DATABASE GET "a" "b c"', b"200 result=1 (value)\n")
    assert await outcome_of(lambda agi: agi.database_get("a", "b c"), exchange) == "value"
    await raises(pyst2.AGIDBError, lambda agi: agi.database_get("a", "b"), (b'DATABASE GET "a" "b"', OK))


# --- commands ---------------------------------------------------------------------------------------------------------


async def test_quotes_and_backslashes_are_escaped() -> None:
    line = rb'SET VARIABLE "NOTE" "a \"b\" \\ ${c}"'
    await outcome_of(lambda agi: agi.set_variable("NOTE", 'a "b" \\ ${c}'), (line, b"200 result=1\n"))


async def test_arguments_that_pyst2_leaves_bare_are_quoted_where_they_need_it() -> None:
    line = rb'STREAM FILE "my \"sound" "#" 0'
    await outcome_of(lambda agi: agi.stream_file('my "sound', "#"), (line, OK))
    await outcome_of(lambda agi: agi.set_context("a b"), (b'SET CONTEXT "a b"', OK))


@pytest.mark.parametrize("evil", ["a\nSET VARIABLE X 1", "a\rb", "a\0b"])
async def test_line_breaks_and_nul_are_refused_and_nothing_is_sent(evil: str) -> None:
    def blocking(agi: Agi) -> None:
        for attempt in (
            lambda: agi.set_variable("NOTE", evil),
            lambda: agi.stream_file(evil),
            lambda: agi.appexec("Dial", evil),
            lambda: agi.execute("VERBOSE", evil),
        ):
            with pytest.raises(ValueError, match="line break"):
                attempt()
        agi.noop()

    await outcome_of(blocking, (b"NOOP", OK))


async def test_a_line_too_long_for_asterisk_is_refused() -> None:
    longest = 2047 - len(b'SET VARIABLE "X" ""\n')
    line = b'SET VARIABLE "X" "' + b"a" * longest + b'"'
    await outcome_of(lambda agi: agi.set_variable("X", "a" * longest), (line, b"200 result=1\n"))
    error = await raises(ValueError, lambda agi: agi.set_variable("X", "a" * (longest + 1)))
    assert "too long" in str(error)


async def test_two_commands_at_once_are_refused() -> None:
    def blocking(agi: Agi) -> None:
        agi._connection.request(b"NOOP\n")
        with pytest.raises(RuntimeError, match="former"):
            agi._connection.request(b"NOOP\n")

    await outcome_of(blocking)


async def test_cancellation_reaches_the_script_and_asterisk_is_told_nothing() -> None:
    cleaned = asyncio.Event()

    def blocking(agi: Agi) -> None:
        try:
            agi.wait_for_digit(-1)
        finally:
            cleaned.set()

    async with conversation(blocking) as (peer, outcome):
        await peer.heard()
        (call,) = [task for task in asyncio.all_tasks() if "_run" in repr(task.get_coro())]
        call.cancel()
        async with asyncio.timeout(LIMIT_S):
            await cleaned.wait()
        assert await peer.closed()
        assert outcome.cancelled()
