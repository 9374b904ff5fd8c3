"""`./guichet agents`: who answers, what they can do, and what they do now."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from random import SystemRandom
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from app import house, settings
from app.cli import HELP, as_json, examples, with_state
from app.commands import with_database
from app.running import author, control_of, store_of
from app.settings import Settings, is_loopback
from app.show import skills as skills_shown
from asterisk_conf.console import knows_phone
from core.clock import wall_clock
from core.errors import GuichetError
from core.filemodel import found
from history.accounts import Account, Accounts, new_password
from history.roster import Roster
from queues.control import LiveControl
from queues.model import ONE_AT_A_TIME, Agent, AgentState, Device, Status

LIKE_CALLS = "like-calls"
KNOWN_WITHIN_S, LOOK_S = 8.0, 0.1
DOING = {AgentState.IDLE: "ready", AgentState.WRAP_UP: "wrap-up", AgentState.NOT_RESPONDING: "not responding",
         AgentState.HOLD: "talking, caller on hold"}  # fmt: skip


@click.group("agents", context_settings=HELP)
def command() -> None:
    """Who answers: accounts, skills, and what agents do now.

    Accounts live in the database; a house that runs takes a change up at once."""


@command.command("list", epilog=examples("./guichet agents list", "./guichet agents list --json"))
@as_json
@with_state
def list_agents(*, json_: bool, state: Path | None) -> None:
    """The agents' accounts, without their passwords, and what they do where a house runs."""
    loaded = settings.load(state=state)
    accounts = asyncio.run(with_database(loaded, lambda engine: Accounts(engine).all()))
    now = asyncio.run(_agents_now(loaded)) if house.load(loaded) else None
    rows = [_shown(account, now) for account in accounts]
    if json_:
        click.echo(json.dumps({"agents": rows}, ensure_ascii=False))
        return
    table = Table("agent", "extension", "name", "skills", *(["now"] if now is not None else []))
    for row in rows:
        doing = [escape(_doing(now.get(row["id"])))] if now is not None else []
        table.add_row(row["id"], row["extension"], escape(row["name"]), skills_shown(row["skills"]), *doing)
    Console().print(table)


@command.command(epilog=examples("./guichet agents add noa --name Noa --skill voirie=2 --skill accueil=1",
                                 "./guichet agents add lou --extension 1010 --password-file lou.secret"))  # fmt: skip
@click.argument("agent")
@click.option("--name", default="", help="As colleagues know them. [the id]")
@click.option("--extension", default="", metavar="DIGITS", help="Of their phone. [the next free one from 1001 on]")
@click.option("--skill", "levels", multiple=True, metavar="SKILL=LEVEL", help="Levels are 1 to 10; may be repeated.")
@click.option("--password-file", type=click.File(), metavar="FILE",
              help="The phone's password, 16 to 80 letters and digits. [a new one, printed]")  # fmt: skip
@with_state
def add(
    *, agent: str, name: str, extension: str, levels: tuple[str, ...], password_file: Any, state: Path | None
) -> None:
    """A new agent. The phone can register at once where a house runs."""
    loaded = house.settings_of(settings.load(state=state))
    local = is_loopback(loaded.sip_host)
    if password_file is None and not local:
        raise GuichetError("Phones register over the network here: give the password in a file, by --password-file.")
    password = password_file.read().strip() if password_file else new_password(SystemRandom())
    wanted = levels_of(levels)
    account = _with_roster(loaded, lambda roster: roster.add(agent, name, password, wanted, author(), extension))
    shown = f", password {account.sip_password}" if password_file is None else ""
    click.echo(
        f"{account.id}: extension {account.extension}{shown}; {skills_shown(account.skills) or 'no skills yet'}."
    )
    if house.load(loaded):
        asyncio.run(_until_known(loaded, account.extension))
        click.echo("The phone can register now.")


@command.command(epilog=examples("./guichet agents remove noa"))
@click.argument("agent")
@with_state
def remove(*, agent: str, state: Path | None) -> None:
    """Forget an agent. A conversation goes on to its end; a call that rings there goes back in line."""
    account = _with_roster(settings.load(state=state), lambda roster: roster.remove(agent, author()))
    click.echo(f"{account.id} is no agent any more; extension {account.extension} is free.")


@command.command(epilog=examples("./guichet agents skills noa voirie=3 accueil=0",
                                 "./guichet agents skills noa --only etat-civil=2"))  # fmt: skip
@click.argument("agent")
@click.argument("levels", nargs=-1, required=True, metavar="SKILL=LEVEL…")
@click.option("--only", is_flag=True, help="These skills and no others.")
@with_state
def skills(*, agent: str, levels: tuple[str, ...], only: bool, state: Path | None) -> None:
    """Change what an agent can do: level 1 to 10, 0 for none. It counts at once, for those who wait too."""
    wanted = levels_of(levels)
    account = _with_roster(
        settings.load(state=state), lambda roster: roster.change_skills(agent, wanted, author(), only=only)
    )
    click.echo(f"{account.id}: {skills_shown(account.skills) or 'no skills'}.")


