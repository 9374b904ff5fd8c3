"""A process's figures in a file, as Prometheus' textfile collector and our own web server read them."""

from collections.abc import Mapping
from pathlib import Path

HELP: Mapping[str, str] = {
    "guichet_history_lag_events": "Events in the stream that are not in the database yet.",
    "guichet_history_recorded_total": "Events recorded since the process began.",
    "guichet_history_poisoned_total": "Events set aside since the process began.",
    "guichet_history_away_seconds": "For how long the stream or the database has not answered; 0 when all is well.",
}


class Gauges:
    def __init__(self, file: Path) -> None:
        self._file = file

    def write(self, figures: Mapping[str, float]) -> None:
        """All at once or not at all: whoever reads never sees half of them."""
        lines = []
        for name, value in figures.items():
            kind = "counter" if name.endswith("_total") else "gauge"
            lines += [f"# HELP {name} {HELP[name]}", f"# TYPE {name} {kind}", f"{name} {value}"]
        fresh = self._file.with_name(f".{self._file.name}.fresh")
        fresh.write_text("\n".join(lines) + "\n", encoding="utf-8")
        fresh.replace(self._file)
