"""How well each answer helps: of the callers who heard it, how many said that it settled the matter."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from history.models import Contact, RecordedEvent


@dataclass(frozen=True, slots=True)
class Helpfulness:
    """`heard` = `solved` + `unsolved` + those who did not say. `share`: solved of those who said, None where nobody
    did."""

    answer: str
    heard: int
    solved: int
    unsolved: int

    @property
    def share(self) -> float | None:
        said = self.solved + self.unsolved
        return self.solved / said if said else None


async def helpfulness(engine: AsyncEngine, since: int, until: int) -> list[Helpfulness]:
    """Of each answer, over the contacts that began in [since, until) (ms since 1970 UTC), the most heard first."""
    event, contact = RecordedEvent.__table__.c, Contact.__table__.c
    wanted = (
        select(event.data)
        .join(Contact.__table__, contact.id == event.call)
        .where(contact.started_at >= since, contact.started_at < until, event.kind == "call.answered")
    )
    async with engine.connect() as connection:
        result = await connection.stream(wanted)
        return counted([row[0] async for row in result])


def counted(told: Iterable[Any]) -> list[Helpfulness]:
    """From the data of events `call.answered`; what has another form is passed over."""
    heard: Counter[str] = Counter()
    said: Counter[tuple[str, bool]] = Counter()
    for data in told:
        if isinstance(data, dict) and isinstance(name := data.get("answer"), str):
            heard[name] += 1
            if isinstance(solved := data.get("solved"), bool):
                said[name, solved] += 1
    found = [Helpfulness(name, count, said[name, True], said[name, False]) for name, count in heard.items()]
    return sorted(found, key=lambda each: (-each.heard, each.answer))
