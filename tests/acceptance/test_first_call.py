"""A person dials, hears, presses a key, talks to an agent, and the call is in the history."""

from tests.acceptance.house import House, Record, hear_each_other


async def test_a_call_from_the_number_to_the_history(house: House, record_property: Record) -> None:
    camille = await house.agent(available=True)
    caller = await house.caller("+33612345678")

    call = await caller.reach(caller_name="Zoé Martin")
    pressed = await call.press("1")
    rings = await camille.next_call()
    record_property("digit_to_ring_ms", round((await rings.ringing.wait() - pressed) * 1000))
    rings.answer()
    await hear_each_other(call, rings)
    await rings.hang_up()
    await call.ended.wait()

    contact = await house.ended_contact("+33612345678")
    assert (contact["name"], contact["dialled"], contact["flow"]) == ("Zoé Martin", "3939", "essai")
    assert (contact["queue"], contact["agent"], contact["outcome"]) == ("mairie", camille.id, "answered")
    assert contact["choices"][0]["digits"] == "1"
    assert contact["path"] == ["bonjour", "sujet", "agent", "merci"]
    assert contact["started_at"] <= contact["entered_at"] <= contact["answered_at"] <= contact["ended_at"]
    assert contact["waited_ms"] == contact["answered_at"] - contact["entered_at"]
    assert 0 < contact["talk_ms"] <= contact["ended_at"] - contact["answered_at"]


async def test_the_caller_hangs_up_first(house: House) -> None:
    caller, call, agent, rings = await house.conversation()
    await call.hang_up()
    await rings.ended.wait()
    contact = await house.ended_contact(caller.number)
    assert (contact["agent"], contact["outcome"]) == (agent.id, "answered")


async def test_a_flow_that_needs_no_agent_comes_to_its_end(house: House) -> None:
    caller = await house.caller()
    call = await caller.reach()
    await call.press("2")
    await call.ended.wait(20)
    contact = await house.ended_contact(caller.number)
    assert (contact["outcome"], contact["path"][-1], contact["queue"]) == ("self_service", "merci", None)


async def test_somebody_who_calls_again_is_known(house: House) -> None:
    caller = await house.caller()
    for path in (["connu", "nouveau"], ["connu", "encore"]):
        call = await caller.reach("3940")
        await call.ended.wait(20)
        contact = await house.contact(caller.number, lambda row, path=path: row["path"] == path)
        assert contact["outcome"] == "self_service"


async def test_an_agent_can_work_for_several_callers_in_turn(house: House) -> None:
    agent = await house.agent(available=True)
    for _ in range(3):
        caller = await house.caller()
        call = await caller.wait_in_line()
        rings = await agent.answer()
        await rings.hang_up()
        await call.ended.wait(20)
    assert len([event for event in house.events("entry.answered") if event["data"]["agent"] == agent.id]) >= 3
