"""What a town itself answers to a call that is played without a telephone: its opening hours at the time of a call."""

from datetime import datetime, timedelta

from app.town import Town
from hours.calendar import EPOCH
from hours.status import status
from ivr.acts import Hours, Wait
from ivr.world import OwnAnswer, Told
from telephony.opening import told


def own_answer(town: Town) -> OwnAnswer:
    """By the files: no switch is thrown where nothing runs."""

    def answer(wait: Wait, moment: datetime) -> Told | None:
        hours = town.hours.get(wait.hours) if isinstance(wait, Hours) else None
        if hours is None:
            return None
        at = (moment.replace(tzinfo=moment.tzinfo or hours.timezone) - EPOCH) // timedelta(milliseconds=1)
        return told(hours, at, status(hours, at))

    return answer
