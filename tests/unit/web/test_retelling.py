"""A story is told again when it changed, as often as it takes the recorder to be there, and no longer."""

import asyncio
from collections.abc import Sequence
from typing import Any

from web.desk.retelling import Retelling

LOOKS_S = (0.0, 0.0, 0.0)


class Shown:
    """What the history knows at each look, the last for ever, and what was told."""

    def __init__(self, *stories: dict[str, Any] | None) -> None:
        self._stories = list(stories)
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.looks = 0
        self.wanted = 0
        self.enough = asyncio.Event()

    async def look(self, _call: str) -> dict[str, Any] | None:
        self.looks += 1
        if self.looks == self.wanted:
            self.enough.set()
        return self._stories.pop(0) if len(self._stories) > 1 else self._stories[0]

    def tell(self, call: str, story: dict[str, Any]) -> None:
        self.told.append((call, story))


async def after(shown: Shown, looks: int, *, said: Sequence[str] = ("c1",)) -> list[tuple[str, dict[str, Any]]]:
    shown.wanted = looks
    retelling = Retelling(shown.look, shown.tell, LOOKS_S)
    for call in said:
        retelling.said(call)
    async with asyncio.timeout(5):
        await shown.enough.wait()
    await asyncio.sleep(0)  # what the last look found is told
    await retelling.close()
    return shown.told


async def test_a_story_is_told_each_time_that_it_changed_and_not_otherwise() -> None:
    assert await after(Shown({"n": 1}, {"n": 1}, {"n": 2}), 3) == [("c1", {"n": 1}), ("c1", {"n": 2})]


async def test_what_the_history_does_not_answer_is_not_told() -> None:
    assert await after(Shown(None), 3) == []


async def test_more_that_is_said_begins_the_looks_anew_and_each_call_has_its_own() -> None:
    shown = Shown({"n": 1})
    told = await after(shown, 6, said=("c1", "c1", "c2"))
    assert sorted(told) == [("c1", {"n": 1}), ("c2", {"n": 1})] and shown.looks == 6
