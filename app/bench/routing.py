"""What routing costs: `./guichet bench routing`. About a minute; one more the first time, as the router is compiled.

A decision, in `decisions_per_s`, `decision_p99_us` and `flatness`: an agent becomes ready, the first of all calls that
they may take is found over all queues, and both are out of the index, with the grounds from which the sentence of why
is made when somebody reads it. In memory, one agent after the other, on one core, the line kept at its length; reading
the event before and committing the offer afterwards are not in it. Memory is settled first, as the dispatcher's is
(app/memory.py). `flatness` is the p99 at 100,000 waiting calls over that at 1,000.

machine_p99_us          the same of a loop that does the same each time, about as long as a decision: what the machine
                        itself adds now and then (interrupts, other virtual machines) is in decision_p99_us as well
routed_per_s            the same from the event in hand to the proposal with its id, the router's picture kept
durable_…_per_s         offers committed on a Valkey of its own (append-only file, everysec): fence checked, events
                        appended, the sentence written, the node told; 50 in one go, and one after the other
free_to_offer_…_ms      from an agent's saying that they are available until the offer is in the hands of the call's
                        node, through a dispatcher in a process of its own
simulated_calls_per_s   calls of made-up days on the same router and commits (app/bench/simulator.py), on all processors
idle_core_share_…       what that dispatcher takes of a core, for each 1,000 callers who wait while nothing happens
compiled                1: with compiled modules (docs/adr/0038); 0: plain Python, as what serves callers
"""

import gc
from time import perf_counter_ns, process_time_ns

from app.bench.routing_durable import durable
from app.bench.routing_world import NOW, Line, freed
from app.bench.simulator import simulated_calls_per_s
from app.compiled import in_use
from app.memory import settle
from core.ids import counted_ids
from queues.index import Index
from queues.match import Match
from queues.model import Agent, Snapshot
from queues.router import Router

TARGETS = {
    "decisions_per_s": ">= 200,000",
    "decision_p99_us": "<= 10",
    "flatness": "<= 3",
    "durable_pipelined_per_s": ">= 10,000",
    "durable_single_per_s": ">= 2,500",
    "free_to_offer_p50_ms": "<= 5",
    "free_to_offer_p99_ms": "<= 50",
    "idle_core_share_per_1000": "<= 0.01",
    "simulated_calls_per_s": ">= 50,000",
}
WAITING, FEW_WAITING, AGENTS, SKILLS = 100_000, 1_000, 20_000, 200
DECISIONS = 40_000
STEADY = 200
"""Additions of the loop that the machine is judged by: some 4 µs."""
ROUND = 100
"""Agents in a row, before as many callers come as were served: fewer than wait, however few they are."""


async def run() -> dict[str, float]:
    """The figures of the docstring above."""
    per_s, p99_us = decisions(WAITING)
    _, few_p99_us = decisions(FEW_WAITING)
    figures = {
        "decisions_per_s": per_s,
        "decision_p99_us": p99_us,
        "flatness": p99_us / few_p99_us,
        "machine_p99_us": machine_p99_us(),
        "routed_per_s": routed_per_s(),
        **await durable(),
        "simulated_calls_per_s": simulated_calls_per_s(),
        "compiled": float(in_use()),
    }
    return {name: round(figure, 4 if figure < 1 else 2) for name, figure in figures.items()}


def decisions(waiting: int) -> tuple[float, float]:
    """Decisions for each second of processor time, and the 99th of 100 of their durations in µs. Agents for whom nobody
    waits are no decision; they go again. Every other round is timed one by one, so that looking at the clock is not
    counted in the first figure. What was matched is let go of afterwards: the router, too, knows it for longer."""
    line = Line(waiting, AGENTS, SKILLS)
    lasted_ns, in_a_row, cpu_ns = list[int](), 0, 0
    settle()
    while len(lasted_ns) < DECISIONS:
        agents = line.random.sample(line.people, ROUND)
        began = process_time_ns()
        decided = [_decide(line.index, agent) for agent in agents]
        cpu_ns += process_time_ns() - began
        served = sum(map(len, decided))
        in_a_row += served
        del decided
        line.come(served)
        for agent in line.random.sample(line.people, ROUND):
            one = perf_counter_ns()
            matches = _decide(line.index, agent)
            took = perf_counter_ns() - one
            if matches:
                lasted_ns.append(took)
            line.come(len(matches))
            del matches
    gc.unfreeze()
    lasted_ns.sort()
    return in_a_row * 1e9 / cpu_ns, lasted_ns[len(lasted_ns) * 99 // 100] / 1000


def machine_p99_us() -> float:
    """Of as many rounds as there are decisions."""
    lasted_ns = list[int]()
    for _ in range(DECISIONS):
        one, total = perf_counter_ns(), 0
        for number in range(STEADY):
            total += number
        lasted_ns.append(perf_counter_ns() - one)
    lasted_ns.sort()
    return lasted_ns[DECISIONS * 99 // 100] / 1000


def _decide(index: Index, agent: Agent) -> list[Match]:
    index.add_agent(agent)
    matches = index.matches(NOW)
    if not matches:
        index.remove_agent(agent.id)
    return matches


def routed_per_s() -> float:
    """For each second of processor time, while the line of 100,000 gets shorter by a tenth."""
    line = Line(0, AGENTS, SKILLS)
    entries = tuple(line.entry() for _ in range(WAITING))
    router = Router(Snapshot(entries, tuple(line.people), "0"), counted_ids("offer"))
    router.decide(NOW)
    events = [freed(agent.id, NOW) for agent in line.random.sample(line.people, WAITING // 10)]
    settle()
    offers = 0
    began = process_time_ns()
    for event in events:
        router.apply(event)
        offers += len(router.decide(NOW))
    cpu_ns = process_time_ns() - began
    gc.unfreeze()
    return offers * 1e9 / cpu_ns
