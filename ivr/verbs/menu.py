"""`menu`: offer a choice of keys."""

from typing import Annotated, Any, ClassVar, Self

from pydantic import PlainValidator, WithJsonSchema, model_validator

from core.filemodel import Problem, found, problem, problems
from ivr.acts import Digits, Prompt
from ivr.collecting import KEYS, Question
from ivr.model import Exit, To
from ivr.run import Run
from ivr.session import Session
from ivr.text import FlowText

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


_CHOICES_SCHEMA = {
    "type": "object",
    "propertyNames": {"pattern": f"^[0-9*#]{{1,{LONGEST_CHOICE}}}$"},
    "additionalProperties": {"type": "string", "minLength": 1},
    "minProperties": 1,
    "description": "Keys, and the steps they lead to.",
}


class Menu(Question):
    """Speaks a text and takes the exit of the key that the caller presses, also while the text is spoken.

    `timeout` is the silence allowed after the text (7 s). The text is spoken `attempts` times in all (2); then, with
    nothing or nothing valid pressed, `otherwise` is taken.
    """

    menu: FlowText
    choices: Annotated[dict[str, Exit], PlainValidator(_read_choices), WithJsonSchema(_CHOICES_SCHEMA)]
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
          invalid: {fr: Cette touche ne correspond à rien., en: That key means nothing here.}
          otherwise: hangup
        voirie:
          say: {fr: La voirie., en: Roads.}
          then: hangup
    """

    @model_validator(mode="after")
    def _one_meaning(self) -> Self:
        if self.more_time in self.choices:
            raise problem("choice", f"the key {self.more_time} is a choice already", ("more_time",))
        return self

    def question(self, run: Run) -> tuple[Prompt, ...]:
        return run.prompts(self.menu)

    def wanted(self, _: Session) -> Digits:
        longest = max(map(len, self.choices))
        ends = "#" if longest > 1 and not any("#" in keys for keys in self.choices) else ""
        return Digits(most=longest, terminator=ends)

    def take(self, _: Run, keyed: str) -> str | None:
        return self.choices.get(keyed)

    @property
    def gives_up(self) -> str:
        return self.otherwise
