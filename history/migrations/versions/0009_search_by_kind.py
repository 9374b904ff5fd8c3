"""PostgreSQL's full text in one index for each kind of thing: a name that many have is looked up among names alone."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

WORDS = "array_to_tsvector(string_to_array(words, ' '))"
KINDS = ("person", "case", "note")


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        return
    with op.get_context().autocommit_block():
        for kind in KINDS:
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS search_words_{kind}")
            op.execute(
                f"CREATE INDEX CONCURRENTLY search_words_{kind} ON search_document USING gin ({WORDS}) "
                f"WHERE kind = '{kind}'"
            )
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS search_words")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        return
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS search_words")
        op.execute(f"CREATE INDEX CONCURRENTLY search_words ON search_document USING gin ({WORDS})")
        for kind in KINDS:
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS search_words_{kind}")
