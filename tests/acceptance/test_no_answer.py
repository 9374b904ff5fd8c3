"""An agent does not answer: the caller loses nothing."""

from tests.acceptance.house import House


async def test_the_next_agent_is_rung_and_the_first_one_not_again(house: House) -> None:
    first = await house.agent(available=True)
    caller = await house.caller()
    call = await caller.wait_in_line()
    rings = await first.next_call()
    second = await house.agent(available=True)
    await rings.ended.wait(20)

    answered = await second.answer()
    assert answered.other.user == caller.number
    assert first.phone.incoming.empty()
    await answered.hang_up()
    await call.ended.wait()

    contact = await house.ended_contact(caller.number)
    assert (contact["agent"], contact["offers"]) == (second.id, 2)
    withdrawn = await house.event("entry.withdrawn", agent=first.id)
    assert withdrawn["data"]["reason"] == "no_answer"


async def test_the_place_in_line_is_kept(house: House) -> None:
    first = await house.agent(available=True)
    earlier, later = await house.caller(), await house.caller()
    calls = [await earlier.wait_in_line()]
    rings = await first.next_call()
    calls.append(await later.wait_in_line())
    await house.contact(later.number, lambda row: row["entered_at"])
    await rings.ended.wait(20)

    second = await house.agent(available=True)
    served = await second.answer()
    assert served.other.user == earlier.number


async def test_a_busy_phone_costs_the_agent_nothing(house: House) -> None:
    busy = await house.agent(available=True)
    caller = await house.caller()
    call = await caller.wait_in_line()
    (await busy.next_call()).reject(486)
    other = await house.agent(available=True)
    rings = await other.answer()
    withdrawn = await house.event("entry.withdrawn", agent=busy.id)
    assert withdrawn["data"]["reason"] == "busy"
    await rings.hang_up()
    await call.ended.wait()


async def test_a_caller_who_leaves_while_it_rings_frees_the_agent(house: House) -> None:
    agent = await house.agent(available=True)
    caller = await house.caller()
    call = await caller.wait_in_line()
    rings = await agent.next_call()
    await call.hang_up()
    await rings.ended.wait()
    assert (await house.ended_contact(caller.number))["outcome"] == "abandoned"

    next_one = await house.caller()
    await next_one.wait_in_line()
    assert (await agent.answer()).other.user == next_one.number
