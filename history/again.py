"""Contacts made again from their recorded events: what an earlier version made of them by its own rules becomes what
this one makes of them. The recorder goes on meanwhile, and waits for a few calls at a time."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from history.database import writing
from history.marks import mark, remember
from history.models import Contact
from history.recording import Rules, record_again

PURPOSE = "made again"
AT_ONCE = 100
"""Calls in one transaction: who records waits no longer than that takes."""
BREATH_S = 0.02

Tell = Callable[[int, int], None]
"""Told how many calls were made again so far, and when the last of them began."""


@dataclass(slots=True)
class MadeAgain:
    calls: int = 0
    eventless: int = 0
    """Contacts of which no event is recorded: they stay as they are."""
    unreadable: int = 0
    """Contacts whose events this version cannot read: they stay as they are."""


async def make_again(
    engine: AsyncEngine,
    rules: Rules,
    since: int | None = None,
    tell: Tell = lambda *_: None,
    breath_s: float = BREATH_S,
) -> MadeAgain:
    """All that began at `since` or later; None: from where it was stopped last time, else all. Nobody is told by a
    webhook of what changes."""
    made, last = MadeAgain(), ""
    async with engine.connect() as connection:
        came_to = await mark(connection, PURPOSE) if since is None else since
    while True:
        async with writing(engine) as connection:
            calls = await _next(connection, came_to, last)
            again = await record_again(connection, [call for call, _ in calls], rules)
            came_to, last = (calls[-1][1], calls[-1][0]) if calls else (0, "")
            await remember(connection, PURPOSE, came_to)
        if not calls:
            return made
        made.calls += again.made
        made.unreadable += again.unreadable
        made.eventless += len(calls) - again.made - again.unreadable
        tell(made.calls, came_to)
        await asyncio.sleep(breath_s)


async def _next(connection: AsyncConnection, came_to: int, last: str) -> list[tuple[str, int]]:
    after = tuple_(Contact.started_at, Contact.id) > (came_to, last)
    wanted = select(Contact.id, Contact.started_at).where(after).order_by(Contact.started_at, Contact.id)
    return [(id_, at) for id_, at in await connection.execute(wanted.limit(AT_ONCE))]
