"""Who may do what. Whatever is not in the table, nobody may."""

from collections.abc import Mapping
from enum import StrEnum

from history.staff import Role, Staff


class Act(StrEnum):
    """What is asked of the desk's server."""

    DESK = "desk"
    """A page of one's own, told of the queues."""
    OWN_STATE = "own_state"
    """One's own status, wrap-up, hold, offers."""
    OWN_CALL = "own_call"
    """Notes, codes and moves of the call that one has."""
    PHONE = "phone"
    """A phone in the page."""
    READ_PERSON = "read_person"
    """Somebody's history, by itself; the story of one's own call comes with the call."""
    WATCH = "watch"
    """All queues and agents, by name."""
    STEER = "steer"
    """Others' status and skills, the order and places of calls, closing queues."""
    READ_AUDIT = "read_audit"
    ACCOUNTS = "accounts"
    """Who may sign in, and as what."""
    """Who read whose history."""
    EXPORT_PERSON = "export_person"
    """Everything that is kept about somebody, for that person."""
    ERASE_PERSON = "erase_person"


MAY: Mapping[Act, frozenset[Role]] = {
    Act.DESK: frozenset(Role),
    Act.OWN_STATE: frozenset({Role.AGENT}),
    Act.OWN_CALL: frozenset({Role.AGENT}),
    Act.PHONE: frozenset({Role.AGENT}),
    Act.READ_PERSON: frozenset({Role.AGENT, Role.SUPERVISOR}),
    Act.WATCH: frozenset({Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR}),
    Act.STEER: frozenset({Role.SUPERVISOR}),
    Act.READ_AUDIT: frozenset({Role.AUDITOR, Role.ADMIN}),
    Act.ACCOUNTS: frozenset({Role.ADMIN}),
    Act.EXPORT_PERSON: frozenset({Role.AUDITOR, Role.ADMIN}),
    Act.ERASE_PERSON: frozenset({Role.ADMIN}),
}


def may(staff: Staff, act: Act) -> bool:
    return bool(MAY[act] & staff.roles)
