"""Nobody is there: the caller hears music until an agent comes."""

from tests.acceptance.house import House, Record


async def test_a_caller_waits_with_music_until_an_agent_becomes_available(
    house: House, record_property: Record
) -> None:
    caller, agent = await house.caller(), await house.agent()
    call = await caller.wait_in_line()
    await house.contact(caller.number, lambda row: row["entered_at"])
    await call.wait_heard(lambda audio: not audio.silent, "music", over=1.5)
    assert agent.phone.incoming.empty()

    free = await agent.become_available()
    rings = await agent.next_call()
    record_property("free_to_ring_ms", round((await rings.ringing.wait() - free) * 1000))
    rings.answer()
    await rings.hang_up()
    await call.ended.wait()
    contact = await house.ended_contact(caller.number)
    assert contact["talk_ms"] < contact["waited_ms"], "hardly a word was said after a long wait"


async def test_who_waited_longest_is_served_first(house: House) -> None:
    callers = [await house.caller() for _ in range(3)]
    calls = []
    for caller in callers:
        calls.append(await caller.wait_in_line())
        await house.contact(caller.number, lambda row: row["entered_at"])
    agent = await house.agent(available=True)
    served = []
    for _ in callers:
        rings = await agent.answer()
        served.append(rings.other.user)
        await rings.hang_up()
    assert served == [caller.number for caller in callers]


async def test_a_paused_agent_is_not_rung(house: House) -> None:
    paused, ready = await house.agent(available=True), await house.agent()
    await paused.pause()
    caller = await house.caller()
    call = await caller.wait_in_line()
    await house.contact(caller.number, lambda row: row["entered_at"])
    await ready.become_available()
    rings = await ready.answer()
    assert paused.phone.incoming.empty()
    await rings.hang_up()
    await call.ended.wait()


async def test_a_phone_that_is_not_registered_is_not_offered_calls(house: House) -> None:
    gone, ready = await house.agent(available=True), await house.agent()
    await gone.phone.unregister()
    await house.event("agent.device", agent=gone.id, device="unreachable")
    caller = await house.caller()
    call = await caller.wait_in_line()
    contact = await house.contact(caller.number, lambda row: row["entered_at"])
    await ready.become_available()
    rings = await ready.answer()
    offered = await house.event("entry.offered", entry=f"{contact['id']}-1")
    assert offered["data"]["agent"] == ready.id
    await rings.hang_up()
    await call.ended.wait()
    assert len([event for event in house.events("entry.offered") if event["call"] == contact["id"]]) == 1
    await gone.phone.register()


async def test_an_agent_is_not_rung_while_still_on_the_phone_to_become_available(house: House) -> None:
    caller, agent = await house.caller(), await house.agent()
    call = await caller.wait_in_line()
    await house.contact(caller.number, lambda row: row["entered_at"])
    free = await agent.become_available()
    rings = await agent.answer()
    assert await rings.ringing.wait() > free
    await rings.hang_up()
    await call.ended.wait()
