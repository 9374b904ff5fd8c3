"""What the handling of a call stands on, handed over in one piece by whoever wires the engine."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from core.clock import Clock
from core.filemodel import Spoken
from core.ids import NewId
from hours.definition import Hours
from ivr.acts import Prompt
from ivr.load import Flows
from ivr.material.answer import AnswerFile
from ivr.material.service import ServiceFile
from queues.model import DirectMessage, Kind, OfferMessage, RuleMessage, Terms
from queues.store.port import Store
from telephony.channel import Channel, Sound
from telephony.parts import Parts


class Voice(Protocol):
    """Text to sound."""

    async def sound(self, prompt: Prompt, version: str = "") -> Sound:
        """As that version of the town says it; the live one where none is told."""


class Callers(Protocol):
    """Who is calling, as far as history knows."""

    async def caller(self, number: str) -> Mapping[str, Any]:
        """`contacts` and whatever else flows may ask as `caller.…`. Never raises, never exceeds its time limit."""


class Queue(Protocol):
    """What a queue's file says, as far as handling a call needs it."""

    @property
    def title(self) -> Spoken | None:
        """What it is called, as it is spoken."""

    @property
    def messages_within(self) -> int:
        """How soon a message is to be listened to, in ms."""

    def terms(self, skills: Mapping[str, int]) -> Terms:
        """What the queue says of an entry whose flow asks for these skills too."""


class Town(Protocol):
    """What one version of the town holds."""

    @property
    def version(self) -> str: ...
    @property
    def flows(self) -> Flows: ...
    @property
    def queues(self) -> Mapping[str, Queue]: ...
    @property
    def hours(self) -> Mapping[str, Hours]: ...
    @property
    def answers(self) -> Mapping[str, AnswerFile]: ...
    @property
    def services(self) -> Mapping[str, ServiceFile]: ...


class Towns(Protocol):
    """Every version that a call may still be on."""

    def live(self) -> Town:
        """The one on which new calls begin."""

    def of(self, version: str) -> Town:
        """That version, or the live one where it is not kept any more."""

    async def bring(self, version: str) -> Town:
        """The same, for a call that comes from elsewhere: it may have to be read first."""


class Waiting(Protocol):
    """A call that can be told of an offer."""

    @property
    def version(self) -> str:
        """Of the town, on which it is."""

    async def offered(self, offer: OfferMessage) -> None: ...
    async def sent_away(self, entry: str, reason: str) -> None:
        """It is to leave the line, if that entry is its place there."""

    async def ruled(self, notice: RuleMessage) -> None:
        """What a rule or an announcement wants of it, if that entry is its place in line."""

    async def directed(self, notice: DirectMessage) -> None:
        """Whom the caller talks with sends them elsewhere, if that entry is its place in line."""

    @property
    def place(self) -> tuple[int, int, str]:
        """The smaller, the earlier it is served; calls that are not in line come in any order."""

    async def changed(self, entry: str) -> None:
        """Somebody else changed its place in line."""

    async def tell_again(self) -> None:
        """Tell a store that has forgotten it of this call."""


async def _nothing_forgotten() -> bool:
    return False


def _unnamed(_: str) -> str:
    return "a number"


class Worker(Protocol):
    """Sees to offers of work for which nobody waits on a line: messages, callbacks."""

    async def offered(self, offer: OfferMessage) -> None:
        """An agent is held for it: do what there is to be done, and say to the store how it went."""


class Messages(Protocol):
    """Messages that agents are rung for (telephony/messages.py)."""

    async def serve(self, extension: str, line: Any) -> bool:
        """Whether there was a message for that agent."""

    async def tell_again(self) -> None:
        """Tell a store that has forgotten it of each message that an agent is rung for, or hears."""

    async def take_over(self) -> None:
        """See to what an engine of this Asterisk had begun that lives no more."""


class Consults(Protocol):
    """Agents who ask somebody while their caller waits (telephony/consulting.py)."""

    async def run(self, channel: Channel, leg: str) -> str:
        """The agent's line came out of the conversation whose entry is `leg`. Gives the room to go to, or ""."""

    async def left(self, leg: str) -> None:
        """The phone that talked under that entry has hung up."""

    async def tell_again(self) -> None:
        """Tell a store that has forgotten it of everybody who is asked."""

    async def take_over(self) -> None:
        """See to what an engine of this Asterisk had begun that lives no more."""


@dataclass(slots=True, kw_only=True)
class House:
    """The services of one engine node."""

    node: str
    """This engine's name among all, fresh at each start."""
    asterisk: str
    """The name of the Asterisk whose calls come here."""
    language: str
    """For agents, and for sentences outside any flow."""
    store: Store
    voice: Voice
    callers: Callers
    towns: Towns
    clock: Clock
    new_id: NewId
    agent_at: Callable[[str], str | None]
    """The id of the agent whose phone has this extension."""
    parts: Parts = field(default_factory=Parts)
    """What flows may use beyond speech and queues, as far as this house has it."""
    messages: Messages | None = None
    """Whom lines of our own are for."""
    consults: Consults | None = None
    """Whom agents' lines are for that were taken out of a conversation."""
    workers: Mapping[Kind, Worker] = field(default_factory=dict)
    """Who sees to work of each kind but calls."""
    calls: dict[str, Waiting] = field(default_factory=dict)
    """The calls that this node holds, by id."""
    pseudonym: Callable[[str], str] = _unnamed
    """What stands for somebody's number in a log."""
    told_again: Callable[[], Awaitable[bool]] = _nothing_forgotten
    """Look whether the store was wiped. True where it was, and now knows the calls of this node again."""

    async def take_over(self) -> None:
        """See to what engines of this Asterisk had begun that live no more."""
        for part in (self.messages, self.consults):
            if part:
                await part.take_over()

    def calls_on(self) -> dict[str, int]:
        """How many calls this node holds on each version of the town."""
        return dict(Counter(call.version for call in self.calls.values()))
