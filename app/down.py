"""Stop the running house and wait until all of it has ended."""

import os
import select
import signal

from app.house import end_left_overs, holder
from app.settings import Settings
from core.errors import GuichetError

WITHIN_S = 15.0
"""The supervisor itself takes 10 s at most. After this it is killed, and all its children die with it."""


def stop(settings: Settings) -> bool:
    """False where nothing runs."""
    pid = holder(settings.state)
    if not pid:
        return False
    try:
        watch = os.pidfd_open(pid)
    except ProcessLookupError:  # it has just ended
        return True
    try:
        if holder(settings.state) != pid:  # it ended before we held on to it: the id may be another's now
            return True
        signal.pidfd_send_signal(watch, signal.SIGTERM)
        if not _ended(watch, WITHIN_S):
            signal.pidfd_send_signal(watch, signal.SIGKILL)
            _ended(watch, WITHIN_S)
    except PermissionError:
        raise GuichetError(f"The house on {settings.state} is another user's (process {pid}): ask them.") from None
    finally:
        os.close(watch)
    if not holder(settings.state):
        end_left_overs(settings)
    return True


def _ended(watch: int, within_s: float) -> bool:
    poll = select.poll()
    poll.register(watch, select.POLLIN)
    return bool(poll.poll(within_s * 1000))
