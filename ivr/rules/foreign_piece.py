"""Pieces of texts in a language that nobody expects there."""

from collections.abc import Iterator

from ivr.checking.rule import Finding, FlowRule
from ivr.checking.view import FlowView
from ivr.text import Text


class ForeignPiece(FlowRule):
    """A piece of a text in another language is in one that the flow speaks, and not in the text's own."""

    advice = True
    good = """
        sujet:
          menu:
            fr: "Pour la voirie, tapez 1. [en:For English, press 9.]"
            en: "For roads, press 1. [fr:Pour le français, tapez 9.]"
          choices: {1: hangup, 9: hangup}
          otherwise: hangup
    """
    bad = """
        sujet:
          menu:
            fr: "Pour la voirie, tapez 1. [ne:For English, press 9.]"
            en: "For roads, press 1. [en:Pour le français, tapez 9.]"
          choices: {1: hangup, 9: hangup}
          otherwise: hangup
    """

    def look(self, view: FlowView) -> Iterator[Finding]:
        languages = view.languages
        for path, text in view.of(Text):
            for written, language, offset in text.languages():
                where = (*path, written) if written else path
                if language == written:
                    yield Finding(where, f"this piece is in {language}, as the text is: it needs no brackets", offset)
                elif languages and language not in languages:
                    message = f"{language} is not one of the flow's languages ({', '.join(languages)})"
                    yield Finding(where, message, offset)
