"""Run by Alembic. The connection and its transaction come from history.database.migrate."""

from alembic import context

from history import staff_models  # noqa: F401 — its tables
from history.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    transactional_ddl=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
