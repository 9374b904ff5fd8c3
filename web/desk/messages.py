"""What a desk and its server say to each other over the WebSocket: JSON, one object a message.

What the page says has `do` and a `ref` of its own choosing, by which the answer (`done` or `refused`) names it; what
the server says has `tell`. `./guichet schema messages` gives all of it as a JSON Schema, from which the
page's types are made.
Times are milliseconds since 1970 UTC, durations milliseconds."""

from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

MOST_NOTE = 20_000
MOST_WORD = 80

Word = Annotated[str, Field(max_length=MOST_WORD)]
Id = Annotated[str, Field(min_length=1, max_length=MOST_WORD)]


class Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_serialization_defaults_required=True)

    @cached_property
    def as_sent(self) -> str:
        """The JSON; written once, however many pages it is told."""
        return self.model_dump_json()


# --- what the page says ------------------------------------------------------------------------------------------


class Ask(Message):
    ref: Annotated[int, Field(ge=0)]


class Available(Ask):
    """I take calls; also after a pause, and after not having responded."""

    do: Literal["available"] = "available"


class Pause(Ask):
    do: Literal["pause"] = "pause"
    reason: Annotated[str, Field(min_length=1, max_length=MOST_WORD)]


class Offline(Ask):
    do: Literal["offline"] = "offline"


class Finish(Ask):
    """The wrap-up is over."""

    do: Literal["finish"] = "finish"


class MoreTime(Ask):
    """The wrap-up goes on for so long from now, as far as the queue allows."""

    do: Literal["more_time"] = "more_time"
    ms: Annotated[int, Field(ge=1_000, le=3_600_000)]


class Hold(Ask):
    """The caller hears music, or is taken back. The phone does it; this tells the house."""

    do: Literal["hold"] = "hold"
    held: bool


class Note(Ask):
    """The whole text of the note on a call, as it stands now."""

    do: Literal["note"] = "note"
    call: Id
    text: Annotated[str, Field(max_length=MOST_NOTE)]


class Code(Ask):
    """What the call was about and how it ended."""

    do: Literal["code"] = "code"
    call: Id
    code: Word
    topic: Word = ""
    settled: bool | None = None


# Of the matter that a call is about, and of who calls; each about a call that one has, or had.


class OpenCase(Ask):
    """Something that will outlive the call. The answer gives the number, for the citizen to write down."""

    do: Literal["open_case"] = "open_case"
    call: Id
    title: Annotated[str, Field(min_length=1, max_length=200)]
    topic: Word = ""


class LinkCase(Ask):
    """The call is about that case: one of those shown, by its id, or any, by its number as the caller reads it out;
    neither: about none."""

    do: Literal["link_case"] = "link_case"
    call: Id
    case: Word = ""
    number: Word = ""


class SetCase(Ask):
    """How the case stands now."""

    do: Literal["set_case"] = "set_case"
    call: Id
    case: Id
    status: Literal["open", "in_progress", "waiting", "closed", "refused"]


class MakePromise(Ask):
    """What the caller was told will happen, and until when."""

    do: Literal["promise"] = "promise"
    call: Id
    kind: Literal["callback", "wait", "send", "other"]
    text: Annotated[str, Field(max_length=1_000)] = ""
    due_until: Annotated[int, Field(ge=0)] | None = None
    case: Word = ""


class EndPromise(Ask):
    """What became of it; the call is the one that settled it."""

    do: Literal["end_promise"] = "end_promise"
    call: Id
    promise: Id
    outcome: Literal["kept", "broken", "cancelled", "expired"]


class Confirm(Ask):
    """The caller is that person, as the agent found by asking; without a key: somebody new. `name`: as they say it."""

    do: Literal["confirm"] = "confirm"
    call: Id
    person: Word = ""
    name: Annotated[str, Field(max_length=120)] = ""


class Merge(Ask):
    """Both are one human being, shown under `other` from now on."""

    do: Literal["merge"] = "merge"
    call: Id
    person: Id
    other: Id
    reason: Annotated[str, Field(min_length=1, max_length=200)]


class SpokeFor(Ask):
    """The caller calls for somebody else: that person, or somebody new who has that name."""

    do: Literal["spoke_for"] = "spoke_for"
    call: Id
    person: Word = ""
    name: Annotated[str, Field(max_length=120)] = ""
    relation: Word = ""


class SetAgent(Ask):
    """A supervisor changes what another one chose."""

    do: Literal["set_agent"] = "set_agent"
    agent: Id
    status: Literal["available", "paused", "offline"]
    reason: Word = ""


