"""`language`: go on in another language."""

from typing import ClassVar

from ivr.model import LanguageNamed, Step, To
from ivr.run import Run


class Language(Step):
    """Speaks the call's further texts in this language, which must be one of the flow's."""

    language: LanguageNamed
    then: To

    example: ClassVar[str] = """
        anglais:
          language: en
          then: bienvenue
        bienvenue:
          say: {fr: Bienvenue., en: Welcome.}
          then: hangup
    """

    def enter(self, run: Run) -> str:
        run.session.language = str(self.language)
        return self.then
