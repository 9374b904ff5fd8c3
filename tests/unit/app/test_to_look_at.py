"""What `status` says when somebody should look at the history."""

from pathlib import Path

from app.gauges import Gauges, read_figures
from app.show import to_look_at


def test_what_stands_out_is_a_sentence_with_the_command_that_tells_more(tmp_path: Path):
    file = tmp_path / "history.prom"
    assert to_look_at(read_figures(file)) == []
    Gauges(file).write({"guichet_history_unusual_readings": 2, "guichet_history_poison": 1})
    assert to_look_at(read_figures(file)) == [
        "Reading of people's history stood out 2 times in the last 24 hours: ./guichet people unusual tells.",
        "What happened could not be recorded once: ./guichet recorder poison tells.",
    ]
    Gauges(file).write({"guichet_history_unusual_readings": 0, "guichet_history_poison": 0})
    assert to_look_at(read_figures(file)) == []
