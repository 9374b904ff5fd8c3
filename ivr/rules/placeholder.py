"""Values that cannot be spoken as they are asked to be."""

from collections.abc import Iterator, Mapping

from core.finding import Finding
from ivr.checking.reading import WORDS
from ivr.checking.rule import FlowRule
from ivr.checking.view import FlowView
from ivr.model import Kind
from ivr.text import Text

FITS: Mapping[str, frozenset[Kind]] = {
    "": frozenset({"number", "text", "date", "time", "moment", "digits", "phone", "unknown"}),
    "amount": frozenset({"number", "text", "unknown"}),
    "count": frozenset({"number", "text", "digits", "unknown"}),
    "date": frozenset({"date", "moment", "text", "unknown"}),
    "digits": frozenset({"number", "text", "digits", "phone", "unknown"}),
    "moment": frozenset({"moment", "text", "unknown"}),
    "phone": frozenset({"text", "digits", "phone", "unknown"}),
    "time": frozenset({"time", "moment", "text", "unknown"}),
}
"""Kinds of values that a form can speak."""


class Placeholder(FlowRule):
    """A value in a text is of a kind that can be spoken, and in the form that is asked for."""

    good = """
        bonjour:
          say: "Vous appelez du {caller.number:phone} pour la {caller.contacts:count} e fois."
          then: hangup
    """
    bad = """
        bonjour:
          say: "Masqué : {caller.withheld}. Le {caller.contacts:date}."
          then: hangup
    """

    def look(self, view: FlowView) -> Iterator[Finding]:
        names = view.names or {}
        for path, text in view.of(Text):
            for language, place in text.places():
                kind = names.get(place.name, "unknown")
                if kind in FITS[place.form]:
                    continue
                what = "true or false" if kind == "truth" else WORDS.get(kind, "a text")
                cannot = "which cannot be spoken" if kind == "truth" else f"which is not spoken as {place.form}"
                where = (*path, language) if language else path
                yield Finding(where, f"{place.name} is {what}, {cannot}", place.offset)
