"""How far work came that goes through the rows a piece at a time, kept with them: by this it goes on after a stop."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from history.many import insert_into
from history.models import RetentionMark


async def mark(connection: AsyncConnection, purpose: str) -> int:
    """0 where it has not begun."""
    return int(await connection.scalar(select(RetentionMark.at).where(RetentionMark.purpose == purpose)) or 0)


async def remember(connection: AsyncConnection, purpose: str, at: int) -> None:
    statement = insert_into(connection, RetentionMark)
    later = statement.on_conflict_do_update(index_elements=["purpose"], set_={"at": statement.excluded.at})
    await connection.execute(later, [{"purpose": purpose, "at": at}])
