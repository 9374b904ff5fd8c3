"""Errors whose sentence is shown to a person. Whatever else is raised is a bug."""


class GuichetError(Exception):
    """A failure that a person can mend. The message is one sentence that says what is wrong and what to do."""


class CallerGone(Exception):
    """The caller hung up: nothing more can be said on this channel."""


class ChannelLost(Exception):
    """The way to the telephone network broke while the caller may still be there: the call goes on elsewhere."""
