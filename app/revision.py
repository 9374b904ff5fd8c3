"""At which revision the history's tables are, and at which they should be."""

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from core.errors import GuichetError
from history.database import MIGRATIONS, first_line, make_engine


async def revisions(url: str) -> tuple[str, str]:
    """(present, wanted); '' where there are no tables yet. GuichetError where the database does not answer."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    wanted = ScriptDirectory.from_config(config).get_current_head()
    engine = make_engine(url)
    try:
        async with engine.connect() as connection:
            present = await connection.run_sync(_present)
    except (SQLAlchemyError, OSError) as error:
        raise GuichetError(f"it does not answer: {first_line(error)}") from None
    finally:
        await engine.dispose()
    return present or "", wanted or ""


def _present(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
