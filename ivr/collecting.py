"""Asking for digits a number of times. Nothing, and nothing valid, are counted apart (VoiceXML's noinput and nomatch);
the question is put `attempts` times in all, then the step's `otherwise` is taken (Irish universal-design guidance:
after two presentations, a person)."""

from ivr.acts import Pressed
from ivr.run import Run

FIRST_DIGIT_MS = 7_000
PRESENTATIONS = 2
LONGEST_KEPT = 64
"""Of what the caller keyed in, at most so much goes into an event."""


def missed(run: Run, pressed: Pressed, attempts: int, otherwise: str) -> str | None:
    """The caller's digits led nowhere: None where the question is to be put again, else `otherwise`."""
    counts = run.session.attempts
    what = "invalid" if pressed.text or pressed.complete else "nothing"
    counts[what] = counts.get(what, 0) + 1
    exit_ = otherwise if sum(counts.values()) >= attempts else None
    run.chose(pressed.text[:LONGEST_KEPT], exit_ or "")
    return exit_
