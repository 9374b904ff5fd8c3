"""`menu`: offer a choice of keys."""

from typing import Annotated, Any, ClassVar

from pydantic import Field, PlainValidator

from core.filemodel import Duration, Problem, found, problem, problems
from ivr.acts import Digits, Input, Pressed
from ivr.collecting import FIRST_DIGIT_MS, PRESENTATIONS, missed
from ivr.model import Exit, Step, To
from ivr.run import Run
from ivr.text import FlowText

KEYS = frozenset("0123456789*#")
LONGEST_CHOICE = 4


def _read_choices(value: Any) -> dict[str, Exit]:
    if not isinstance(value, dict) or not value:
        raise problem("wrong-type", f"expected keys and the steps they lead to, such as 1: roads, found {found(value)}")
    wrong = []
    for keys, target in value.items():
        if not 0 < len(keys) <= LONGEST_CHOICE or not KEYS.issuperset(keys):
            wrong.append(
                Problem("choice", f"expected a key 0 to 9, * or #, or up to four of them, found {found(keys)}", (keys,))
            )
        elif not isinstance(target, str) or not target:
            wrong.append(Problem("wrong-type", f"expected the name of a step, found {found(target)}", (keys,)))
    if wrong:
        raise problems(wrong)
    return {keys: Exit(target) for keys, target in value.items()}


class Menu(Step):
    """Speaks a text and takes the exit of the key that the caller presses, also while the text is spoken.

    `timeout` is the silence allowed after the text (7 s). The text is spoken `attempts` times in all (2); then, with
    nothing or nothing valid pressed, `otherwise` is taken.
    """

    menu: FlowText
    choices: Annotated[dict[str, Exit], PlainValidator(_read_choices)]
    timeout: Duration = FIRST_DIGIT_MS
    attempts: Annotated[int, Field(ge=1, le=9)] = PRESENTATIONS
    otherwise: To

    example: ClassVar[str] = """
        sujet:
          menu:
            fr: Pour la voirie, tapez 1. Pour un agent, tapez 0.
            en: For roads, press 1. For an agent, press 0.
          choices:
            1: voirie
            0: hangup
          timeout: 7s
          attempts: 2
          otherwise: hangup
        voirie:
          say: {fr: La voirie., en: Roads.}
          then: hangup
    """

    def enter(self, run: Run) -> str | None:
        longest = max(map(len, self.choices))
        ends = "#" if longest > 1 and not any("#" in keys for keys in self.choices) else ""
        run.gather(self.menu, Digits(most=longest, terminator=ends, first_ms=self.timeout))
        return None

    def resume(self, run: Run, given: Input) -> str | None:
        if not isinstance(given, Pressed):
            return self.enter(run)
        target = self.choices.get(given.text) or missed(run, given, self.attempts, self.otherwise)
        if target is None:
            return self.enter(run)
        if given.text in self.choices:
            run.chose(given.text, target)
        return target
