"""Plays a scenario, and says where the call went another way than the scenario."""

from dataclasses import dataclass, field
from datetime import timedelta

from core.files import Fault, Place
from ivr.acts import Gather, Hangup, Input, Pressed, Value, Wait
from ivr.play import HANG_UP, Heard, Player, prompts_of, silence_ms
from ivr.scenario import Moment, Scenario
from ivr.text import value_of
from ivr.world import OUTCOMES, OwnAnswer, Told, keyed, no_answer, outcome, verb_of

LONGEST_SPELT = 60
MOST_WAITS = 500
"""Of one call, after which the flow goes in circles."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a dialogue, `at` so many milliseconds after the call began. `step`: whose words these are, or ''
    where it is not something heard but something that happened."""

    at: int
    step: str
    text: str


@dataclass(slots=True)
class Rehearsal:
    """A scenario that was played."""

    scenario: Scenario
    dialogue: list[Line] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    """The steps entered, in order."""
    ended: bool = False
    """The flow came to its end by itself."""
    divergence: Fault | None = None
    """Where, in the scenario's file, the call went another way."""


class _Diverged(Exception):
    """Carried to the end of the play."""

    def __init__(self, place: Place, message: str) -> None:
        self.divergence = Fault(place, message, "scenario")


def rehearse(scenario: Scenario, town: OwnAnswer = no_answer) -> Rehearsal:
    """Play it to its end, or to where it diverges. Never raises. `town`: what the town itself answers at the time of a
    scenario that has one, where the scenario does not say otherwise."""
    return _Stage(scenario, town).play()


