"""What is counted for each queue, agent, topic, …: whole numbers, and the percentiles of the waits."""

from dataclasses import dataclass, fields


@dataclass(slots=True)
class Tally:
    """Counts over an interval; times in milliseconds. Entries count by the time of entry, contacts by their beginning,
    offers, re-orientations and promises by their own time. O = A + B + F + C + W, always."""

    # entries: calls in line
    offered: int = 0
    """O"""
    answered: int = 0
    """A"""
    abandoned: int = 0
    """B: the caller hung up in line."""
    left: int = 0
    """F: a choice of the caller's or an overflow took the call out of this line."""
    callbacks: int = 0
    """C: became a callback."""
    waiting: int = 0
    """W: still in line."""
    short_abandons: int = 0
    """B_s, of B: within the limit of short abandons."""
    unwanted: int = 0
    """Of F: not what the caller chose."""
    answered_within: int = 0
    """Of A, B, C: within the time of the service level."""
    abandoned_within: int = 0
    callbacks_within: int = 0
    wait_ms: int = 0
    """Of A: all waits together."""
    handled: int = 0
    """Of A: conversations that are over, with their talk (hold is part of it) and wrap-up."""
    talk_ms: int = 0
    hold_ms: int = 0
    wrap_up_ms: int = 0
    told: int = 0
    """Of A: callers who had been told how long they would wait,"""
    told_wrong_ms: int = 0
    """how far the estimate was from the truth, all together,"""
    told_over_ms: int = 0
    """how much more than the truth it was (less: negative),"""
    told_right: int = 0
    """and how many waited as long as the interval that was spoken said; one without a later end has none."""
    wait_p50: int | None = None
    wait_p90: int | None = None
    wait_p95: int | None = None
    """Of A: the wait that so many in a hundred did not exceed."""

    # offers to agents
    offers: int = 0
    """Those that came to something: accepted or not."""
    not_accepted: int = 0

    # contacts
    contacts: int = 0
    identified: int = 0
    """Of contacts that are over: whose person is known."""
    anonymous: int = 0
    """And unknown."""
    ripe: int = 0
    """Of the identified: 7 days have passed since."""
    single: int = 0
    """Of the ripe: settled, and no new contact of the same person on the same topic within 7 days."""
    ripe_a_day: int = 0
    """Of the identified: 24 hours have passed since."""
    contained: int = 0
    """Of those: ended in self-service, no agent asked for, no new contact within 24 hours."""
    tried: int = 0
    """Persons, each counted once a day, who called,"""
    reached: int = 0
    """and who reached an answer or a person that day: in a call, or called back as it was promised them that day. That
    somebody listened to their message is no person reached, and a call back without such a promise tells nothing of
    whether they picked up."""
    reoriented: int = 0
    """Re-orientations: callers sent on from a wrong place."""

    # agents
    busy_ms: int = 0
    """Agents' time with a call: offered, ringing, talk, hold, wrap-up."""
    idle_ms: int = 0
    """Agents' time in which they were available and nothing was to be done."""

    # promises of a callback
    promised: int = 0
    called: int = 0
    """Reached in at most three tries."""
    in_time: int = 0
    """Reached within the window that was spoken."""

    def add(self, counts: "Tally") -> None:
        """Take in another one's counts, of other things."""
        for each in fields(self):
            value = getattr(counts, each.name)
            if value is not None:
                setattr(self, each.name, value + (getattr(self, each.name) or 0))
