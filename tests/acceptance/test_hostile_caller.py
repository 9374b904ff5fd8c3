"""What a caller can choose is nothing but text to the dialplan and the manager, and is clean in the history."""

import asyncio
import contextlib

import pytest

from telephony.phone import NotInTime
from tests.acceptance.house import House

BIDI, ZERO_WIDTH = "‮", "​"
NAMES = {
    'say "hi"': 'say "hi"',
    "${SHELL(touch owned)}": "${SHELL(touch owned)}",
    "$[1+1]${EPOCH}": "$[1+1]${EPOCH}",
    "<script>alert(1)</script>": "<script>alert(1)</script>",
    f"Zoé{BIDI}nitraM{ZERO_WIDTH}": "ZoénitraM",
    "'; DROP TABLE contact; --": "'; DROP TABLE contact; --",
    "a,b&c|d": "a,b&c|d",
}
"""What a caller calls themselves, and what the history shows."""

UNANSWERED_S = 1.0
"""How long a message that Asterisk passes over in silence is waited for."""
LINES = {
    b'"a\r\n b" ': "two lines",
    b'"a\nAction: Originate\n\n" ': "a manager's action",
    b'"\xff\xfe\x80 latin \xe9" ': "no UTF-8",
    b'"' + b"x" * 3000 + b'" ': "longer than an AGI line",
    b'"\x00\x01\x1b[31m" ': "control characters",
}


async def go_through(house: House, name: str | bytes, number: str) -> dict:
    caller = await house.caller(number)
    call = await caller.reach(caller_name=name)
    await call.press("2")
    await call.ended.wait(20)
    return await house.ended_contact(number)


@pytest.mark.parametrize("name", NAMES)
async def test_a_hostile_name_comes_out_as_clean_text(house: House, name: str) -> None:
    number = f"+336999900{list(NAMES).index(name):02d}"
    contact = await go_through(house, name, number)
    assert contact["name"].replace('\\"', '"') == NAMES[name]
    assert contact["path"] == ["bonjour", "sujet", "merci"]


@pytest.mark.parametrize("name", LINES, ids=LINES.values())
async def test_a_name_that_breaks_lines_harms_nothing(house: House, name: bytes) -> None:
    """Asterisk may refuse such a message at once; if it takes it, the name is clean."""
    caller = await house.caller()
    engine = await asyncio.to_thread(house.own.pid, "engine")
    call = await caller.dial(caller_name=name)
    with contextlib.suppress(NotInTime):
        await call.answered.wait(UNANSWERED_S)
    await call.hang_up(UNANSWERED_S)
    contact = await go_through(house, "Après", f"+336999910{list(LINES).index(name):02d}")
    assert contact["name"] == "Après"
    assert await asyncio.to_thread(house.own.pid, "engine") == engine
    names = [row["data"]["name"] for row in house.events("call.arrived")]
    assert all(text.isprintable() and len(text) <= 80 for text in names)


@pytest.mark.parametrize("number", ["${SHELL(id)}", "3939,1", "a&b", "'; --", "101"])
async def test_a_hostile_number_is_only_digits_in_the_history(house: House, number: str) -> None:
    caller = await house.caller(number)
    call = await caller.dial()
    await call.hang_up(UNANSWERED_S)
    arrived = [row["data"]["number"] for row in house.events("call.arrived")]
    assert all(set(text) <= set("0123456789+*#") for text in arrived)


@pytest.mark.parametrize("dialled", ["3939${EXTEN}", "3939;x=1", "*10", "999999", "s", "h", "3939%20%0a"])
async def test_a_number_that_is_not_the_towns_opens_nothing(house: House, dialled: str) -> None:
    caller, agent = await house.caller(), await house.agent()
    before = len(house.events("agent.status"))
    call = await caller.dial(dialled)
    await call.hang_up(UNANSWERED_S)
    assert len(house.events("agent.status")) == before
    assert agent.phone.incoming.empty()