class _Stage:
    """A scenario while it is played. A key may stop words that are spoken before the call waits, so that the script is
    followed from inside the player too."""

    def __init__(self, scenario: Scenario, town: OwnAnswer) -> None:
        told = scenario.told
        self.town = town
        caller: dict[str, Value] = {"number": told.caller or "", "withheld": told.caller is None, "contacts": 0}
        dialled = next(iter(scenario.flow.numbers), "")
        self.scenario = scenario
        self.player = Player(scenario.flow, caller={**caller, **told.known}, dialled=dialled, during=self._during)
        self.world = told.given.answers()
        self.rehearsal = Rehearsal(scenario)
        self.index = 0
        """Of the moment that comes next in the script."""
        self.waits = 0
        self.keys = ""
        """Pressed while something was spoken; the call has not come to wait for them yet."""
        self.misheard = ""
        """What was heard in the step of the present moment instead of its words."""
        self.noted = 0
        """How much of what was heard stands in the dialogue."""

    def play(self) -> Rehearsal:
        rehearsal, player = self.rehearsal, self.player
        try:
            player.start()
            while not player.over:
                given = self._next_input()
                if given is not None:
                    player.give(given)
            self._note_heard()
            self._check_the_end()
        except _Diverged as diverged:
            self._note_heard()
            rehearsal.divergence = diverged.divergence
        rehearsal.path, rehearsal.heard = player.path, player.heard
        rehearsal.ended = isinstance(player.wait, Hangup) and not player.hung_up and not player.failed
        return rehearsal

    # --- following the script -------------------------------------------------------------------------------------

    @property
    def moment(self) -> Moment | None:
        """What comes next in the script; None at its end."""
        play = self.scenario.told.play
        return play[self.index] if self.index < len(play) else None

    def _during(self, heard: Heard) -> str:
        """Something is spoken before the call waits: what the caller does meanwhile."""
        moment = self.moment
        if moment is None or moment.hears != heard.step:
            return ""
        if not self._words_fit(moment, heard.text):
            self.misheard = heard.text
            return ""
        if not moment.does:
            self._next()
        elif moment.press and heard.stops:
            self._does(moment, f"presses {moment.press}")
            self.keys = moment.press
            return self.keys[0]
        elif moment.hang_up:
            self._does(moment, "hangs up")
            return HANG_UP
        return ""

    def _next_input(self) -> Input | None:
        """The call waits: what comes next. None where the caller hung up."""
        wait = self.player.wait
        assert not isinstance(wait, Hangup)
        self.waits += 1
        if self.waits > MOST_WAITS:
            raise self._diverged(f"the call has waited {MOST_WAITS} times and is not over: the flow goes in circles")
        if isinstance(wait, Gather):
            return self._presses(wait)
        self.keys = ""
        moment = self._moment_here(wait)
        if moment and moment.hang_up:
            self._hangs_up(moment)
            return None
        verb = verb_of(wait)
        if moment and moment.does == [verb]:
            told = moment.answers()[verb]
            self._does(moment, f"{verb}: {spelt(told)}")
        else:
            told = self.world.get(verb) or self._own(wait) or OUTCOMES[verb].usual
            self._note(f"{verb}: {spelt(told)}")
        return outcome(wait, told)

    def _own(self, wait: Wait) -> Told | None:
        """What the town answers, at a time that is told."""
        begins = self.scenario.told.at
        return self.town(wait, begins + timedelta(milliseconds=self.player.now)) if begins else None

    def _presses(self, wait: Gather) -> Input | None:
        """The call waits for keys."""
        player = self.player
        if self.keys:
            keys, self.keys = self.keys, ""
            return keyed(wait.digits, keys)
        moment = self._moment_here(wait)
        if moment is None:
            raise self._unexpected()
        if moment.hang_up:
            self._hangs_up(moment)
            return None
        if moment.silence:
            self._does(moment, "presses nothing")
            player.passes(silence_ms(wait.digits))
            return Pressed("", complete=False)
        if not moment.press:
            raise self._diverged(f"the call waits for keys in {player.at}, not for {moment.does[0]}", moment.does[0])
        self._does(moment, f"presses {moment.press}")
        pressed = keyed(wait.digits, moment.press)
        player.passes(0 if pressed.complete else silence_ms(wait.digits, moment.press))
        return pressed

    def _moment_here(self, wait: Wait) -> Moment | None:
        """The moment in which something happens at this wait; None where the script tells of something later."""
        silent = not isinstance(wait, Gather) and not prompts_of(wait)
        while (moment := self.moment) and moment.hears in (None, self.player.at):
            if silent and moment.hears and not moment.hang_up and moment.does != [verb_of(wait)]:
                return None  # these words come later
            if moment.hears and not self._words_fit(moment, self.player.last_words):
                raise self._diverged(f"expected the words {moment.says!r}, heard {self.player.last_words!r}", "says")
            if moment.does:
                return moment
            self._next()
        return None

    def _words_fit(self, moment: Moment, text: str) -> bool:
        return moment.says is None or moment.says in text

    def _hangs_up(self, moment: Moment) -> None:
        self._does(moment, "hangs up")
        self.player.hang_up()

    def _does(self, moment: Moment, what: str) -> None:
        """A moment is over."""
        self.player.passes(moment.after)
        self._note(what)
        self._next()

    def _next(self) -> None:
        self.index, self.misheard = self.index + 1, ""

    # --- what is told ---------------------------------------------------------------------------------------------

    def _note(self, what: str) -> None:
        self._note_heard()
        self.rehearsal.dialogue.append(Line(self.player.now, "", what))

    def _note_heard(self) -> None:
        new = self.player.heard[self.noted :]
        self.rehearsal.dialogue += [Line(heard.at, heard.step, heard.text) for heard in new]
        self.noted += len(new)

    def _diverged(self, message: str, key: str = "") -> _Diverged:
        """At that key of the moment in which the script is; at `ends` where it is over."""
        path = ("play", self.index, key) if self.moment else ("ends",)
        return _Diverged(self.scenario.document.key_place(path), message)

    def _hear(self, moment: Moment) -> str:
        words = f" say {moment.says!r}, heard {self.misheard!r}" if self.misheard else ""
        return f"hear {moment.hears}{words}"

    def _unexpected(self) -> _Diverged:
        at, moment = self.player.at, self.moment
        if moment is None:
            return self._diverged(f"the play is over, but the call waits for keys in {at}: press, silence or hang_up?")
        return self._diverged(f"expected to {self._hear(moment)}, but the call waits for keys in {at}", "hears")

    def _check_the_end(self) -> None:
        player, ends = self.player, self.scenario.told.ends
        if player.failed:
            raise self._diverged(f"the flow failed: {player.failed}")
        if moment := self.moment:
            key, what = ("hears", self._hear(moment)) if moment.hears else ("", f"come to {moment.does[0]}")
            raise self._diverged(f"the call is over in {player.at}; expected to {what}", key)
        if player.at != ends.at:
            raise self._ended_otherwise("at", ends.at, player.at)
        answers = [str(data["answer"]) for kind, data in player.facts if kind == "call.answered"]
        if ends.answers is not None and answers != ends.answers:
            raise self._ended_otherwise("answers", ", ".join(ends.answers) or "none", ", ".join(answers) or "none")
        for name, value in (ends.values or {}).items():
            known = value_of(player.session, name)
            if known != value:
                raise self._ended_otherwise("values", f"{name}: {value}", f"{name}: {known}")

    def _ended_otherwise(self, key: str, expected: str, found: str) -> _Diverged:
        place = self.scenario.document.key_place(("ends", key))
        return _Diverged(place, f"the call ended with {key} {found}; expected {expected}")


def spelt(told: Told) -> str:
    """An outcome as people read it."""
    if isinstance(told, str):
        return told
    return ", ".join(f"{name} {_short(value)}" for name, value in told.items() if value not in (None, ""))


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= LONGEST_SPELT else f"{text[:LONGEST_SPELT]}…"
