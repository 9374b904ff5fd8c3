"""The engine dies: nobody loses the place in line, and who talks goes on talking."""

import asyncio
import time

import pytest

from tests.acceptance.house import AgentPhone, House, Record, hear_each_other, until

MANY = 50


@pytest.mark.timeout(300)
async def test_fifty_waiting_callers_are_all_back_in_the_same_order(house: House, record_property: Record) -> None:
    callers = [await house.caller() for _ in range(MANY)]
    calls = []
    for caller in callers:
        calls.append(await caller.wait_in_line())
        await house.contact(caller.number, lambda row: row["entered_at"])
    entered = {event["call"]: event["data"]["since"] for event in house.events("entry.entered")[-MANY:]}
    began = asyncio.get_running_loop().time()

    dead = await house.kill("engine")
    resumed = await until(lambda: back if len(back := _resumed(house, entered)) == MANY else None, "all to be back", 30)
    record_property("back_after_s", round(asyncio.get_running_loop().time() - began, 2))
    assert await house.own.restarted("engine", dead) != dead
    assert resumed == set(entered)
    assert not any(call.ended for call in calls)

    agents = [await house.agent() for _ in range(2)]
    served: list[str] = []

    async def serve(agent: AgentPhone) -> None:
        await agent.become_available()
        while len(served) < 10:
            rings = await agent.next_call(10)
            served.append(rings.other.user)
            rings.answer()
            await rings.hang_up()

    await asyncio.gather(*map(serve, agents))
    order = [caller.number for caller in callers]
    # Two agents ring at the same moment: neighbours may come in either order, nobody comes twice or out of turn.
    assert len(set(served)) == len(served)
    assert all(abs(place - order.index(number)) < len(agents) for place, number in enumerate(served))


def _resumed(house: House, entered: dict[str, int]) -> set[str]:
    return {event["call"] for event in house.events("call.resumed")} & set(entered)


async def test_a_conversation_is_not_touched_and_its_end_is_recorded(house: House) -> None:
    caller, call, agent, rings = await house.conversation()
    dead = await house.kill("engine")
    await hear_each_other(call, rings)
    await house.own.restarted("engine", dead)
    await hear_each_other(call, rings)
    await rings.hang_up()

    contact = await house.ended_contact(caller.number, limit=15)
    assert (contact["agent"], contact["outcome"]) == (agent.id, "answered")
    assert contact["talk_ms"] > 0


async def test_a_caller_in_the_menu_hears_it_again(house: House) -> None:
    caller = await house.caller()
    call = await caller.reach()
    contact = await house.contact(caller.number)  # stored: the menu is being spoken
    dead = await house.kill("engine")
    await house.own.restarted("engine", dead)
    agent = await house.agent(available=True)
    await house.event("call.resumed", call=contact["id"])
    await call.press("1")
    assert (await agent.answer()).other.user == caller.number


async def test_an_offer_in_flight_is_not_made_twice(house: House) -> None:
    agent = await house.agent(available=True)
    caller = await house.caller()
    call = await caller.wait_in_line()
    rings = await agent.next_call()
    dead = await house.kill("engine")
    rings.answer()
    await hear_each_other(call, rings)
    await house.own.restarted("engine", dead)
    assert agent.phone.incoming.empty()
    await rings.hang_up()
    contact = await house.ended_contact(caller.number, limit=15)
    assert (contact["agent"], contact["offers"]) == (agent.id, 1)


async def test_an_engine_that_hangs_is_ended_and_its_callers_keep_their_places(house: House) -> None:
    caller = await house.caller()
    call = await caller.wait_in_line()
    contact = await house.contact(caller.number, lambda row: row["entered_at"])
    frozen = await house.freeze("engine")
    assert await house.own.restarted("engine", frozen) != frozen
    await house.event("call.resumed", call=contact["id"])
    agent = await house.agent(available=True)
    rings = await agent.answer()
    await hear_each_other(call, rings)
    await rings.hang_up()
    await call.ended.wait()


async def test_a_talk_that_began_and_ended_while_no_engine_ran_is_as_long_as_it_was(house: House) -> None:
    agent = await house.agent(available=True)
    caller = await house.caller()
    call = await caller.wait_in_line()
    rings = await agent.next_call()
    frozen = await house.freeze("engine")
    answered = time.time()
    rings.answer()
    await hear_each_other(call, rings)
    await asyncio.sleep(1)
    await rings.hang_up()
    talked_ms = (time.time() - answered) * 1000
    await house.own.restarted("engine", frozen)
    await call.ended.wait(20)
    contact = await house.ended_contact(caller.number)
    assert (contact["agent"], contact["outcome"]) == (agent.id, "answered")
    assert abs(contact["talk_ms"] - talked_ms) < 500
    assert abs(contact["answered_at"] - answered * 1000) < 500
