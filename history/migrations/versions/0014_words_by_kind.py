"""SQLite's full text, too, in one index for each kind of thing: words that many notes have are looked up among notes
alone, and a name that many have among names.

The indexes are made from what is there, in one transaction: who writes waits meanwhile, as the recorder can; whoever
reads does not wait.
"""

from collections.abc import Iterator

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

KINDS = ("person", "case", "note")
MADE_SO = "tokenize='unicode61 remove_diacritics 0', prefix='2 3', columnsize=0"
WATCHED = ("added", "removed", "before", "after")


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _execute(_of_all_gone(), *(_of_kind(kind) for kind in KINDS))


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _execute(*(_of_kind_gone(kind) for kind in KINDS), _of_all())


def _execute(*several: Iterator[str]) -> None:
    for statements in several:
        for statement in statements:
            op.execute(statement)


def _of_kind(kind: str) -> Iterator[str]:
    """FTS5 reads the words where they are, so it holds an index of them and nothing else."""
    name, source = f"search_words_{kind}", f"search_words_from_{kind}"
    add = f"INSERT INTO {name}(rowid, words) VALUES (new.id, new.words)"  # noqa: S608 — ours
    remove = f"INSERT INTO {name}({name}, rowid, words) VALUES ('delete', old.id, old.words)"  # noqa: S608
    new, old = f"WHEN new.kind = '{kind}' BEGIN {add}; END", f"WHEN old.kind = '{kind}' BEGIN {remove}; END"
    change = "UPDATE OF id, kind, words ON search_document"
    yield f"CREATE VIEW {source} AS SELECT id, words FROM search_document WHERE kind = '{kind}'"  # noqa: S608
    yield f"CREATE VIRTUAL TABLE {name} USING fts5(words, content='{source}', content_rowid='id', {MADE_SO})"
    yield f"INSERT INTO {name}({name}) VALUES ('rebuild')"  # noqa: S608
    yield f"CREATE TRIGGER {name}_added AFTER INSERT ON search_document {new}"
    yield f"CREATE TRIGGER {name}_removed AFTER DELETE ON search_document {old}"
    yield f"CREATE TRIGGER {name}_before BEFORE {change} {old}"
    yield f"CREATE TRIGGER {name}_after AFTER {change} {new}"


def _of_kind_gone(kind: str) -> Iterator[str]:
    name = f"search_words_{kind}"
    for what in WATCHED:
        yield f"DROP TRIGGER {name}_{what}"
    yield f"DROP TABLE {name}"
    yield f"DROP VIEW search_words_from_{kind}"


def _of_all() -> Iterator[str]:
    """As migration 0006 made it."""
    add = "INSERT INTO search_words(rowid, words) VALUES (new.id, new.words)"
    remove = "INSERT INTO search_words(search_words, rowid, words) VALUES ('delete', old.id, old.words)"
    source = "content='search_document', content_rowid='id'"
    yield f"CREATE VIRTUAL TABLE search_words USING fts5(words, {source}, {MADE_SO})"
    yield "INSERT INTO search_words(search_words) VALUES ('rebuild')"
    yield f"CREATE TRIGGER search_added AFTER INSERT ON search_document BEGIN {add}; END"
    yield f"CREATE TRIGGER search_removed AFTER DELETE ON search_document BEGIN {remove}; END"
    yield f"CREATE TRIGGER search_changed AFTER UPDATE OF id, words ON search_document BEGIN {remove}; {add}; END"


def _of_all_gone() -> Iterator[str]:
    for what in ("changed", "removed", "added"):
        yield f"DROP TRIGGER search_{what}"
    yield "DROP TABLE search_words"
