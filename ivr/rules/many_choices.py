"""Menus that nobody keeps in mind."""

from collections.abc import Iterator

from core.finding import Finding
from ivr.checking.rule import FlowRule
from ivr.checking.view import FlowView

MOST = 4
"""Irish universal-design guidance for telephone menus: no more than four options."""


class ManyChoices(FlowRule):
    """A menu offers at most four choices, `*` and `#` not counted."""

    advice = True
    good = """
        sujet:
          menu: Voirie, 1. État civil, 2. Réécouter, étoile. Une personne, 0.
          choices: {1: hangup, 2: hangup, "*": sujet, 0: hangup}
          otherwise: hangup
    """
    bad = """
        sujet:
          menu: Voirie, 1. État civil, 2. Écoles, 3. Impôts, 4. Une personne, 0.
          choices: {1: hangup, 2: hangup, 3: hangup, 4: hangup, 0: hangup}
          otherwise: hangup
    """

    def look(self, view: FlowView) -> Iterator[Finding]:
        for path, choices in view.menus.items():
            offered = [key for key in choices if key not in ("*", "#")]
            if len(offered) > MOST:
                message = f"{len(offered)} choices are more than a caller keeps in mind; at most {MOST}, or two menus"
                yield Finding(path, message, at_key=True)
