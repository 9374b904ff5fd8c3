"""What a phone heard, by the clock."""

import pytest

from telephony.phone.audio import encode, tone
from telephony.phone.heard import Heard


def test_sound_a_little_behind_the_clock_still_fills_the_time_asked_for() -> None:
    now = [100.0]
    heard = Heard(lambda: now[0])
    now[0] += 1.09  # the first packet is 90 ms late, and so are all after it
    heard.add(encode(tone(1000)))
    assert heard.last(0.3).seconds == pytest.approx(0.3)
    assert heard.last(0.3).has_tone(1000)
