"""What an entry and an agent may do next, as tables. What is not in a table is refused."""

from collections.abc import Mapping
from enum import StrEnum

from queues.model import AgentState, EntryState, Setback


class Cause(StrEnum):
    """What moves an entry or an agent. A setback moves both as WITHDRAWN."""

    OFFERED = "offered"
    RINGING = "ringing"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"
    RELEASED = "released"
    """Withdrawn, while other offers of the same entry are in force."""
    HANDED = "handed"
    """Deferred work to an agent who holds it beside calls."""
    RETURNED = "returned"
    """Given back by an agent who had begun with it."""
    INTERRUPTED = "interrupted"
    """The agent's phone was lost while they talked: the caller waits again."""
    MISSED = "missed"
    """Withdrawn, and it was one unanswered offer too many."""
    LEFT = "left"
    FINISHED = "finished"
    WRAPPED_UP = "wrapped_up"
    CAME_BACK = "came_back"
    HELD = "held"
    TOOK_BACK = "took_back"
    """The agent talks again with the caller who was on hold."""
    EXTENDED = "extended"
    """The agent asked for more time to wrap up."""
    CODED = "coded"
    """The agent said what the outcome was, and so ended the wrap-up."""
    CUT = "cut"
    """Somebody ended the wrap-up before its time."""
    MOVED = "moved"
    """Into another queue."""
    SET_ASIDE = "set_aside"
    """The caller does something else; the place is kept."""


ENTRY_MOVES: Mapping[tuple[EntryState, Cause], EntryState] = {
    (EntryState.WAITING, Cause.OFFERED): EntryState.OFFERED,
    (EntryState.WAITING, Cause.LEFT): EntryState.ENDED,
    (EntryState.WAITING, Cause.MOVED): EntryState.WAITING,
    (EntryState.WAITING, Cause.HANDED): EntryState.CONNECTED,
    (EntryState.WAITING, Cause.SET_ASIDE): EntryState.ASIDE,
    (EntryState.ASIDE, Cause.CAME_BACK): EntryState.WAITING,
    (EntryState.ASIDE, Cause.LEFT): EntryState.ENDED,
    (EntryState.OFFERED, Cause.RINGING): EntryState.OFFERED,
    (EntryState.OFFERED, Cause.ANSWERED): EntryState.CONNECTED,
    (EntryState.OFFERED, Cause.WITHDRAWN): EntryState.WAITING,
    (EntryState.OFFERED, Cause.RELEASED): EntryState.OFFERED,
    (EntryState.OFFERED, Cause.LEFT): EntryState.ENDED,
    (EntryState.CONNECTED, Cause.RETURNED): EntryState.WAITING,
    (EntryState.CONNECTED, Cause.INTERRUPTED): EntryState.WAITING,
    (EntryState.CONNECTED, Cause.FINISHED): EntryState.ENDED,
}

AGENT_MOVES: Mapping[tuple[AgentState, Cause], AgentState] = {
    (AgentState.IDLE, Cause.OFFERED): AgentState.OFFERED,
    (AgentState.OFFERED, Cause.RINGING): AgentState.RINGING,
    (AgentState.OFFERED, Cause.ANSWERED): AgentState.TALKING,
    (AgentState.RINGING, Cause.ANSWERED): AgentState.TALKING,
    (AgentState.OFFERED, Cause.WITHDRAWN): AgentState.IDLE,
    (AgentState.RINGING, Cause.WITHDRAWN): AgentState.IDLE,
    (AgentState.OFFERED, Cause.MISSED): AgentState.NOT_RESPONDING,
    (AgentState.RINGING, Cause.MISSED): AgentState.NOT_RESPONDING,
    (AgentState.OFFERED, Cause.LEFT): AgentState.IDLE,
    (AgentState.RINGING, Cause.LEFT): AgentState.IDLE,
    (AgentState.TALKING, Cause.HELD): AgentState.HOLD,
    (AgentState.HOLD, Cause.TOOK_BACK): AgentState.TALKING,
    (AgentState.TALKING, Cause.RETURNED): AgentState.IDLE,
    (AgentState.HOLD, Cause.RETURNED): AgentState.IDLE,
    (AgentState.TALKING, Cause.INTERRUPTED): AgentState.IDLE,
    (AgentState.HOLD, Cause.INTERRUPTED): AgentState.IDLE,
    (AgentState.TALKING, Cause.FINISHED): AgentState.WRAP_UP,
    (AgentState.HOLD, Cause.FINISHED): AgentState.WRAP_UP,
    (AgentState.WRAP_UP, Cause.EXTENDED): AgentState.WRAP_UP,
    (AgentState.WRAP_UP, Cause.CODED): AgentState.IDLE,
    (AgentState.WRAP_UP, Cause.CUT): AgentState.IDLE,
    (AgentState.WRAP_UP, Cause.WRAPPED_UP): AgentState.IDLE,
    (AgentState.NOT_RESPONDING, Cause.CAME_BACK): AgentState.IDLE,
}
"""A finished talk goes through wrap-up to idle at once where the wrap-up lasts 0 ms."""

IN_CONVERSATION = frozenset({AgentState.TALKING, AgentState.HOLD})

BUSY_WITH_A_CALL = IN_CONVERSATION | {AgentState.OFFERED, AgentState.RINGING}
"""The states in which an agent has an entry and an offer."""

EXCLUDING = frozenset({Setback.NO_ANSWER, Setback.BUSY, Setback.UNREACHABLE, Setback.EXPIRED})
"""The setbacks after which the agent is left out for the same call for a while."""