class EndWrapUp(Ask):
    """A supervisor ends somebody's wrap-up."""

    do: Literal["end_wrap_up"] = "end_wrap_up"
    agent: Id


class Front(Ask):
    """The call is the next one of its queue."""

    do: Literal["front"] = "front"
    call: Id


class Move(Ask):
    """The call into another queue."""

    do: Literal["move"] = "move"
    call: Id
    queue: Id
    keep_place: bool


class SetQueue(Ask):
    """Close a queue, or open it. `send_away`: those who wait leave by their flow's exit."""

    do: Literal["set_queue"] = "set_queue"
    queue: Id
    open: bool
    send_away: bool


# moving the call that one has


class AskTargets(Ask):
    """To whom may a call be sent just now? Told by `targets`."""

    do: Literal["targets"] = "targets"


class MoveTo(Ask):
    """The caller goes there. `cause`: why they were at the wrong place; empty where they were not. `keep_place`: in
    another queue they count as having waited all along."""

    do: Literal["move_to"] = "move_to"
    call: Id
    to: Annotated[str, Field(pattern=r"^(queue|agent|service):[^:]{1,80}$")]
    how: Literal["blind", "consult"]
    """At once, or after asking there, while the caller waits with music."""
    keep_place: bool
    cause: Literal["", "wrong_service", "wrong_queue", "flow"]


class Consulted(Ask):
    """Whom I asked takes the call, or comes in as the third; or I go back to the caller."""

    do: Literal["consulted"] = "consulted"
    call: Id
    then: Literal["complete", "join", "cancel"]


class Park(Ask):
    """The caller waits with music, for any colleague to take; after a while they come back to me."""

    do: Literal["park"] = "park"
    call: Id


class TakeParked(Ask):
    """I take a caller who is parked."""

    do: Literal["take"] = "take"
    call: Id


class CallBack(Ask):
    """Call the citizen of that contact: my phone rings first."""

    do: Literal["call_back"] = "call_back"
    contact: Id


Asked = (
    Available | Pause | Offline | Finish | MoreTime | Hold | Note | Code
    | OpenCase | LinkCase | SetCase | MakePromise | EndPromise | Confirm | Merge | SpokeFor
    | SetAgent | EndWrapUp | Front | Move | SetQueue
    | AskTargets | MoveTo | Consulted | Park | TakeParked | CallBack
)  # fmt: skip

ASKED: TypeAdapter[Asked] = TypeAdapter(Annotated[Asked, Field(discriminator="do")])


# --- what the server says ----------------------------------------------------------------------------------------


class Choice(Message):
    """Something to choose: the word that is recorded, and what is shown for it, by language."""

    name: str
    title: dict[str, str]


class Me(Message):
    """First of all: who is signed in, and what may be chosen."""

    tell: Literal["me"] = "me"
    account: str
    name: str
    agent: str | None
    language: str
    may: list[str]
    reasons: list[Choice]
    """For a pause."""
    codes: list[Choice]
    """How a call may have come out."""
    topics: list[Choice]
    """Empty: agents type it."""
    now: int
    """The server's clock, for the page to count by."""


class Choices(Message):
    """Another version of the town is live: what may be chosen from now on."""

    tell: Literal["choices"] = "choices"
    reasons: list[Choice]
    codes: list[Choice]
    topics: list[Choice]


class State(Message):
    """What the agent chose, what they do, and what their phone does."""

    tell: Literal["state"] = "state"
    status: Literal["available", "paused", "offline"]
    reason: str
    state: Literal["idle", "offered", "ringing", "talking", "hold", "wrap_up", "not_responding"]
    device: Literal["free", "busy", "unreachable"]
    since: int
    """When they became idle, or were offered the call that they have."""
    wrap_up_until: int
    """0: until coded, or no wrap-up."""
    wrap_up_latest: int
    call: str
    """The call that they have, or are asked to take; or ""."""
    calls: int
    """Answered since they came."""
    busy_ms: int


class QueueLine(Message):
    """A queue as it stands (queues/standing.py)."""

    name: str
    title: dict[str, str]
    closed: bool
    waiting: int
    talking: int
    longest_ms: int
    staffed: int
    idle: int


class Queues(Message):
    tell: Literal["queues"] = "queues"
    queues: list[QueueLine]


