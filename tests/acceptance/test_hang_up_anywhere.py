"""The caller hangs up at each step of the way: nothing is left of the call. What is left is looked at in `is_empty`."""

from tests.acceptance.house import House


async def test_before_anything_is_said(house: House) -> None:
    caller = await house.caller()
    call = await caller.dial()
    await call.answered.wait()
    await call.hang_up()
    await house.ended_contact(caller.number)
    await house.is_empty()


async def test_while_the_greeting_is_spoken(house: House) -> None:
    caller = await house.caller()
    call = await caller.reach()
    await call.hang_up()
    contact = await house.ended_contact(caller.number)
    assert (contact["outcome"], contact["reason"]) == ("left", "caller_hung_up")
    await house.is_empty()


async def test_in_the_menu(house: House) -> None:
    caller = await house.caller()
    call = await caller.reach()
    await call.wait_silence(limit=15)
    await call.hang_up()
    contact = await house.ended_contact(caller.number)
    assert contact["path"][-1] == "sujet"
    await house.is_empty()


async def test_in_the_queue(house: House) -> None:
    caller = await house.caller()
    call = await caller.wait_in_line()
    await house.contact(caller.number, lambda row: row["entered_at"])
    await call.wait_sound()
    await call.hang_up()
    contact = await house.ended_contact(caller.number)
    assert (contact["outcome"], contact["queue"]) == ("abandoned", "mairie")
    assert contact["waited_ms"] > 0
    await house.is_empty()


async def test_while_the_agents_phone_rings(house: House) -> None:
    agent = await house.agent(available=True)
    caller = await house.caller()
    call = await caller.wait_in_line()
    rings = await agent.next_call()
    await call.hang_up()
    await rings.ended.wait()
    assert (await house.ended_contact(caller.number))["outcome"] == "abandoned"
    await house.is_empty()


async def test_while_talking(house: House) -> None:
    caller, call, _, rings = await house.conversation()
    await call.hang_up()
    await rings.ended.wait()
    assert (await house.ended_contact(caller.number))["outcome"] == "answered"
    await house.is_empty()


async def test_while_the_agents_phone_is_being_answered(house: House) -> None:
    agent = await house.agent(available=True)
    caller = await house.caller()
    call = await caller.wait_in_line()
    rings = await agent.next_call()
    rings.answer()
    await call.hang_up()
    await rings.ended.wait()
    await house.ended_contact(caller.number)
    await house.is_empty()
