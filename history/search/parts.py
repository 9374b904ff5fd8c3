"""The index by which PostgreSQL finds part of a phone number. It wants pg_trgm, which comes with PostgreSQL and needs
no superuser, but the right to create extensions in this database. Without it all numbers are looked through, which
takes long where there are millions; nothing else depends on it. It is tried again at each start."""

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

NAME = "search_numbers"
REFUSED = (
    "Searching for part of a phone number is slow: PostgreSQL refuses the extension pg_trgm ({}). "
    "As its superuser, in this database: CREATE EXTENSION pg_trgm; then start Guichet again."
    " (Debian has the extension in the package postgresql-contrib.)"
)
_THERE = text(
    "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name) AND indrelid = to_regclass('phone')"
)


async def index_parts(connection: AsyncConnection) -> str:
    """Make it unless it is there; gives a sentence where PostgreSQL refuses, else nothing. The connection commits each
    statement; others read and write meanwhile."""
    if await connection.scalar(_THERE, {"name": NAME}):
        return ""
    try:
        await connection.execute(text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
    except DBAPIError as error:
        return REFUSED.format(str(error.orig).splitlines()[0].rpartition(">: ")[2])
    await connection.execute(text(f"DROP INDEX CONCURRENTLY IF EXISTS {NAME}"))  # one that was never finished
    await connection.execute(text(f"CREATE INDEX CONCURRENTLY {NAME} ON phone USING gin (number gin_trgm_ops)"))
    return ""
