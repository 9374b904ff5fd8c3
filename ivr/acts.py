"""What the engine asks of whoever holds the call, and what comes back. Plain data, so that the same flow plays on
Asterisk, in a terminal and in a test.

A turn is some of BEFORE (Say, Play), then one of WAITS, or Hangup. The answer to the last act is the next input:

    Gather                                          → Pressed
    Enqueue                                         → LeftQueue, or Refused("closed")
    Lookup, Hours, Answer, Service, Callback,
    Sms, Voicemail, Record, Transfer                → Done(values), or Refused(reason)

Each act says which values its Done brings. Whoever cannot do an act answers Refused, and never pretends: the step takes
its exit for that, and the engine tells it as an event (call.refused).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Value = str | int | float | bool | None
"""What a call may know under a name."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A text to be spoken in a language (BCP 47, `fr`, `en`)."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Digits:
    """How digits are collected. Times in milliseconds."""

    most: int = 1
    least: int = 1
    terminator: str = ""
    first_ms: int = 7_000
    """Silence allowed from the end of the prompt to the first digit."""
    next_ms: int = 3_000
    """Silence allowed between digits."""
    barge_in: bool = True
    """A digit stops the prompt and counts. False: what is keyed before the prompt's end is dropped."""


@dataclass(frozen=True, slots=True)
class Take:
    """How the caller's voice is recorded, after a beep. Times in milliseconds."""

    most_ms: int
    silence_ms: int
    """So much silence ends it; so does the key `#`."""


# --- acts that the call does not wait for -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Say:
    """Speak. A digit pressed meanwhile stops it and counts as the first one of the next Gather, if it is
    interruptible."""

    prompts: tuple[Prompt, ...]
    interruptible: bool = True


@dataclass(frozen=True, slots=True)
class Play:
    """Play a recorded file of the town's prompts/ folder, by its name without ending (`bienvenue`), as it is in that
    language. `prompts`: what it says, spoken where there is no such file; may be empty."""

    file: str
    language: str
    prompts: tuple[Prompt, ...] = ()
    interruptible: bool = True


# --- acts that the call waits in: always the last of a turn -----------------------------------------------------


@dataclass(frozen=True, slots=True)
class Gather:
    """Speak and collect digits; the next input is Pressed."""

    prompts: tuple[Prompt, ...]
    digits: Digits


@dataclass(frozen=True, slots=True)
class Enqueue:
    """Wait in line; the next input is LeftQueue, or Refused: `closed` (the queue admits nobody new)."""

    queue: str
    skills: dict[str, int] = field(default_factory=dict)
    priority: int = 0
    exits: frozenset[str] = frozenset()
    """The ways out of the line (WAYS_OUT) that the flow has steps for; whoever holds the call does the others."""
    preferred: str = ""
    """The agent who is asked before all others, for `prefer_ms` at most; '' where nobody is."""
    prefer_ms: int = 0


@dataclass(frozen=True, slots=True)
class Lookup:
    """Look something up in the history or in a service of the settings, with a time limit. Done: what was found, by
    its own names (`status`). Refused: `missing` (nothing was found), `timeout`, `unavailable`."""

    service: str
    given: Mapping[str, Value] = field(default_factory=dict)
    language: str = ""
    """In which the caller hears what is found."""


@dataclass(frozen=True, slots=True)
class Hours:
    """Whether something is open now. Done: `open` (truth), `cause` (switch, exception, holiday, weekly), and in the
    local time of these hours, ISO 8601, as far as they are known: `next_open`, `closes`, `now`. Refused: `unavailable`.
    """

    hours: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The words of one of the town's answers, by its name or by the code that a caller keyed in. Done: `text`, in
    `language`, its name (`answer`), its `question`, the address of its `page` and the `message` that leads there (both
    empty where the house has no public pages). Refused: `missing`, `unavailable`."""

    answer: str
    language: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Service:
    """A service of the town's directory, for a caller who speaks that language. Done: `name`, `title`, `number` (''
    where none is known), `open` (truth), `next_open` (local time, ISO 8601, or nothing), `at_hand`, `address`. Refused:
    `missing`, `unavailable` (its hours are not known)."""

    service: str
    language: str


@dataclass(frozen=True, slots=True)
class Callback:
    """Promise to call this number. Done: nothing more. Refused: `withheld`, `not_allowed` (a number of that kind),
    `exists` (there is an open promise), `unavailable`."""

    queue: str
    number: str
    skills: Mapping[str, int] = field(default_factory=dict)
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Sms:
    """Send a text message. Done: nothing more. Refused: `withheld`, `not_allowed`, `failed`, `unavailable`."""

    number: str
    prompt: Prompt
    """The message, in its language."""


@dataclass(frozen=True, slots=True)
class Voicemail:
    """Speak, then record a message, which is work for that queue. Done: `file`, `seconds`. Refused: `empty` (nothing
    was said), `unavailable`. A caller who hangs up after speaking has left a message."""

    prompts: tuple[Prompt, ...]
    queue: str
    take: Take


@dataclass(frozen=True, slots=True)
class Record:
    """Speak (the legal notice is among the prompts), then record what the caller says. Done: `file`, `seconds`.
    Refused: `empty`, `unavailable`."""

    prompts: tuple[Prompt, ...]
    take: Take


@dataclass(frozen=True, slots=True)
class Transfer:
    """Ring a number outside and join the two. Done, when that conversation is over and the caller still there:
    `seconds`. Refused: `not_allowed` (by the settings), `busy`, `no_answer`, `unreachable`, `unavailable`."""

    number: str
    ring_ms: int = 30_000
    service: str = ""
    """Of the directory, whose number it is."""


@dataclass(frozen=True, slots=True)
class Hangup:
    """The flow is over."""


Wait = Gather | Enqueue | Lookup | Hours | Answer | Service | Callback | Sms | Voicemail | Record | Transfer
Before = Say | Play
Act = Before | Wait | Hangup

WAITS = (Gather, Enqueue, Lookup, Hours, Answer, Service, Callback, Sms, Voicemail, Record, Transfer)
BEFORE = (Say, Play)


WAYS_OUT = ("callback", "voicemail", "end")
"""Ways out of a line that its queue may give a caller."""

# --- inputs -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Started:
    """The call begins."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """What was keyed in, without the terminator. `complete`: the terminator or the greatest length was reached;
    `text` empty and not complete: nothing at all."""

    text: str
    complete: bool = True


@dataclass(frozen=True, slots=True)
class LeftQueue:
    """The entry's end: answered (and the agent hung up), unanswered, or served otherwise: a callback promised, a
    message left, a polite end. `reason`: the way out where it is one of WAYS_OUT."""

    outcome: Literal["answered", "unanswered", "served"]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """The act was done, with what it brought."""

    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refused:
    """The act was not done, and why in one word. `unavailable`: this house has no such part, or it is out of order."""

    reason: str = "unavailable"


Input = Started | Pressed | LeftQueue | Done | Refused
