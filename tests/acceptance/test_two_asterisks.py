"""Two Asterisks share their queues: whoever is free answers, wherever the call came in and wherever the phone is."""

import asyncio

from tests.acceptance.house import House, hear_each_other, until

Two = tuple[House, House]


async def test_an_agent_at_one_answers_a_call_that_came_in_at_the_other(two_houses: Two) -> None:
    north, south = two_houses
    camille = await north.agent("camille", available=True, at=south)
    caller = await north.caller()
    call = await caller.wait_in_line(caller_name="Zoé")
    rings = await camille.answer()
    assert rings.other.user == caller.number
    await hear_each_other(call, rings)
    await rings.hang_up()
    await call.ended.wait()
    contact = await north.ended_contact(caller.number)
    assert (contact["asterisk"], contact["agent"], contact["outcome"]) == ("north", "camille", "answered")
    assert contact["talk_ms"] > 0


async def test_calls_of_both_are_one_line_served_in_the_order_in_which_they_came(two_houses: Two) -> None:
    north, south = two_houses
    callers = [await house.caller() for house in (north, south, south, north)]
    calls = []
    for caller in callers:
        calls.append(await caller.wait_in_line())
        await north.contact(caller.number, lambda row: row["entered_at"])
    agent = await north.agent("dominique", available=True)
    served = []
    for _ in callers:
        rings = await agent.answer()
        served.append(rings.other.user)
        await rings.hang_up()
    assert served == [caller.number for caller in callers]


async def test_busy_and_no_answer_are_told_apart_at_the_other_asterisk_too(two_houses: Two) -> None:
    north, south = two_houses
    camille = await north.agent("camille", available=True, at=south)
    caller = await north.caller()
    call = await caller.wait_in_line()
    (await camille.next_call()).reject(486)
    assert (await north.event("entry.withdrawn", agent="camille"))["data"]["reason"] == "busy"
    again = await camille.next_call(10)  # left out for 4 s
    await again.ended.wait(20)
    await north.event("entry.withdrawn", agent="camille", reason="no_answer")
    sacha = await north.agent("sacha", available=True)
    rings = await sacha.answer()
    await rings.hang_up()
    await call.ended.wait()


async def test_a_phone_that_moves_to_the_other_asterisk_is_rung_there(two_houses: Two) -> None:
    north, south = two_houses
    camille = await north.agent("camille", available=True)
    await camille.phone.unregister()
    await north.event("agent.device", agent="camille", device="unreachable")
    moved = await north.agent("camille", at=south)
    await north.event("agent.device", agent="camille", device="free", asterisk="south")
    caller = await north.caller()
    call = await caller.wait_in_line()
    rings = await moved.answer()
    assert camille.phone.incoming.empty()
    await rings.hang_up()
    await call.ended.wait()
    await camille.phone.register()


async def test_the_other_engine_goes_on_when_one_is_killed(two_houses: Two) -> None:
    north, _ = two_houses
    caller = await north.caller()
    call = await caller.wait_in_line()
    contact = await north.contact(caller.number, lambda row: row["entered_at"])
    dead = await north.kill("engine")
    await north.event("call.resumed", call=contact["id"])
    agent = await north.agent("sacha", available=True)
    rings = await agent.answer()
    await hear_each_other(call, rings)
    await rings.hang_up()
    await call.ended.wait()
    assert await north.own.restarted("engine", dead) != dead


async def test_status_and_doctor_know_both(two_houses: Two) -> None:
    north, south = two_houses
    status = await asyncio.to_thread(north.own.status)
    live = [node["asterisk"] for node in status["nodes"] if node["silent_ms"] < 3000]
    assert sorted(live) == ["north", "north", "south"]
    # An engine that was killed a moment ago is counted until it was silent for long enough.
    await until(lambda: len(north.own.status()["nodes"]) == 3, "the killed engine to be forgotten", 60)
    said = await asyncio.to_thread(south.own.run, "doctor")
    assert "north: 2 engines" in said
    assert "WRONG" not in said
