"""Everything that callers of a town may hear whose words are known before the call, and where it is said: what is
rendered before a version goes live, and what a studio may record."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from agi_scripts import agent
from app.town import Town
from ivr import words
from ivr.acts import Prompt
from ivr.engine import APOLOGY
from ivr.model import Exit, Flow, Step, parts
from ivr.text import Text
from telephony import waiting_words

START = "the beginning of the call"


@dataclass(frozen=True, slots=True)
class SpokenText:
    """`place`: where it stands (`accueil/sujet/menu`); `context`: what a speaker needs to know to say it well."""

    prompt: Prompt
    place: str
    context: str = ""


def spoken_texts(town: Town) -> list[SpokenText]:
    """Each text once, in the order of the files; the guichet's own sentences last."""
    found: dict[Prompt, SpokenText] = {}
    for line in (*_of_flows(town), *_of_answers(town), *_of_queues(town), *_our_own(town)):
        known = found.setdefault(line.prompt, line)
        if known.place != line.place and line.place not in known.context:
            found[line.prompt] = replace(known, context=f"{known.context}; also in {line.place}")
    return list(found.values())


def with_values(town: Town) -> int:
    """How many texts speak a value of the call: these cannot be rendered, or recorded, before it."""
    return sum(
        any(piece.places for piece in text.in_language(language).pieces)
        for flow in town.flows.by_name.values()
        for step in flow.steps.values()
        for _, text in _texts(step)
        for language in flow.languages
    )


def _of_flows(town: Town) -> Iterator[SpokenText]:
    for flow in town.flows.by_name.values():
        comes_from = _ways_to(flow)
        for name, step in flow.steps.items():
            context = f"in {flow.name}, after {' or '.join(comes_from.get(name, [START])[:3])}"
            for key, text in _texts(step):
                for language in flow.languages:
                    for prompt in text.fixed_prompts(language):
                        yield SpokenText(prompt, f"{flow.name}/{name}/{key}", context)


def _texts(step: Step) -> Iterator[tuple[str, Text]]:
    """What a step says; a message is read, and not heard."""
    if step.needs != "sms":
        yield from ((str(path[0]), value) for path, value in parts(step) if isinstance(value, Text))


def _ways_to(flow: Flow) -> Mapping[str, list[str]]:
    """How callers come to each step: `1 in sujet` is a key pressed there, `sujet` the step alone."""
    ways: dict[str, list[str]] = {flow.start: [START]}
    for name, step in flow.steps.items():
        for path, value in parts(step):
            if isinstance(value, Exit):
                way = f"{path[-1]} in {name}" if path[0] == "choices" else name
                ways.setdefault(str(value), []).append(way)
    return {name: list(dict.fromkeys(found)) for name, found in ways.items()}


def _of_answers(town: Town) -> Iterator[SpokenText]:
    """In each language that an answer is written in; in every language of the town where one text serves all."""
    for answer in town.answers.values():
        spoken, asked = answer.spoken, answer.question
        texts = spoken if isinstance(spoken, dict) else dict.fromkeys(languages_of(town), spoken)
        for language, text in texts.items():
            question = asked.get(language) or next(iter(asked.values())) if isinstance(asked, dict) else asked
            yield SpokenText(Prompt(text, language), f"answers/{answer.name}", f"answers: {question}")


def _of_queues(town: Town) -> Iterator[SpokenText]:
    """What waiting callers are told, where a queue has rules or announcements: its own texts, and the sentences of the
    guichet with the figures that are met most."""
    for language in languages_of(town):
        for queue in town.queues.values():
            place = f"queues/{queue.name}"
            for rule in queue.overflow:
                if rule.say is not None:
                    yield SpokenText(waiting_words.own(rule.say, language), f"{place}/say", "to a caller who waits")
                if rule.offer:
                    yield from _lines(
                        waiting_words.offers(rule.offer, language), f"{place}/offer", "keys while waiting"
                    )
            if queue.overflow:
                yield from _lines(waiting_words.prompts(language), "guichet", "to a caller who waits")
            if queue.announce:
                yield from _lines(waiting_words.figures(language), "guichet", "to a caller who waits")


def _our_own(town: Town) -> Iterator[SpokenText]:
    languages = languages_of(town)
    apologies = (Prompt(text, language) for language, text in APOLOGY.items())
    yield from _lines(words.prompts(languages), "guichet", "a sentence of the guichet itself")
    yield from _lines(apologies, "guichet", "when a fault ends the call")
    yield from _lines(agent.prompts(next(iter(languages), "fr")), "guichet-agents", "for agents at their phones")


def _lines(prompts: Iterable[Prompt], place: str, context: str) -> Iterator[SpokenText]:
    return (SpokenText(prompt, place, context) for prompt in prompts)


def languages_of(town: Town) -> dict[str, None]:
    """The languages that its flows speak, in order."""
    return dict.fromkeys(language for flow in town.flows.by_name.values() for language in flow.languages)
