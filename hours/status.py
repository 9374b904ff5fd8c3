"""Whether a service is open at a moment, why, and when that changes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from hours.calendar import Cause, Span, hours_on, local, spans
from hours.definition import Hours
from hours.switch import Switch

HORIZON_DAYS = 400
"""So far ahead is looked for the next opening."""
DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Status:
    """Moments in milliseconds since 1970 UTC; None where there is none within HORIZON_DAYS or nobody can know it: a
    switch has no end. `cause`: what decides today; `name`: of today's public holiday, or why the switch was thrown."""

    open: bool
    cause: Cause
    closes_at: int | None = None
    """Where it is open."""
    next_open: int | None = None
    """When it opens next: after this opening, where it is open."""
    name: str = ""


def status(hours: Hours, at: int, switch: Switch | None = None) -> Status:
    """`switch`: the one that may decide (hours.switch.switch_for)."""
    decides = switch if switch and switch.in_force(at) else None
    ahead = _from(_timeline(hours, at, decides), at)
    now = next(ahead, None)
    is_open = now is not None and now.begin <= at
    later = next(ahead, None) if is_open else now
    today = hours_on(hours, local(hours, at).date())
    for_good = decides is not None and not decides.until
    by_file_from = max(at, decides.until) if decides else at
    endless = now is not None and now.end > by_file_from + (HORIZON_DAYS - 2) * DAY_MS
    return Status(
        open=is_open,
        cause=Cause.SWITCH if decides else today.cause,
        closes_at=now.end if now and is_open and not (for_good or endless) else None,
        next_open=later.begin if later and not for_good else None,
        name=decides.because if decides else today.name,
    )


def open_at(hours: Hours, at: int, switch: Switch | None = None) -> bool:
    return status(hours, at, switch).open


def closes_at(hours: Hours, at: int, switch: Switch | None = None) -> int | None:
    """When the opening of that moment ends; None where it is closed, or its end is not known."""
    return status(hours, at, switch).closes_at


def _from(spans_: Iterator[Span], at: int) -> Iterator[Span]:
    """Those that are not over."""
    return (span for span in spans_ if span.end > at)


def _timeline(hours: Hours, at: int, switch: Switch | None) -> Iterator[Span]:
    """When it is open from that moment on, a switch in force taken into account."""
    first = local(hours, max(at, switch.until) if switch else at).date()
    by_file = spans(hours, first - timedelta(days=1), first + timedelta(days=HORIZON_DAYS))
    if switch is None:
        yield from by_file
        return
    if not switch.until:
        yield from [Span(at, at + 1)] if switch.position == "open" else []
        return
    opened = Span(at, switch.until) if switch.position == "open" else None
    for span in _from(by_file, switch.until):
        if opened and span.begin <= opened.end:
            opened = Span(opened.begin, span.end)
            continue
        if opened:
            yield opened
            opened = None
        yield Span(max(span.begin, switch.until), span.end)
    if opened:
        yield opened