@command.command(epilog=examples("./guichet agents pause noa", "./guichet agents pause noa --reason lunch"))
@click.argument("agent")
@click.option("--reason", default="", help="Why, in a word or two.")
@with_state
def pause(*, agent: str, reason: str, state: Path | None) -> None:
    """No further call to this agent until they are available again."""
    _do(state, lambda control: control.pause(agent, reason, author()))
    click.echo(f"{agent} is on a break.")


@command.command(epilog=examples("./guichet agents available noa"))
@click.argument("agent")
@with_state
def available(*, agent: str, state: Path | None) -> None:
    """Calls to this agent again, also after not responding."""
    _do(state, lambda control: control.make_available(agent, author()))
    click.echo(f"{agent} is available.")


@command.command(epilog=examples("./guichet agents logout noa"))
@click.argument("agent")
@with_state
def logout(*, agent: str, state: Path | None) -> None:
    """This agent is not at work any more. A conversation goes on to its end."""
    _do(state, lambda control: control.log_out(agent, author()))
    click.echo(f"{agent} is logged out.")


@command.command(epilog=examples("./guichet agents capacity noa --messages 3",
                                 "./guichet agents capacity noa --messages like-calls"))  # fmt: skip
@click.argument("agent")
@click.option("--messages", required=True, metavar="N|like-calls",
              help="Held beside calls; like-calls: one at a time, and no call meanwhile.")  # fmt: skip
@with_state
def capacity(*, agent: str, messages: str, state: Path | None) -> None:
    """How much deferred work an agent may hold beside calls."""
    if messages != LIKE_CALLS and not messages.isdecimal():
        raise GuichetError(f"--messages: expected a whole number or {LIKE_CALLS}, found {found(messages)}.")
    holds = ONE_AT_A_TIME if messages == LIKE_CALLS else int(messages)
    _do(state, lambda control: control.set_capacity(agent, holds, author()))
    click.echo(f"{agent}: messages {messages}.")


@command.command("end-wrap-up", epilog=examples("./guichet agents end-wrap-up noa"))
@click.argument("agent")
@with_state
def end_wrap_up(*, agent: str, state: Path | None) -> None:
    """The agent's time after a conversation is over now."""
    _do(state, lambda control: control.end_wrap_up(agent, author()))
    click.echo(f"{agent} is ready.")


def levels_of(texts: tuple[str, ...]) -> dict[str, int]:
    """`voirie=2`, each skill once."""
    levels: dict[str, int] = {}
    for text in texts:
        skill, equals, level = text.partition("=")
        if not equals or not level.isdecimal():
            raise GuichetError(f"expected SKILL=LEVEL, such as voirie=2, found {found(text)}.")
        if skill in levels:
            raise GuichetError(f"The skill {skill!r} is given twice.")
        levels[skill] = int(level)
    return levels


def _do(state: Path | None, act: Callable[[LiveControl], Awaitable[None]]) -> None:
    async def done() -> None:
        async with control_of(settings.load(state=state)) as control:
            await act(control)

    asyncio.run(done())


def _with_roster(loaded: Settings, act: Callable[[Roster], Awaitable[Account]]) -> Account:
    """On the accounts, and on the house where one runs."""

    async def done(engine: Any) -> Account:
        accounts = Accounts(engine)
        if house.load(loaded) is None and not loaded.redis_url:
            return await act(Roster(accounts, None, wall_clock))
        async with store_of(loaded) as (_, store):
            return await act(Roster(accounts, store, wall_clock))

    account: Account = asyncio.run(with_database(loaded, done))
    return account


async def _until_known(loaded: Settings, extension: str) -> None:
    home = house.settings_of(loaded).asterisk_home
    try:
        async with asyncio.timeout(KNOWN_WITHIN_S):
            while not await knows_phone(home, extension):  # noqa: ASYNC110 (another program: it cannot set an event)
                await asyncio.sleep(LOOK_S)
    except TimeoutError:
        raise GuichetError(
            f"The account is there, but Asterisk does not know extension {extension} yet: see `./guichet status`."
        ) from None


async def _agents_now(loaded: Settings) -> dict[str, Agent]:
    async with control_of(loaded) as control:
        return {agent.id: agent for agent in (await control.snapshot()).agents}


def _shown(account: Account, now: dict[str, Agent] | None) -> dict[str, Any]:
    row: dict[str, Any] = {"id": account.id, "extension": account.extension, "name": account.name,
                           "skills": account.skills}  # fmt: skip
    if now is not None and (agent := now.get(account.id)):
        row |= {"status": agent.status, "reason": agent.reason, "state": agent.state, "device": agent.device}
    return row


def _doing(agent: Agent | None) -> str:
    """A call in course comes first; then what the agent chose; then the phone."""
    if agent is None or (agent.status is Status.OFFLINE and agent.state is AgentState.IDLE):
        return "not at work"
    if agent.state is not AgentState.IDLE:
        return DOING.get(agent.state, agent.state.value)
    if agent.status is Status.PAUSED:
        return f"on a break ({agent.reason})" if agent.reason else "on a break"
    return DOING[agent.state] if agent.device is Device.FREE else f"phone {agent.device.value}"
