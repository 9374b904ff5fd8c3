"""The versions of the town that calls may be on, and what each of them says."""

from collections.abc import Iterator
from pathlib import Path

from app.town import Town, good_version
from core.errors import GuichetError
from ivr.acts import Prompt
from ivr.load import Flows
from ivr.model import Flow, parts
from ivr.text import Text


class KeptTowns:
    """Reads versions from the state folder when a call first needs them. The live one is the last good one at the
    engine's start: a file that is being edited changes nothing for callers."""

    def __init__(self, state: Path) -> None:
        self._state = state
        live = good_version(state)
        if live is None:
            raise GuichetError(f"there is no town in {state}: start the house with `./guichet up`.")
        self._live = live
        self._towns = {live.version: live}

    def live(self) -> Town:
        return self._live

    def of(self, version: str) -> Town:
        if version not in self._towns:
            self._towns[version] = good_version(self._state, version) or self._live
        return self._towns[version]


def prompts_of(flows: Flows) -> Iterator[Prompt]:
    """Every prompt of the flows whose words are known before a call."""
    for flow in flows.by_name.values():
        yield from _prompts_of(flow)


def _prompts_of(flow: Flow) -> Iterator[Prompt]:
    for step in flow.steps.values():
        for _, value in parts(step):
            if isinstance(value, Text):
                for language in flow.languages:
                    template = value.in_language(language)
                    if not template.places:
                        yield Prompt(template.text, language)
