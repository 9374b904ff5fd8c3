"""Texts that some callers would hear in a language that is not theirs."""

from collections.abc import Iterator

from core.finding import Finding
from ivr.checking.rule import FlowRule
from ivr.checking.view import FlowView
from ivr.text import Text


class MissingLanguage(FlowRule):
    """A text that is written by language is written in every language of the flow."""

    good = """
        bonjour:
          say: {fr: Bonjour., en: Hello.}
          then: hangup
    """
    bad = """
        bonjour:
          say: {fr: Bonjour.}
          then: hangup
    """

    def look(self, view: FlowView) -> Iterator[Finding]:
        for path, text in view.of(Text):
            if "" in text.templates:
                continue
            for language in view.languages:
                if language not in text.templates:
                    yield Finding(path, f"the text is missing in the language {language}", at_key=True)
