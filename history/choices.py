"""What agents last chose, as it was recorded."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from history.models import RecordedEvent

LOOK_BACK_MS = 24 * 3600 * 1000
"""What an agent chose before then says nothing of today."""
REMOVED = "removed"

Choice = tuple[str, str, str]
"""Agent, status and reason."""


async def last_choices(engine: AsyncEngine, now: int) -> Sequence[Choice]:
    """Each agent's newest, the earliest first. `now` in ms since 1970. Raises SQLAlchemyError."""
    event = RecordedEvent.__table__.c
    told = (
        select(event.data)
        .where(event.call == "", event.at >= now - LOOK_BACK_MS, event.kind == "agent.status")
        .order_by(event.at)
    )
    newest: dict[str, Choice] = {}
    async with engine.connect() as connection:
        for (data,) in await connection.execute(told):
            agent = str(data["agent"])
            newest.pop(agent, None)
            newest[agent] = agent, str(data["status"]), str(data["reason"])
    return list(newest.values())
