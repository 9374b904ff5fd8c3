"""What agents search: words of names, cases and notes, and parts of phone numbers.

Full text is SQLite's FTS5, kept up to date by triggers, or a GIN index of PostgreSQL's. PostgreSQL's index on parts of
numbers is made beside the migrations (history/search/parts.py): it may be refused.
"""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SQLITE = (
    "CREATE VIRTUAL TABLE search_words USING fts5(words, content='search_document', content_rowid='id', "
    "tokenize='unicode61 remove_diacritics 0', prefix='2 3', columnsize=0)",
    "CREATE TRIGGER search_added AFTER INSERT ON search_document BEGIN "
    "INSERT INTO search_words(rowid, words) VALUES (new.id, new.words); END",
    "CREATE TRIGGER search_removed AFTER DELETE ON search_document BEGIN "
    "INSERT INTO search_words(search_words, rowid, words) VALUES ('delete', old.id, old.words); END",
    "CREATE TRIGGER search_changed AFTER UPDATE OF id, words ON search_document BEGIN "
    "INSERT INTO search_words(search_words, rowid, words) VALUES ('delete', old.id, old.words); "
    "INSERT INTO search_words(rowid, words) VALUES (new.id, new.words); END",
    "CREATE VIRTUAL TABLE search_numbers USING fts5(number, content='phone', content_rowid='id', "
    "tokenize='trigram', columnsize=0)",
    "INSERT INTO search_numbers(search_numbers) VALUES ('rebuild')",
    "CREATE TRIGGER number_added AFTER INSERT ON phone BEGIN "
    "INSERT INTO search_numbers(rowid, number) VALUES (new.id, new.number); END",
    "CREATE TRIGGER number_removed AFTER DELETE ON phone BEGIN "
    "INSERT INTO search_numbers(search_numbers, rowid, number) VALUES ('delete', old.id, old.number); END",
    "CREATE TRIGGER number_changed AFTER UPDATE OF id, number ON phone BEGIN "
    "INSERT INTO search_numbers(search_numbers, rowid, number) VALUES ('delete', old.id, old.number); "
    "INSERT INTO search_numbers(rowid, number) VALUES (new.id, new.number); END",
)
POSTGRESQL = (
    "DROP INDEX CONCURRENTLY IF EXISTS search_words",
    "CREATE INDEX CONCURRENTLY search_words ON search_document "
    "USING gin (array_to_tsvector(string_to_array(words, ' ')))",
)
WHAT = (("person", "name"), ("case", "title"), ("note", "text"))
"""Whose text can be found: when it goes or changes, its words go at once, whoever changes it. The recorder adds the new
ones in the same transaction."""
POSTGRESQL_FORGET = """
CREATE FUNCTION forget_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM search_document WHERE kind = TG_ARGV[0] AND ref = old.id::text;
    RETURN NULL;
END $$
"""


def forget() -> Iterator[str]:
    """The triggers for that."""
    if op.get_bind().dialect.name == "sqlite":
        for table, column in WHAT:
            gone = f"DELETE FROM search_document WHERE kind = '{table}' AND ref = CAST(old.id AS TEXT)"  # noqa: S608
            yield f'CREATE TRIGGER {table}_gone AFTER DELETE ON "{table}" BEGIN {gone}; END'
            yield (
                f'CREATE TRIGGER {table}_changed AFTER UPDATE OF {column} ON "{table}" '
                f"WHEN new.{column} IS NOT old.{column} BEGIN {gone}; END"
            )
        return
    yield POSTGRESQL_FORGET
    for table, column in WHAT:
        yield (
            f'CREATE TRIGGER {table}_gone AFTER DELETE ON "{table}" '
            f"FOR EACH ROW EXECUTE FUNCTION forget_words('{table}')"
        )
        yield (
            f'CREATE TRIGGER {table}_changed AFTER UPDATE OF {column} ON "{table}" '
            f"FOR EACH ROW WHEN (new.{column} IS DISTINCT FROM old.{column}) "
            f"EXECUTE FUNCTION forget_words('{table}')"
        )


SQLITE_GONE = (
    "DROP TRIGGER number_changed",
    "DROP TRIGGER number_removed",
    "DROP TRIGGER number_added",
    "DROP TABLE search_numbers",
    "DROP TRIGGER search_changed",
    "DROP TRIGGER search_removed",
    "DROP TRIGGER search_added",
    "DROP TABLE search_words",
)


def upgrade() -> None:
    op.create_table(
        "search_document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("ref", sa.String(80), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_search_document"),
        sa.UniqueConstraint("kind", "ref", name="uq_search_document_kind_ref"),
    )
    for statement in forget():
        op.execute(statement)
    if op.get_bind().dialect.name == "sqlite":
        for statement in SQLITE:
            op.execute(statement)
        return
    with op.get_context().autocommit_block():
        for statement in POSTGRESQL:
            op.execute(statement)


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table, _ in WHAT:
        for name in (f"{table}_gone", f"{table}_changed"):
            op.execute(f"DROP TRIGGER {name}" if sqlite else f'DROP TRIGGER {name} ON "{table}"')
    if op.get_bind().dialect.name == "sqlite":
        for statement in SQLITE_GONE:
            op.execute(statement)
    else:
        op.execute("DROP FUNCTION forget_words")
        op.execute("DROP INDEX IF EXISTS search_numbers")
    op.drop_table("search_document")
