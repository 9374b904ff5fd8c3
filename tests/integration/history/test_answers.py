"""Each answer has its share of callers who said that it helped."""

from sqlalchemy.ext.asyncio import AsyncEngine

from core.events import Event
from history.answers import Helpfulness, helpfulness
from tests.integration.history.test_lookup import record
from tests.unit.history.told import START, arrived


def answered(call: str, answer: str, solved: bool | None, n: int = 0) -> Event:
    data = {"step": "s", "answer": answer, "solved": solved}
    return Event(f"{call}-answered-{n}", "call.answered", START + 1_000 + n, call, data)


async def test_the_share_of_solved_counts_those_who_said_so(engine: AsyncEngine) -> None:
    said = [("a", "acte", True), ("b", "acte", False), ("c", "acte", None), ("d", "acte", True), ("e", "carte", None)]
    events = [event for call, *what in said for event in (arrived(call), answered(call, *what))]
    await record(engine, *events, arrived("later", after_ms=86_400_000), answered("later", "acte", False))
    acte, carte = await helpfulness(engine, START, START + 86_400_000)
    assert acte == Helpfulness("acte", heard=4, solved=2, unsolved=1)
    assert acte.share == 2 / 3
    assert (carte.heard, carte.share) == (1, None)
    assert await helpfulness(engine, START + 2 * 86_400_000, START + 3 * 86_400_000) == []


async def test_a_caller_who_hears_an_answer_twice_counts_twice(engine: AsyncEngine) -> None:
    await record(engine, arrived("a"), answered("a", "acte", False, 1), answered("a", "acte", True, 2))
    (acte,) = await helpfulness(engine, START, START + 1)
    assert (acte.heard, acte.solved, acte.unsolved) == (2, 1, 1)