class AgentLine(Message):
    """An agent, as supervisors see them."""

    id: str
    name: str
    extension: str
    status: Literal["available", "paused", "offline"]
    reason: str
    state: Literal["idle", "offered", "ringing", "talking", "hold", "wrap_up", "not_responding"]
    device: Literal["free", "busy", "unreachable"]
    since: int
    queue: str
    """Of the call that they have; or ""."""
    calls: int


class WaitingLine(Message):
    """Somebody in line, without saying who."""

    call: str
    queue: str
    since: int
    priority: int
    agent: str
    """Whose phone rings for them; or ""."""


class Board(Message):
    """For supervisors: every agent, and those in line, the next one first."""

    tell: Literal["board"] = "board"
    agents: list[AgentLine]
    waiting: list[WaitingLine]


class Heard(Message):
    """A step of the flow that the call went through."""

    step: str
    text: dict[str, str]
    """What was said there, by language; empty where nothing was, or another version of the flow is live."""


class Chosen(Message):
    """What the caller keyed in, and where it led ("": asked again)."""

    step: str
    digits: str
    choice: str


class SkillAsked(Message):
    """A skill that the call asks for, and that this agent has."""

    name: str
    asked: int
    has: int


class Pop(Message):
    """A call is offered: whose it is and what is known. `story` is history.pop.Pop, or null
    where the history does not answer in time."""

    tell: Literal["pop"] = "pop"
    call: str
    entry: str
    offer: str
    queue: str
    title: dict[str, str]
    guide: dict[str, str]
    """What the queue asks its agents to say or to ask, by language."""
    number: str
    """As it may be shown; empty where it was withheld."""
    name: str
    language: str
    waited_ms: int
    priority: int
    why: dict[str, str]
    """The sentence of the decision, by language."""
    skills: list[SkillAsked]
    """By which it came here; none where anyone may answer."""
    widened: int
    """How often the queue had to ask for less before."""
    path: list[Heard]
    """In order."""
    choices: list[Chosen]
    """In order."""
    story: dict[str, Any] | None


class Story(Message):
    """The same of a call that is shown already, once what was said of it is recorded."""

    tell: Literal["story"] = "story"
    call: str
    story: dict[str, Any]


class AgentTarget(Message):
    """A colleague. `busy`: the caller waits for them."""

    id: str
    name: str
    state: Literal["free", "busy", "paused", "away"]


class ServiceTarget(Message):
    """A service of the directory. `allowed`: it may be dialled."""

    name: str
    title: dict[str, str]
    open: bool
    allowed: bool


class Targets(Message):
    """To whom a call may be sent, besides the queues."""

    tell: Literal["targets"] = "targets"
    agents: list[AgentTarget]
    services: list[ServiceTarget]


class ParkedLine(Message):
    """A caller who is parked: since when, by whom, and until when at the latest."""

    slot: int
    call: str
    queue: str
    by: str
    name: str
    """Of the agent."""
    since: int
    until: int


class Parked(Message):
    """For agents: all who are parked, by their slots."""

    tell: Literal["parked"] = "parked"
    calls: list[ParkedLine]


class Asking(Message):
    """The agent asks somebody while their caller waits: how far that has come. `joined`: all three talk; `back`: they
    talk with the caller again; empty: nobody was asked."""

    tell: Literal["asking"] = "asking"
    call: str
    to: str
    state: Literal["", "waiting", "ringing", "reached", "joined", "back"]


class Gone(Message):
    """The call is not this agent's any more: over, or the offer came to nothing. Its page stays for the wrap-up."""

    tell: Literal["gone"] = "gone"
    call: str
    reason: str


class Done(Message):
    tell: Literal["done"] = "done"
    ref: int
    made: str = ""
    """What was made by it, for people: a case's number."""


class RefusedAsk(Message):
    tell: Literal["refused"] = "refused"
    ref: int
    error: str
    """A word that the page has a sentence for."""


class Bye(Message):
    """The session has ended; the server closes."""

    tell: Literal["bye"] = "bye"
    reason: str


class Beat(Message):
    """Every BEAT_S: whoever hears nothing for a while is cut off, and connects again."""

    tell: Literal["beat"] = "beat"


Told = (
    Me
    | Choices
    | State
    | Queues
    | Board
    | Pop
    | Story
    | Gone
    | Targets
    | Asking
    | Parked
    | Done
    | RefusedAsk
    | Bye
    | Beat
)

TOLD: TypeAdapter[Told] = TypeAdapter(Annotated[Told, Field(discriminator="tell")])
