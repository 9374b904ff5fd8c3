"""The parts of a house that flows may use and that it may lack. Each is a port of one method, which takes the engine's
act and gives its answer: Done with what ivr/acts.py promises, or Refused and why.

A part that is missing (None) is answered Refused("unavailable") by telephony/deeds.py; so is one that raises, and one
that takes too long is Refused("timeout").
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ivr.acts import Answer, Callback, Done, Hours, Lookup, Refused, Service, Sms
from telephony.channel import Sound

Told = Done | Refused


class Answers(Protocol):
    """The town's answers."""

    async def answer(self, act: Answer, version: str) -> Told:
        """`version`: the call's version of the town."""


class Callbacks(Protocol):
    """Promises to call back."""

    async def promise(self, act: Callback, call: str, at: int) -> Told:
        """`call`: the id of the call in which it is made; `at`: milliseconds since 1970."""


class Directory(Protocol):
    """The town's services."""

    async def service(self, act: Service, at: int, version: str) -> Told:
        """`at`: milliseconds since 1970; `version`: the call's version of the town."""

    async def look_up(self, act: Lookup, language: str, at: int, version: str) -> Told:
        """Which service is meant, in the words of that language."""


class OpeningHours(Protocol):
    """The town's hours."""

    async def hours(self, act: Hours, at: int, version: str) -> Told:
        """`at`: milliseconds since 1970; `version`: the call's version of the town."""


class Lookups(Protocol):
    """History and other services."""

    async def look_up(self, act: Lookup, call: str) -> Told: ...


class Messages(Protocol):
    """Text messages."""

    async def send(self, act: Sms, call: str) -> Told: ...


class Prompts(Protocol):
    """The town's sound files."""

    async def sound(self, file: str, language: str, version: str) -> Sound | None:
        """None where that version of the town has no such file."""


class Recordings(Protocol):
    """Where callers' words are kept."""

    def fresh(self, call: str) -> Path:
        """A file that is not there yet, without ending, which the telephone network can write."""

    def path(self, name: str) -> Path:
        """The file of that name, without ending."""

    async def discard(self, path: Path) -> None:
        """Nothing worth keeping is in it."""


class Transfers(Protocol):
    """Who may be dialled outside."""

    def allowed(self, number: str) -> bool: ...


@dataclass(slots=True, kw_only=True)
class Parts:
    """The names are those of ivr.model.PARTS."""

    answers: Answers | None = None
    callbacks: Callbacks | None = None
    directory: Directory | None = None
    hours: OpeningHours | None = None
    lookups: Lookups | None = None
    prompts: Prompts | None = None
    recordings: Recordings | None = None
    sms: Messages | None = None
    transfers: Transfers | None = None
