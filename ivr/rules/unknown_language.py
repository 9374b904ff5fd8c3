"""Languages that the flow does not speak."""

from collections.abc import Iterator

from core.finding import Finding
from ivr.checking.rule import FlowRule
from ivr.checking.view import FlowView
from ivr.model import LanguageName
from ivr.text import Text


class UnknownLanguage(FlowRule):
    """Every language that a step names is one of the flow's."""

    good = """
        anglais:
          language: en
          then: bonjour
        bonjour:
          say: {fr: Bonjour., en: Hello.}
          then: hangup
    """
    bad = """
        anglais:
          language: de
          then: bonjour
        bonjour:
          say: {fr: Bonjour., en: Hello., de: Hallo.}
          then: hangup
    """

    def look(self, view: FlowView) -> Iterator[Finding]:
        languages = view.languages
        if not languages:
            return
        spoken = ", ".join(languages)
        for path, language in view.of(LanguageName):
            if language not in languages:
                yield Finding(path, f"{language[:20]} is not one of the flow's languages ({spoken})")
        for path, text in view.of(Text):
            for written in filter(None, text.templates):
                if written not in languages:
                    message = f"{written[:20]} is not one of the flow's languages ({spoken})"
                    yield Finding((*path, written), message, at_key=True)
