"""A process's figures in a file, as Prometheus' textfile collector and our own web server read them."""

from collections.abc import Mapping
from pathlib import Path

from core.whole import PUBLIC, write_whole

HISTORY_FIGURES = "history.prom"
"""The file of the history process, in the folder of short-lived things."""

HELP: Mapping[str, str] = {
    "guichet_history_lag_events": "Events in the stream that are not in the database yet.",
    "guichet_history_recorded_total": "Events recorded since the process began.",
    "guichet_history_poisoned_total": "Events set aside since the process began.",
    "guichet_history_poison": "Things set aside that wait for somebody: guichet recorder poison.",
    "guichet_history_unusual_readings": "How often reading of people's history stood out in the last 24 hours.",
    "guichet_history_away_seconds": "For how long the stream or the database has not answered; 0 when all is well.",
}


class Gauges:
    def __init__(self, file: Path) -> None:
        self._file = file

    def write(self, figures: Mapping[str, float]) -> None:
        lines = []
        for name, value in figures.items():
            kind = "counter" if name.endswith("_total") else "gauge"
            lines += [f"# HELP {name} {HELP[name]}", f"# TYPE {name} {kind}", f"{name} {value}"]
        write_whole(self._file, "\n".join(lines) + "\n", PUBLIC)


def read_figures(file: Path) -> dict[str, float]:
    """What was written there last; nothing where nothing was."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    told = (line.split() for line in lines if line and not line.startswith("#"))
    return {name: float(value) for name, value in told}
