"""What the engine asks of whoever holds the call, and what comes back. Plain data, so that the same flow plays on
Asterisk, in a terminal and in a test."""

from dataclasses import dataclass, field
from typing import Literal


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


# --- acts. The last act of a turn is the one that the call waits in; its answer is the next input. ---------------


@dataclass(frozen=True, slots=True)
class Say:
    """Speak. A digit pressed meanwhile stops it and counts as the first one of the next Gather."""

    prompts: tuple[Prompt, ...]


@dataclass(frozen=True, slots=True)
class Gather:
    """Speak and collect digits; the next input is Pressed."""

    prompts: tuple[Prompt, ...]
    digits: Digits


@dataclass(frozen=True, slots=True)
class Enqueue:
    """Wait in line; the next input is LeftQueue."""

    queue: str
    skills: dict[str, int] = field(default_factory=dict)
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Hangup:
    """The flow is over."""


Act = Say | Gather | Enqueue | Hangup


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
    """The entry's end: answered (and the agent hung up), or not."""

    outcome: Literal["answered", "unanswered"]
    reason: str = ""


Input = Started | Pressed | LeftQueue
