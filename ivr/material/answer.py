"""Answer files: a question that many people have, and what is true about it, for voice, page and message alike."""

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, PlainValidator, WithJsonSchema

from core.filemodel import FileModel, Texts, found, named, problem
from core.files import Faults
from ivr.material.fields import IsoDate, Link, Pages, PlainTexts, Topic
from ivr.material.filed import Filed, load_filed

_CODE = re.compile(r"[0-9]{2,8}")
MOST_LISTED = 20


def _read_code(value: Any) -> str:
    text = str(value) if type(value) is int else value
    if not isinstance(text, str) or not _CODE.fullmatch(text):
        raise problem("code", f'expected a code of 2 to 8 digits such as "1203", found {found(value)}')
    return text


Code = Annotated[
    str,
    PlainValidator(_read_code),
    WithJsonSchema(
        {
            "anyOf": [{"type": "string", "pattern": f"^{_CODE.pattern}$"}, {"type": "integer", "minimum": 10}],
            "description": 'What a caller keys in to hear it, 2 to 8 digits such as "1203". No two answers share one.',
        }
    ),
]


class AnswerFile(FileModel):
    """An answer. `spoken` is what a caller hears; the page shows `page`, or the spoken text where there is none; a
    message by SMS is `message`, or the question, and then the page's address.

    After the `review` date the answer may not be true any more: `check` says so, and it cannot be published.
    """

    answer: Annotated[str, named("the answer")] = Field(description="The answer's name, as flows use it.")
    question: Texts = Field(description="The question, as a citizen would put it; the page's heading.")
    spoken: PlainTexts = Field(description="What a caller hears: short sentences, no value of a call.")
    page: Pages | None = Field(None, description="What the page says, in Markdown, by language or for all.")
    message: Texts | None = Field(None, description="What an SMS says before the page's address.")
    code: Code | None = None
    topics: Annotated[list[Topic], Field(min_length=1, max_length=MOST_LISTED)] = Field(
        description="What it is about, such as [etat-civil]; services are competent for topics."
    )
    documents: Annotated[list[Texts], Field(max_length=MOST_LISTED)] = Field(
        default_factory=list, description="What one must have at hand or send, one by one."
    )
    links: Annotated[list[Link], Field(max_length=MOST_LISTED)] = Field(
        default_factory=list, description="Where more is to be read: {title, url} each."
    )
    owner: Annotated[str, Field(min_length=1, max_length=200)] = Field(description="Who answers for it being true.")
    review: IsoDate = Field(description="Until when it is true without being looked at again.")

    @property
    def name(self) -> str:
        return self.answer


def load_answers(sources: Mapping[str, bytes], faults: Faults) -> Mapping[str, Filed[AnswerFile]]:
    """The answers in files, by their names; what is wrong is added to the faults."""
    return load_filed(AnswerFile, "answer", lambda answer: answer.name, sources, faults)
