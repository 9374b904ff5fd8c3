"""The command line as people type it: each test runs the program itself."""

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from app.cli import main
from app.install.places import CHECKOUT
from tests.ports import own

ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("GUICHET_")}
PORTS = {
    "sip_port": f"{own(22540)}",
    "agi_port": f"{own(22541)}",
    "ami_port": f"{own(22542)}",
    "web_port": f"{own(22543)}",
    "ws_port": f"{own(22544)}",
}
FLOW = """
flow: essai
languages: [fr]
numbers: ["3939"]
start: bonjour
steps:
  bonjour:
    say: {fr: Bonjour.}
    then: hangup
"""


def guichet(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run it in the root folder, where there is no guichet.toml."""
    variables = {**ENVIRONMENT, "PYTHONPATH": str(CHECKOUT), **{f"GUICHET_{n.upper()}": v for n, v in settings.items()}}
    return subprocess.run(
        [sys.executable, "-P", "-m", "app", *arguments], env=variables, cwd="/", capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip


def commands(group: click.Group, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    context = click.Context(group)
    found: list[tuple[str, ...]] = []
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if command.hidden:
            continue
        found += commands(command, (*path, name)) if isinstance(command, click.Group) else [(*path, name)]
    return found


def test_every_command_has_help_with_examples() -> None:
    for path in commands(main):
        command: click.Command | None = main
        for name in path:
            assert isinstance(command, click.Group)
            command = command.get_command(click.Context(command), name)
        assert command is not None
        help_text = command.get_help(click.Context(command, info_name=" ".join(path)))
        assert f"./guichet {' '.join(path)}" in help_text, path


def test_the_commands_are_those_that_are_promised() -> None:
    assert {" ".join(path) for path in commands(main)} == {
        "prompts export", "prompts import", "prompts status",
        "agents add", "agents available", "agents capacity",
        "agents end-wrap-up", "agents list", "agents logout", "agents pause",
        "agents remove", "agents skills", "queues close", "queues front", "queues list", "queues move", "queues open",
        "queues surge",
        "queues show", "bench", "call", "check", "compile", "doctor", "down", "draw", "people erase", "people export",
        "people let-go", "people new-key", "people show", "scenarios", "schema",
        "simulate", "staff", "status", "test", "up",
        "hours status", "hours close", "hours open", "hours normal",
        "publish", "versions", "diff", "rollback", "answers", "directory import",
        "accounts add", "accounts admit", "accounts bar", "accounts link", "accounts list", "accounts password",
        "accounts roles", "accounts sign-out", "accounts unlink",
        "report", "demo-data", "webhooks list", "webhooks retry",
            "recorder poison", "recorder replay", "recorder drop", "recorder make-again", "people unusual",
    }  # fmt: skip


def test_status_of_nothing_is_a_sentence_and_exit_status_1(state: Path) -> None:
    ran = guichet("status", "--state", str(state))
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == f"Nothing runs on {state}: ./guichet up starts it.\n"


def test_down_of_nothing_says_so_and_is_no_failure(state: Path) -> None:
    ran = guichet("down", "--state", str(state))
    assert (ran.returncode, ran.stdout) == (0, f"Nothing runs on {state}.\n")


def test_status_is_quick_because_it_reads_neither_database_nor_web() -> None:
    code = (
        "import sys; from app.cli import main\n"
        "try: main(['status', '--state', '/nonexistent'])\n"
        "except SystemExit: pass\n"
        "print(sorted({'sqlalchemy', 'aiohttp', 'redis', 'numpy', 'jinja2'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"


@pytest.mark.parametrize(
    ("arguments", "settings", "sentence"),
    [
        (["status"], {"sip_port": "five"}, "settings: sip_port: "),
        (["up", "--state", "/proc/guichet/state"], {}, "The folder /proc/guichet cannot be used (No such file"),
        (["people", "show", "0612345678", "--state", "/nonexistent"], {}, "There is no history in /nonexistent yet"),
        (["agents", "list", "--state", "/nonexistent"], {}, "There is no history in /nonexistent yet"),
        (
            ["agents", "pause", "noa", "--state", "/nonexistent"],
            {},
            "Nothing runs on /nonexistent: ./guichet up starts",
        ),
        (["queues", "list", "--state", "/nonexistent"], {}, "Nothing runs on /nonexistent: ./guichet up starts it."),
        (["agents", "skills", "noa", "voirie:2"], {}, "expected SKILL=LEVEL, such as voirie=2, found "),
        (
            ["agents", "add", "noa"],
            {"sip_host": "192.0.2.1"},
            "Phones register over the network here: give the password",
        ),
        (["bench", "nothing"], {}, "There is no benchmark 'nothing'; there are "),
        (["bench", "house"], {}, "There is no benchmark 'house'; there are "),
    ],
)
def test_a_mistake_is_answered_with_a_sentence(arguments: list[str], settings: dict[str, str], sentence: str) -> None:
    ran = guichet(*arguments, **settings)
    assert ran.returncode == 1 and ran.stdout == ""
    assert ran.stderr.startswith(sentence) and "Traceback" not in ran.stderr


def test_a_faulty_town_at_the_first_start_is_told_with_every_place(state: Path, tmp_path: Path) -> None:
    (tmp_path / "essai.yaml").write_text(FLOW.replace("then: hangup", "then: nulle-part"))
    ran = guichet("up", "--state", str(state), "--callflows", str(tmp_path), **PORTS)
    assert ran.returncode == 1
    fault, advice = ran.stderr.splitlines()[-2:]
    assert "/essai.yaml:9:11: " in fault and fault.endswith(" [unknown-step]")
    assert advice == "Mend these faults and start again: there is no good version yet."
    assert json.loads(guichet("check", str(tmp_path), "--json").stdout)[0]["line"] == 9
