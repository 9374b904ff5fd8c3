"""What a town's desks may choose from: why one pauses, how a call came out, what it was about. A file in the town's
folder `desk/`; what it does not name is as it is here."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from core.filemodel import FileModel, Spoken, Texts, found, named, problem
from core.files import Faults
from ivr.material.filed import load_filed
from web.desk.messages import Choice, Choices

MOST_CHOICES = 100
LONGEST_WORD = 40
LANGUAGES = ("fr", "en")
"""Of the page."""


def _read_word(value: Any) -> str:
    """The word that is recorded, and that reports count by: it stays when the title changes."""
    fits = isinstance(value, str) and 0 < len(value) <= LONGEST_WORD and value.isprintable() and value == value.strip()
    if not fits or not value[0].isalpha():
        raise problem("word", f"expected a word of at most {LONGEST_WORD} characters that begins with a letter, "
                              f"found {found(value)}")  # fmt: skip
    return str(value)


Titled = Annotated[
    dict[Annotated[str, BeforeValidator(_read_word)], Texts], Field(min_length=1, max_length=MOST_CHOICES)
]

PAUSES: Mapping[str, Spoken] = {
    "pause": {"fr": "Pause", "en": "Break"},
    "repas": {"fr": "Repas", "en": "Meal"},
    "formation": {"fr": "Formation", "en": "Training"},
    "réunion": {"fr": "Réunion", "en": "Meeting"},
}
OUTCOMES: Mapping[str, Spoken] = {
    "réglé": {"fr": "Réglé", "en": "Settled"},
    "à suivre": {"fr": "À suivre", "en": "To be followed up"},
    "réorienté": {"fr": "Réorienté", "en": "Sent elsewhere"},
    "rappel promis": {"fr": "Rappel promis", "en": "Call back promised"},
    "sans suite": {"fr": "Sans suite", "en": "Nothing to be done"},
}


class DeskFile(FileModel):
    """What agents choose from, each a word that is recorded and the title that is shown for it: `pauses`, the reasons
    for a pause; `outcomes`, how a call may have come out; `topics`, what it may have been about. A town has one such
    file at most; without `pauses` or `outcomes` there are some of the usual ones, without `topics` agents type it."""

    desk: Annotated[str, named("the desk")]
    pauses: Titled | None = None
    outcomes: Titled | None = None
    topics: Titled | None = None

    @property
    def name(self) -> str:
        return self.desk

    def choices(self) -> Choices:
        """As the page is told them."""
        return Choices(
            reasons=_choices(self.pauses or PAUSES),
            codes=_choices(self.outcomes or OUTCOMES),
            topics=_choices(self.topics or {}),
        )


USUAL = DeskFile(desk="usual")


def load_desk(sources: Mapping[str, bytes], faults: Faults) -> DeskFile:
    """The town's; USUAL where it has none. What is wrong is added to the faults."""
    filed = load_filed(DeskFile, "desk", lambda desk: desk.name, sources, faults)
    for other in list(filed.values())[1:]:
        message = f"a town has one desk file; {next(iter(filed.values())).document.file} is another one"
        faults.add(other.document.place(("desk",)), message, "second-desk")
    return next((each.thing for each in filed.values()), USUAL)


def by_language(text: Spoken | None) -> dict[str, str]:
    """One that is the same in all languages stands in each of the page's."""
    if text is None:
        return {}
    return dict.fromkeys(LANGUAGES, text) if isinstance(text, str) else dict(text)


def _choices(titled: Mapping[str, Spoken]) -> list[Choice]:
    return [Choice(name=name, title=by_language(title)) for name, title in titled.items()]
