"""The measures. Each is defined here and nowhere else; whoever changes what one means gives it the next version.

Their sources: FIELD's table of measures. Shares are from 0 to 1, times in seconds, counts are whole numbers. A measure
of nothing (a mean of no waits) is None.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.errors import GuichetError
from history.measures.tally import Tally

WITHIN_MS = 60_000
"""T, where a queue's file names no other."""
SHORT_ABANDON_MS = 5_000
SINGLE_CONTACT_MS = 7 * 86_400_000
CONTAINMENT_MS = 86_400_000
MOST_TRIES = 3
CHOSEN = frozenset({"choice", "chosen", "digit", "voicemail", "callback", "end", "caller_hung_up"})
"""Reasons for leaving a line that were the caller's own wish; all others count as unwanted overflows: moved,
transferred, sent away, and what a rule did without asking (sent_voicemail, sent_end)."""
REFUSED_OFFERS = frozenset({"no_answer", "busy", "unreachable", "expired", "agent_left"})


class Unit(StrEnum):
    COUNT = "count"
    SHARE = "share"
    SECONDS = "seconds"


@dataclass(frozen=True, slots=True)
class Measure:
    """`words` say what it is, in the languages of the screens."""

    name: str
    version: int
    unit: Unit
    of: Callable[[Tally], float | None]
    words: Mapping[str, str]


SERVICE_LEVELS: Mapping[str, Callable[[Tally], float | None]] = {
    "guichet": lambda t: share(t.answered_within, t.answered + t.abandoned - t.short_abandons + t.unwanted),
    "asterisk": lambda t: share(t.answered_within, t.answered),
    "asterisk_sl2": lambda t: share(t.answered_within + t.abandoned_within, t.answered + t.abandoned),
    "genesys": lambda t: share(t.answered_within, t.answered + t.abandoned),
    "amazon": lambda t: share(
        t.answered_within + t.abandoned_within + t.callbacks_within, t.answered + t.abandoned + t.callbacks
    ),
}
"""What different systems call the service level; `guichet` is ours. `asterisk` and `asterisk_sl2`: app_queue's first
and second; `genesys`: all abandons count and no flow-outs; `amazon`: all who left the queue within T, by whatever way,
callbacks too."""


def share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _seconds(total_ms: float, count: int) -> float | None:
    return total_ms / count / 1000 if count else None


def _in_seconds(ms: int | None) -> float | None:
    return None if ms is None else ms / 1000


VERSIONS: Mapping[str, int] = {
    "service_level": 2, "containment": 2, "person_success": 2, "expected_wait_error": 2, "expected_wait_bias": 2,
    "expected_wait_right": 2,
}  # fmt: skip
"""Those that were changed. service_level 2: a polite end that was chosen is not unwanted, a way out that a rule took by
itself is. containment 2: whom a closed queue turned away, and who left a message, had asked for somebody.
person_success 2: whoever was called back as promised, that day, reached a person; when we call, nobody tried.
expected_wait_* 2: error and bias are those of the estimate, not of the middle of what was spoken, and an interval
without a later end has none."""


def _count(name: str, fr: str, en: str) -> Measure:
    def counted(tally: Tally) -> float | None:
        value: int = getattr(tally, name)
        return value

    return Measure(name, 1, Unit.COUNT, counted, {"fr": fr, "en": en})


def _share(name: str, of: Callable[[Tally], float | None], fr: str, en: str) -> Measure:
    return Measure(name, VERSIONS.get(name, 1), Unit.SHARE, of, {"fr": fr, "en": en})


def _time(name: str, of: Callable[[Tally], float | None], fr: str, en: str) -> Measure:
    return Measure(name, VERSIONS.get(name, 1), Unit.SECONDS, of, {"fr": fr, "en": en})


def measures(service_level: str = "guichet") -> Mapping[str, Measure]:
    """All of them by name, in the order in which they are shown. `service_level` names one of SERVICE_LEVELS; any other
    name is a GuichetError."""
    if service_level not in SERVICE_LEVELS:
        raise GuichetError(f"There is no service level {service_level[:40]!r}; there are {', '.join(SERVICE_LEVELS)}.")
    level = _share(
        "service_level", SERVICE_LEVELS[service_level],
        "Niveau de service", "Service level",
    )  # fmt: skip
    found = (*COUNTS, level, *OTHERS)
    return {measure.name: measure for measure in found}


COUNTS = (
    _count("offered", "Entrées en file", "Offered"),
    _count("answered", "Appels pris", "Answered"),
    _count("abandoned", "Abandons", "Abandoned"),
    _count("left", "Sorties de file", "Left"),
    _count("callbacks", "Rappels demandés", "Callbacks"),
    _count("waiting", "En attente", "Waiting"),
    _count("short_abandons", "Abandons courts", "Short abandons"),
)

OTHERS = (
    _share("abandonment", lambda t: share(t.abandoned, t.offered), "Taux d'abandon", "Abandonment"),
    _share("abandonment_net", lambda t: share(t.abandoned - t.short_abandons, t.offered - t.short_abandons),
           "Taux d'abandon net", "Abandonment, net"),
    _time("asa", lambda t: _seconds(t.wait_ms, t.answered), "Attente moyenne", "Average speed of answer"),
    _time("wait_p50", lambda t: _in_seconds(t.wait_p50), "Attente médiane", "Median wait"),
    _time("wait_p90", lambda t: _in_seconds(t.wait_p90), "Attente, 90 %", "Wait, 90 %"),
    _time("wait_p95", lambda t: _in_seconds(t.wait_p95), "Attente, 95 %", "Wait, 95 %"),
    _time("aht", lambda t: _seconds(t.talk_ms + t.wrap_up_ms, t.handled), "Durée moyenne de traitement",
          "Average handle time"),
    _share("occupancy", lambda t: share(t.busy_ms, t.busy_ms + t.idle_ms), "Occupation", "Occupancy"),
    _share("agent_non_response", lambda t: share(t.not_accepted, t.offers), "Offres non acceptées",
           "Offers not accepted"),
    _count("contacts", "Contacts", "Contacts"),
    _share("single_contact", lambda t: share(t.single, t.ripe), "Contact unique", "Single contact"),
    _share("single_contact_ripe", lambda t: share(t.ripe, t.identified), "Contact unique : part mûre",
           "Single contact: ripe share"),
    _share("anonymous", lambda t: share(t.anonymous, t.identified + t.anonymous), "Part anonyme", "Anonymous share"),
    _share("containment", lambda t: share(t.contained, t.ripe_a_day), "Résolu sans agent", "Containment"),
    _share("misdirection", lambda t: share(t.reoriented, t.answered), "Réorientations", "Misdirection"),
    _time("expected_wait_error", lambda t: _seconds(t.told_wrong_ms, t.told), "Attente annoncée : écart moyen",
          "Expected wait: mean error"),
    _time("expected_wait_bias", lambda t: _seconds(t.told_over_ms, t.told), "Attente annoncée : biais",
          "Expected wait: bias"),
    _share("expected_wait_right", lambda t: share(t.told_right, t.told), "Attente annoncée : juste",
           "Expected wait: within what was said"),
    _share("callbacks_reached", lambda t: share(t.called, t.promised), "Rappels aboutis", "Callbacks reached"),
    _share("callbacks_in_time", lambda t: share(t.in_time, t.promised), "Rappels à l'heure", "Callbacks in time"),
    _share("person_success", lambda t: share(t.reached, t.tried), "Personnes ayant abouti", "Per-person success"),
)  # fmt: skip
