"""Small scenarios, written as people write them."""

from pathlib import Path

from core.files import Faults
from simulator.measures import Estimate
from simulator.scenario import Scenario, load_scenario
from simulator.simulate import simulate

MARKOV = """
simulation: {calls} calls an hour, {agents} agents
queues: [{{queue: q, wrap_up: 0s, service_level: {{within: {within}, target: 80%}}}}]
callers:
  - queue: q
    arrive: {{per_hour: {calls}}}
    talk: {{mean: 1m}}
    {patience}
agents: [{{agents: a, count: {agents}}}]
warm_up: {warm_up}
horizon: {horizon}
replications: {replications}
seed: 7
"""


def markov(
    calls: int, agents: int, patience: str = "", within: str = "20s", warm_up: str = "1h", horizon: str = "5h",
    replications: int = 10,
) -> str:  # fmt: skip
    """Random calls, exponential talks of one minute on average, agents who are all alike."""
    told = f"patience: {{mean: {patience}}}" if patience else ""
    return MARKOV.format(
        calls=calls, agents=agents, patience=told, within=within, warm_up=warm_up, horizon=horizon,
        replications=replications,
    )  # fmt: skip


def read(text: str, folder: Path) -> tuple[Scenario | None, list[str]]:
    """The scenario, and what is told of its faults, as of a file s.yaml."""
    path = folder / "s.yaml"
    path.write_text(text)
    faults = Faults()
    scenario = load_scenario(path, faults)
    return scenario, [str(fault).replace(f"{folder}/", "") for fault in faults.found]


def played(text: str, folder: Path) -> dict[str, dict[str, Estimate]]:
    scenario, told = read(text, folder)
    assert scenario is not None, told
    return {name: dict(figures) for name, figures in simulate(scenario).queues.items()}
