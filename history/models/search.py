"""What agents search through."""

from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from history.models.base import Base

KINDS = ("person", "case", "note")


class SearchDocument(Base):
    """The words of one thing that can be found, made from its own row (history/search/index.py). The full-text indexes
    over them, `search_words_…`, one for each kind, and the one over phone numbers, `search_numbers`, are each
    database's own: they are made with the tables, and follow by themselves."""

    __tablename__ = "search_document"
    __table_args__ = (UniqueConstraint("kind", "ref"), Index(None, "kind", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    """Later ones have higher numbers."""
    kind: Mapped[str] = mapped_column(String(10))
    """One of KINDS."""
    ref: Mapped[str] = mapped_column(String(80))
    """The id of the person, case or note."""
    words: Mapped[str] = mapped_column(Text)
    """Folded words with one space between, the first of them the kind (history/search/words.py)."""


OWN_INDEXES = ("search_words", "search_numbers")
"""What the database's own full text is called; FTS5 adds tables that begin so."""


def is_own(name: str | None) -> bool:
    """Belongs to the full text, which no model describes."""
    return bool(name) and str(name).startswith(OWN_INDEXES)
