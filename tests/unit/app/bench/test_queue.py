"""The benchmark of queues: its agents, and how it shows both sides."""

import asyncio
from random import Random

import pytest

from app.bench import queue
from app.bench.team import Team
from telephony.phone import Phone


async def test_an_agent_takes_call_after_call_and_the_time_between_is_told() -> None:
    async with Phone("agent", ip="127.0.0.3") as agent, Phone("caller", ip="127.0.0.2") as caller:
        team = Team([agent], Random(1), (0.01, 0.01))
        working = asyncio.create_task(team.work())
        team.begin()
        for _ in range(3):
            call = await caller.call(agent.uri)
            await call.answered.wait()
            await call.ended.wait()
        working.cancel()
    assert len(team.gaps) == 2
    assert all(gap > 0 for gap in team.gaps)


def test_both_sides_stand_beside_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    lengths = (100, 300, 600)
    theirs = {f"app_queue_served_per_s_{waiting}": waiting / 100 for waiting in lengths}
    ours = {f"guichet_served_per_s_{waiting}": waiting / 10 for waiting in lengths}
    queue.show({**theirs, **ours})
    (served,) = [line for line in capsys.readouterr().out.splitlines() if "served" in line]
    assert [float(word) for word in served.split() if word[0].isdigit()] == [1.0, 10.0, 3.0, 30.0, 6.0, 60.0]
