"""Every channel variable of ours, in one place. The dialplan (asterisk_conf) speaks the same names."""

END = "GUICHET_END"
"""1 when an engine brought the call to its proper end. The dialplan trusts only that: AGISTATUS says SUCCESS even when
the engine died."""

OFFER = "GUICHET_OFFER"
"""The offer for which the agent's phone was last dialled: the one that DIALSTATUS speaks of."""

BEGAN, ANSWERED = "GUICHET_BEGAN", "GUICHET_ANSWERED"
"""When the line came into the dialplan, and when the phone that it last dialled answered: milliseconds since 1970, set
by the dialplan. ANSWERED is 0 while who answered is told something first, and is not joined yet."""

PARTED = "GUICHET_PARTED"
"""Q.850's cause with which the phone that answered was gone again; set by the dialplan, a moment after it was."""

ENTRY = "GUICHET_ENTRY"
"""What is needed to put the call back in line when the store was lost."""

AGENT = "GUICHET_AGENT"
"""The authenticated endpoint of an agent's phone that dialled a feature code; set by the dialplan."""

HEARD = "GuichetHeard"
"""No variable, but the event by which the dialplan's [message] says that somebody answered, since Dial itself tells of
it only when the message is over; and its [whisper], that they have heard it and are joined now."""

DIGITS = "GUICHET_DIGITS"
"""What EXEC Read collected."""

LEG, ROOM = "GUICHET_LEG", "GUICHET_ROOM"
"""Of an agent's phone that was taken out of a conversation: the entry under which it talks, and the room it goes to."""

MET = "GUICHET_MET"
"""For what the caller's line was last in a room. CONFBRIDGE_RESULT says that this is over."""
