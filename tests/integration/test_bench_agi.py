"""The benchmark of AGI runs, in small."""

import pytest

from app.bench import agi


async def test_the_figures_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("TALKING", 3), ("TALKING_S", 0.2), ("SLEEPING", 200), ("SLEEPING_S", 0.2)):
        monkeypatch.setattr(agi, name, value)
    figures = await agi.run()
    assert figures.keys() == {"commands_per_s", "idle_kb_per_call", "idle_cpu"}
    assert figures["commands_per_s"] > 0
    assert figures["idle_kb_per_call"] > 0
