"""Who is rung, and when, over two Asterisks: skills, widening, preference, unanswered offers, wrap-up, strategy."""

import asyncio

from core.clock import wall_clock
from queues.store.redis import RedisStore
from telephony.phone import PhoneCall
from tests.acceptance.house import PATIENCE_S, AgentPhone, Caller, House, until

Two = tuple[House, House]


async def in_line(house: House, key: str) -> tuple[Caller, PhoneCall, str]:
    """Somebody new who waits in the queue that the key leads to; and the entry's name."""
    caller = await house.caller()
    call = await caller.wait_in_line(key)
    contact = await house.contact(caller.number, lambda row: row["entered_at"])
    return caller, call, f"{contact['id']}-1"


async def talk(agent: AgentPhone, call: PhoneCall, limit: float = PATIENCE_S) -> PhoneCall:
    """The agent's next call, answered and over."""
    rings = await agent.answer(limit)
    await rings.hang_up()
    await call.ended.wait(20)
    return rings


async def test_only_who_has_the_skill_is_rung(two_houses: Two) -> None:
    north, south = two_houses
    dominique = await north.agent("dominique", available=True)
    yannick = await north.agent("yannick", available=True, at=south)
    _, call, entry = await in_line(north, "4")
    await talk(yannick, call)
    assert dominique.phone.incoming.empty()
    why = (await north.event("entry.offered", entry=entry))["data"]["why"]
    assert why.startswith("yannick is the only ready agent with etat-civil >= 2")
    assert why.endswith("1 other ready agent lacks the skills")


async def test_others_are_asked_once_the_expert_on_a_break_was_waited_for(two_houses: Two) -> None:
    north, south = two_houses
    expert = await north.agent("camille", available=True, at=south)
    await expert.pause()
    dominique = await north.agent("dominique", available=True)
    _, call, entry = await in_line(north, "2")
    await talk(dominique, call)
    offered = await north.event("entry.offered", entry=entry)
    assert offered["data"]["agent"] == "dominique"
    assert offered["data"]["waited_ms"] >= 3000
    assert expert.phone.incoming.empty()


async def test_nobody_waits_for_experts_who_are_not_there(two_houses: Two) -> None:
    north, south = two_houses
    dominique = await north.agent("dominique", available=True, at=south)
    _, call, entry = await in_line(north, "2")
    await talk(dominique, call)
    assert (await north.event("entry.offered", entry=entry))["data"]["waited_ms"] < 3000


async def test_who_does_not_answer_is_left_out_for_a_while_and_after_two_in_a_row_until_they_say_so(
    two_houses: Two,
) -> None:
    north, south = two_houses
    sacha = await north.agent("sacha", available=True, at=south)
    caller, call, entry = await in_line(north, "1")
    await (await sacha.next_call()).ended.wait(20)
    missed = await north.event("entry.withdrawn", entry=entry, agent="sacha", reason="no_answer")
    again = await sacha.next_call(10)
    offered = await until(lambda: offered_after(north, entry, missed["at"]), "the second offer")
    assert offered - missed["at"] >= 4000, "left out for as long as the queue says"
    await again.ended.wait(20)
    await north.event("agent.state", agent="sacha", to="not_responding")
    await asyncio.sleep(4.5)  # past the time for which this call is not offered to them again
    assert sacha.phone.incoming.empty()
    await sacha.become_available()
    rings = await talk(sacha, call)
    assert rings.other.user == caller.number


def offered_after(house: House, entry: str, at: int) -> int | None:
    """When the call was offered next."""
    offers = (row for row in house.events("entry.offered") if row["data"]["entry"] == entry)
    return next((row["at"] for row in offers if row["at"] > at), None)


def wrapped_up_after(house: House, agent: str, ended: int) -> int | None:
    """When the wrap-up of the conversation that ended then was over."""
    told = [row for row in house.events("agent.state") if row["data"]["agent"] == agent]
    return next((row["at"] for row in told if row["data"]["cause"] == "wrapped_up" and row["at"] >= ended), None)


async def test_an_agent_has_the_time_of_the_wrap_up_and_more_on_request(two_houses: Two) -> None:
    north, south = two_houses
    sacha = await north.agent("sacha", available=True, at=south)
    _, call, entry = await in_line(north, "1")
    await talk(sacha, call)
    ended = (await north.event("entry.finished", entry=entry))["at"]
    over = await until(lambda: wrapped_up_after(north, "sacha", ended), "the end of the wrap-up")
    assert over >= ended + 1000

    _, call, entry = await in_line(north, "1")
    await talk(sacha, call)
    ended = (await north.event("entry.finished", entry=entry))["at"]
    store = RedisStore(north.own.settings.store_url)
    try:
        assert await store.extend_wrap_up("sacha", wall_clock() + 3000, wall_clock()) is None
    finally:
        await store.close()
    _, call, entry = await in_line(south, "1")
    await talk(sacha, call)
    assert (await north.event("entry.offered", entry=entry))["at"] >= ended + 3000


async def test_the_agent_whom_the_flow_prefers_is_asked_first_and_waited_for_a_while(two_houses: Two) -> None:
    north, south = two_houses
    dominique = await north.agent("dominique", available=True)
    sacha = await north.agent("sacha", available=True, at=south)
    _, call, entry = await in_line(north, "3")
    await talk(sacha, call)
    assert (await north.event("entry.offered", entry=entry))["data"]["why"].startswith("sacha is preferred")
    await sacha.pause()
    _, call, entry = await in_line(south, "3")
    await talk(dominique, call)
    assert (await north.event("entry.offered", entry=entry))["data"]["waited_ms"] >= 3000
    await sacha.log_out()
    await north.event("agent.status", agent="sacha", status="offline")
    _, call, entry = await in_line(north, "3")
    await talk(dominique, call)
    assert (await north.event("entry.offered", entry=entry))["data"]["waited_ms"] < 3000


async def test_the_queues_strategy_chooses_among_those_who_could(two_houses: Two) -> None:
    north, south = two_houses
    camille = await north.agent("camille", available=True, at=south)
    _, call, _ = await in_line(north, "1")
    await talk(camille, call)
    await north.event("agent.state", agent="camille", cause="wrapped_up")
    sacha = await north.agent("sacha", available=True)  # idle for less time, but with fewer calls
    _, call, entry = await in_line(south, "1")
    await talk(sacha, call)
    assert camille.phone.incoming.empty()
    assert "fewest calls" in (await north.event("entry.offered", entry=entry))["data"]["why"]


async def test_who_is_more_urgent_comes_first_in_the_line_of_both(two_houses: Two) -> None:
    north, south = two_houses
    earlier, first, _ = await in_line(north, "1")
    urgent, second, _ = await in_line(south, "5")
    agent = await north.agent("dominique", available=True)
    assert (await talk(agent, second)).other.user == urgent.number
    assert (await talk(agent, first)).other.user == earlier.number
