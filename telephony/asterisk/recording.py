"""The caller's voice into a file."""

import logging
from pathlib import Path

from core.errors import CallerGone
from ivr.acts import Take
from telephony.asterisk.agi import Agi, AppError
from telephony.asterisk.bridge import in_greenlet
from telephony.channel import Taken

log = logging.getLogger(__name__)

SAMPLES_PER_MS = 8
"""What Asterisk counts in `endpos`, for a WAV file."""
END = "#"


async def record(agi: Agi, path: Path, take: Take) -> Taken:
    """One RECORD FILE with a tone before it. What was said before the caller hung up is kept: Asterisk tells its length
    along with the hang-up."""
    silence_s = max(1, round(take.silence_ms / 1000))
    try:
        await in_greenlet(agi.record_file, str(path), "wav", END, take.most_ms, 0, "BEEP", silence_s)
    except CallerGone:
        return Taken(agi.endpos // SAMPLES_PER_MS, gone=True)
    except AppError:
        log.error("Asterisk cannot record into %s.wav", path)
        return Taken(0, failed="unavailable")
    return Taken(agi.endpos // SAMPLES_PER_MS)
