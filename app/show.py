"""What people read on the terminal once a house runs."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from app.house import Runner
from queues.model import Node

CODES = ("*10  I take calls", "*11  a pause", "*12  I am gone")


def welcome(facts: Mapping[str, Any], *, detached: bool) -> str:
    """What to do next. `facts` as House.facts gives them."""
    sip = facts["sip"]
    server = f"{sip['host']}:{sip['port']}"
    numbers = ", ".join(facts["numbers"]) or "no number: no flow of this town names one"
    number = facts["numbers"][0] if facts["numbers"] else ""
    lines = [
        "Guichet is ready." if facts["ready"] else "Guichet runs, but not all of it is ready.",
        "",
        f"  Dial       {numbers}" + (f"   (any SIP phone: sip:{number}@{server})" if number else ""),
        f"  Phones     register at {server}",
        f"  Web        {facts['web']}",
        f"  Data       {facts['state']}",
        "",
    ]
    if facts["agents"]:
        lines += ["Agents: register a phone with an extension and its password, then dial a code."]
        lines += [_agent(agent) for agent in facts["agents"]]
        lines += ["  Codes: " + ",   ".join(CODES), ""]
    if facts["accounts"]:
        lines += [
            f"Desk: sign in at {facts['web']}desk, with a headset; it is a phone too. Passwords are told this once:"
        ]
        lines += [f"  {each['account']:<12} {each['password']}" for each in facts["accounts"]]
        lines += ["  ./guichet accounts password ACCOUNT sets a new one.", ""]
    lines.append("Stop it with ./guichet down." if detached else "Stop it with Ctrl-C.")
    return "\n".join(lines)


def _agent(agent: Mapping[str, Any]) -> str:
    password = f"   {agent['password']}" if "password" in agent else ""
    return f"  {agent['extension']}{password}   {agent['id']:<12} {skills(agent['skills'])}"


def skills(levels: Mapping[str, int]) -> str:
    return ", ".join(f"{skill} {level}" for skill, level in levels.items())


def print_processes(runners: Sequence[Runner]) -> None:
    table = Table("process", "id", "since", "restarts", "state")
    for runner in runners:
        state = runner.trouble or ("ready" if runner.ready else "starting")
        table.add_row(runner.name, str(runner.pid or "-"), lived(runner), str(runner.restarts), state)
    Console().print(table)


def to_look_at(history: Mapping[str, float]) -> list[str]:
    """Sentences about what somebody should see to. `history`: the figures of its process (app/gauges.py)."""
    sentences = {
        "guichet_history_unusual_readings": "Reading of people's history stood out {} in the last 24 hours:"
        " ./guichet people unusual tells.",
        "guichet_history_poison": "What happened could not be recorded {}: ./guichet recorder poison tells.",
    }
    return [
        sentence.format("once" if count == 1 else f"{count:.0f} times")
        for name, sentence in sentences.items()
        if (count := history.get(name, 0))
    ]


def print_nodes(nodes: Sequence[Node]) -> None:
    table = Table("engine", "Asterisk", "heard of")
    for node in nodes:
        table.add_row(node.name, node.asterisk, f"{node.silent_ms / 1000:.0f} s ago")
    Console().print(table)


def lived(runner: Runner) -> str:
    """`3 d 04:05:06`, or '-' where it does not live."""
    if not runner.pid:
        return "-"
    seconds = max(0, int(time.time() - runner.since))
    days, seconds = divmod(seconds, 86_400)
    clock = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return f"{days} d {clock}" if days else clock


def print_figures(bench: str, figures: Mapping[str, float], targets: Mapping[str, str]) -> None:
    table = Table(bench, "figure", "target")
    for name, figure in figures.items():
        table.add_row(name, f"{figure:g}", targets.get(name, ""))
    Console().print(table)


def print_contacts(contacts: Sequence[Mapping[str, Any]]) -> None:
    table = Table("began", "dialled", "queue", "agent", "waited", "talked", "outcome")
    for contact in contacts:
        row = (contact["dialled"], contact["queue"], contact["agent"], seconds(contact["waited_ms"]),
               seconds(contact["talk_ms"]), contact["outcome"])  # fmt: skip
        table.add_row(moment(contact["started_at"]), *(escape(str(cell or "")) for cell in row))
    Console().print(table)


def moment(ms: int) -> str:
    """A time of the history in this machine's time zone."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(ms / 1000))


def seconds(ms: int | None) -> str:
    return "" if ms is None else f"{ms / 1000:.1f} s"
