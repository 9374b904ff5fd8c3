"""A report as CSV and as JSON."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from history.measures.asked import HOUR_MS, By
from history.measures.definitions import Unit
from history.measures.report import Report
from history.measures.sql.common import Key
from history.measures.tally import Tally

TOTAL = "total"
UNKNOWN = "(none)"
"""Where it is split by something that is not known of a contact."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_data(report: Report) -> dict[str, Any]:
    """Plain data for JSON: the interval in ms since 1970, measures with their versions, figures by part."""
    question = report.question
    return {
        "from": question.since,
        "until": question.until,
        "zone": question.zone,
        "by": question.by.value if question.by else None,
        "limits": {name.value: value for name, value in question.limits.items()},
        "service_level": {
            "definition": question.service_level,
            "within_ms": question.within_ms,
            "queues": dict(question.within),
            "short_abandon_ms": question.short_abandon_ms,
        },
        "measures": {m.name: {"version": m.version, "unit": m.unit.value} for m in report.measures()},
        TOTAL: report.figures(report.total),
        "parts": [{"key": label(report, key), **report.figures(tally)} for key, tally in report.parts.items()],
        "misleading_steps": dict(report.misleading),
    }


def as_csv(report: Report) -> str:
    """One line a part, the total last. Names begin no formula in a spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([report.question.by.value if report.question.by else "", *(m.name for m in report.measures())])
    for name, tally in rows(report):
        figures = report.figures(tally)
        cells = (_cell(m.unit, figures[m.name]) for m in report.measures())
        writer.writerow([f"'{name}" if name.startswith(_FORMULA) else name, *cells])
    return text.getvalue()


def rows(report: Report) -> Iterator[tuple[str, Tally]]:
    """The parts by the names that are shown, and the total last."""
    for key, tally in report.parts.items():
        yield label(report, key), tally
    yield TOTAL, report.total


def label(report: Report, key: Key) -> str:
    """What a part is called: a name, an hour (`08:00`) or a day (`2026-11-23`) of the report's time zone. An hour that
    the clocks showed twice is told with its offset (`02:00+02:00`, `02:00+01:00`)."""
    question = report.question
    if not isinstance(key, int):
        return key or UNKNOWN
    if question.by is By.DAY:
        return _local(report, question.starts[key]).date().isoformat()
    moment = _local(report, question.since + key * HOUR_MS)
    hour = moment.isoformat(timespec="minutes")[11:] if _twice(moment) else f"{moment:%H:%M}"
    return hour if len(question.starts) == 2 else f"{moment:%Y-%m-%d} {hour}"


def _twice(moment: datetime) -> bool:
    """Did the clocks show that time twice?"""
    return moment.replace(fold=0).utcoffset() != moment.replace(fold=1).utcoffset()


def _local(report: Report, at: int) -> datetime:
    return datetime.fromtimestamp(at / 1000, ZoneInfo(report.question.zone))


def _cell(unit: Unit, value: float | None) -> str:
    if value is None:
        return ""
    return str(int(value)) if unit is Unit.COUNT else f"{value:.4f}" if unit is Unit.SHARE else f"{value:.3f}"
