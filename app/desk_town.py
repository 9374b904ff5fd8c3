"""The town that is live, as the desks see it."""

from collections.abc import Mapping

from app.town import Town
from ivr.text import Text
from web.desk.choices import by_language
from web.desk.hub import Town as DesksTown

LANGUAGES = ("fr", "en")


def desks_town(town: Town) -> DesksTown:
    def said(version: str, flow: str, step: str) -> Mapping[str, str]:
        return words_of(town, flow, step) if version == town.version else {}

    return DesksTown(
        town.queues,
        {name: by_language(queue.title) for name, queue in town.queues.items()},
        {name: by_language(queue.guide) for name, queue in town.queues.items()},
        said,
        town.desk.choices(),
    )


def words_of(town: Town, flow: str, step: str) -> dict[str, str]:
    """What a step of a flow says, by language, with the names of values in braces; of an answer, its question."""
    known = town.flows.by_name.get(flow)
    found = known.steps.get(step) if known else None
    if found is None:
        return {}
    if answer := town.answers.get(str(getattr(found, "answer", ""))):
        return by_language(answer.question)
    text = next((value for name in type(found).model_fields if isinstance(value := getattr(found, name), Text)), None)
    return {language: text.in_language(language).text for language in LANGUAGES} if text else {}
