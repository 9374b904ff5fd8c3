"""What a played call's world answers to the acts that a call waits in, in words: `queue: answered`, `lookup: missing`,
`lookup: {status: closed}`. For scenarios, for the terminal, for tests."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from ivr.acts import (
    WAYS_OUT,
    Answer,
    Callback,
    Digits,
    Done,
    Enqueue,
    Hours,
    Input,
    LeftQueue,
    Lookup,
    Pressed,
    Record,
    Refused,
    Service,
    Sms,
    Transfer,
    Value,
    Voicemail,
    Wait,
)  # fmt: skip

KEYS = frozenset("0123456789*#")
NEXT_OPEN = "2030-01-02T09:00"
"""When a place that is closed opens again, in a world that does not say it."""
PAGE = "https://ville.example/answers"
"""Where answers stand in such a world."""
MESSAGE: Mapping[str, Value] = {"file": "message", "seconds": 10}


def _refusals(*reasons: str) -> dict[str, Input]:
    return {reason: Refused(reason) for reason in reasons}


@dataclass(frozen=True, slots=True)
class Outcomes:
    """How an act may end, by the word for it. The first one is what happens where nobody says otherwise: everything
    works, and nothing is found. `brings`: the act's own values may be written instead of a word."""

    act: type[Wait]
    words: Mapping[str, Input]
    brings: bool = True

    @property
    def usual(self) -> str:
        return next(iter(self.words))


OUTCOMES: Mapping[str, Outcomes] = {
    "queue": Outcomes(
        Enqueue,
        {
            "answered": LeftQueue("answered"),
            "unanswered": LeftQueue("unanswered"),
            "served": LeftQueue("served", "callback"),
            **{way: LeftQueue("unanswered", way) for way in WAYS_OUT},
        },
        brings=False,
    ),
    "hours": Outcomes(
        Hours,
        {
            "open": Done({"open": True, "next_open": NEXT_OPEN}),
            "closed": Done({"open": False, "next_open": NEXT_OPEN}),
            **_refusals("unavailable"),
        },
    ),
    "lookup": Outcomes(Lookup, _refusals("missing", "timeout", "unavailable")),
    "answer": Outcomes(Answer, {"done": Done(), **_refusals("missing", "unavailable")}),
    "service": Outcomes(
        Service,
        {
            "open": Done({"open": True, "number": "3900", "next_open": NEXT_OPEN}),
            "closed": Done({"open": False, "number": "3900", "next_open": NEXT_OPEN}),
            **_refusals("missing", "unavailable"),
        },
    ),
    "callback": Outcomes(Callback, {"done": Done(), **_refusals("withheld", "not_allowed", "exists", "unavailable")}),
    "sms": Outcomes(Sms, {"done": Done(), **_refusals("withheld", "not_allowed", "failed", "unavailable")}),
    "voicemail": Outcomes(Voicemail, {"done": Done(MESSAGE), **_refusals("empty", "unavailable")}),
    "record": Outcomes(Record, {"done": Done(MESSAGE), **_refusals("empty", "unavailable")}),
    "transfer": Outcomes(
        Transfer,
        {
            "done": Done({"seconds": 60}),
            **_refusals("busy", "no_answer", "unreachable", "not_allowed", "unavailable"),
        },
    ),
}
"""By the verb's word (`service`: what a transfer asks of the directory). A test walks the acts and fails for one that
is not here."""

Told = str | Mapping[str, Value]
"""An outcome as it is written: a word, or the values that the act brings."""
OwnAnswer = Callable[[Wait, datetime], Told | None]
"""What a town itself answers to an act at a local time; None where it does not know."""


def no_answer(_wait: Wait, _moment: datetime) -> None:
    """Nothing is known of the town."""


def verb_of(act: Wait) -> str:
    """The word of the verb whose act this is; '' for Gather, which the caller answers."""
    return next((word for word, outcomes in OUTCOMES.items() if outcomes.act is type(act)), "")


def outcome(act: Wait, told: Told) -> Input:
    """The input that a written outcome means for this act. KeyError for a word that is none of the act's."""
    outcomes = OUTCOMES[verb_of(act)]
    if isinstance(told, Mapping):
        usual = outcomes.words[outcomes.usual]
        given: Input = Done({**(usual.values if isinstance(usual, Done) else {}), **told})
    else:
        given = outcomes.words[told]
    return Done({**_named(act), **given.values}) if isinstance(given, Done) else given


def _named(act: Wait) -> Mapping[str, Value]:
    """What such a world's answers and services are called and say: their names in brackets."""
    match act:
        case Answer(answer, language, code):
            text = f"({answer or code})"
            return {"text": text, "language": language, "answer": answer or code, "question": text, "page": PAGE,
                    "message": f"{text} {PAGE}"}  # fmt: skip
        case Service(service):
            return {"name": service, "title": f"({service})"}
    return {}


def keyed(digits: Digits, keys: str) -> Pressed:
    """What a caller who presses these keys and then nothing more is taken to have keyed in. Keys after the last digit
    that is wanted are lost."""
    text, ended, _ = keys.partition(digits.terminator) if digits.terminator else (keys, "", "")
    text = text[: digits.most]
    return Pressed(text, complete=bool(ended) or len(text) >= digits.most)
