"""Plays a call on the engine in virtual time, without a telephone: for scenarios, the terminal and tests.

    player = Player(flow, caller={"number": "+33612345678"})
    player.start()                     # player.heard: what was spoken so far; player.wait: what the call waits for
    player.give(Pressed("1"))          # … until player.over

The session is saved and restored at every wait, through JSON, as it is between two engines.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ivr.acts import Act, Digits, Gather, Hangup, Input, Play, Prompt, Record, Say, Started, Value, Voicemail, Wait
from ivr.engine import Turn, advance, begin
from ivr.model import Flow
from ivr.run import Fact
from ivr.session import Session

MS_PER_LETTER = 60
"""How long speech takes: about 170 words a minute."""
HANG_UP = "hang up"
"""Instead of a key: the caller hangs up while this is spoken."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One thing that the caller heard, `at` so many milliseconds after the call began. `stops`: a key stops it."""

    at: int
    step: str
    prompts: tuple[Prompt, ...]
    stops: bool = True

    @property
    def text(self) -> str:
        return " ".join(prompt.text for prompt in self.prompts)

    @property
    def lasts(self) -> int:
        return MS_PER_LETTER * len(self.text)


During = Callable[[Heard], str]
"""Told of each thing that is spoken before the call waits; gives the key that the caller presses meanwhile, HANG_UP, or
''."""


def _listens(_: Heard) -> str:
    return ""


class Player:
    """One call. `caller`: what is known of who calls, as flows ask for it (`number`, `contacts`, …)."""

    def __init__(
        self, flow: Flow, *, caller: Mapping[str, Value] | None = None, dialled: str = "", during: During = _listens
    ) -> None:
        self.flow, self._during = flow, during
        self.session = begin(flow, call="played", version="", caller=caller or {}, dialled=dialled)
        self.now = 0
        """Milliseconds since the call began."""
        self.heard: list[Heard] = []
        self.facts: list[Fact] = []
        self.path: list[str] = []
        """All steps entered, in order."""
        self.wait: Wait | Hangup = Hangup()
        self.typed = ""
        """The key that was pressed before the call came to wait for keys: it counts as the first one."""
        self.hung_up = False
        self.failed = ""

    @property
    def over(self) -> bool:
        return self.hung_up or isinstance(self.wait, Hangup)

    @property
    def at(self) -> str:
        """The step in which the call is or was last, in a sub-flow as FLOW/STEP."""
        return self.session.place

    @property
    def last_words(self) -> str:
        """What was heard last in the step in which the call is."""
        return self.heard[-1].text if self.heard and self.heard[-1].step == self.at else ""

    def start(self) -> None:
        self.give(Started())

    def give(self, given: Input) -> None:
        """Answer the wait; plays to the next one."""
        session = self.session = _restored(self.session)
        session.path.clear()  # the session keeps the last steps only; here all of them count
        turn = advance(self.flow, session, given)
        self.path += session.path
        self.facts += turn.happened
        self.failed = turn.failed
        self._perform(turn)

    def passes(self, ms: int) -> None:
        """Time passes."""
        self.now += ms

    def hang_up(self) -> None:
        self.hung_up = True

    def _perform(self, turn: Turn) -> None:
        """What is spoken is heard in order; a key stops it, and all that comes before the wait and can be stopped."""
        *before, last = turn.acts
        assert not isinstance(last, Say | Play), "a turn ends in a wait or in Hangup"
        self.wait, self.typed = last, ""
        for act, step in zip(before, turn.steps, strict=False):
            stops = getattr(act, "interruptible", True)
            if not self.hung_up and not (self.typed and stops):
                self._speak(act, step, stops=stops)
        if isinstance(last, Gather) and not last.digits.barge_in:
            self.typed = ""
        if not self.hung_up and not self.typed and prompts_of(last):
            self._hear(Heard(self.now, self.at, prompts_of(last)))

    def _speak(self, act: Act, step: str, *, stops: bool) -> None:
        heard = Heard(self.now, step, prompts_of(act), stops)
        self._hear(heard)
        key = self._during(heard)
        if key == HANG_UP:
            self.hang_up()
        elif stops and key:
            self.typed = key

    def _hear(self, heard: Heard) -> None:
        self.heard.append(heard)
        self.now += heard.lasts


def prompts_of(act: Act) -> tuple[Prompt, ...]:
    """What is spoken in an act. A sound file without words is told by its name."""
    match act:
        case Play(file, language, prompts):
            return prompts or (Prompt(f"♪ {file}", language),)
        case Say(prompts) | Gather(prompts) | Voicemail(prompts) | Record(prompts):
            return prompts
    return ()


def silence_ms(digits: Digits, keys: str = "") -> int:
    """How long it takes until a caller who presses nothing more is heard no more."""
    return digits.next_ms if keys else digits.first_ms


def _restored(session: Session) -> Session:
    return Session.from_data(json.loads(json.dumps(session.to_data())))
