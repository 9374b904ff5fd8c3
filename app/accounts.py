"""`./guichet accounts`: who signs in to the pages, and what they may do there."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from random import SystemRandom
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncEngine

from app import settings
from app.cli import HELP, as_json, examples, with_state
from app.commands import with_database
from core.clock import wall_clock
from core.errors import GuichetError
from history.accounts import new_password
from history.staff import Role, Staff, StaffAccounts
from history.staff_subjects import StaffSubjects

Found = TypeVar("Found")
ROLES = click.Choice([role.value for role in Role])


@click.group("accounts", context_settings=HELP)
def command() -> None:
    """Who signs in to the pages (/desk): agents, supervisors, admins, auditors.

    An agent's account names the agent, who is made by `./guichet agents add`."""


@command.command("list", epilog=examples("./guichet accounts list", "./guichet accounts list --json"))
@as_json
@with_state
def list_accounts(*, json_: bool, state: Path | None) -> None:
    """The accounts, without their passwords."""
    accounts = _with(state, lambda staff: staff.all())
    if json_:
        click.echo(json.dumps({"accounts": [_shown(each) for each in accounts]}, ensure_ascii=False))
        return
    table = Table("account", "name", "roles", "agent", "")
    for each in accounts:
        barred = "barred" if each.barred else ""
        table.add_row(each.id, escape(each.name), ", ".join(sorted(each.roles)), each.agent or "", barred)
    Console().print(table)


@command.command(
    epilog=examples(
        "./guichet accounts add camille --role agent --agent camille",
        "./guichet accounts add chef --role supervisor --password-file chef.secret",
    )
)
@click.argument("account")
@click.option("--name", default="", help="As colleagues know them. [the account]")
@click.option("--role", "roles", type=ROLES, multiple=True, required=True, help="What they are; may be repeated.")
@click.option("--agent", default=None, metavar="AGENT", help="The agent that they are.")
@click.option("--language", type=click.Choice(["fr", "en"]), default="fr", show_default=True, help="Of the pages.")
@click.option("--password-file", type=click.File(), metavar="FILE", help="12 to 200 characters. [a new one, printed]")
@with_state
def add(
    *, account: str, name: str, roles: tuple[str, ...], agent: str | None, language: str, password_file: Any,
    state: Path | None,
) -> None:  # fmt: skip
    """Somebody new who may sign in."""
    password = _password(password_file)
    made = _with(state, lambda staff: staff.add(account, name or account, roles, password, agent, language))
    click.echo(f"{made.id} may sign in as {', '.join(sorted(made.roles))}{_told(password, password_file)}.")


@command.command(epilog=examples("./guichet accounts roles camille agent supervisor"))
@click.argument("account")
@click.argument("roles", type=ROLES, nargs=-1, required=True)
@with_state
def roles(*, account: str, roles: tuple[str, ...], state: Path | None) -> None:
    """Give an account these roles and no others. It counts at once, on open pages too."""
    changed = _with(state, lambda staff: staff.change(account, roles=roles))
    click.echo(f"{changed.id}: {', '.join(sorted(changed.roles))}.")


@command.command(epilog=examples("./guichet accounts password camille",
                                 "./guichet accounts password camille --password-file camille.secret"))  # fmt: skip
@click.argument("account")
@click.option("--password-file", type=click.File(), metavar="FILE", help="12 to 200 characters. [a new one, printed]")
@with_state
def password(*, account: str, password_file: Any, state: Path | None) -> None:
    """Set a new password. It ends the account's open sessions."""
    wanted = _password(password_file)
    changed = _with(state, lambda staff: staff.change(account, password=wanted))
    click.echo(f"{changed.id} has a new password{_told(wanted, password_file)}.")


@command.command(epilog=examples("./guichet accounts bar camille"))
@click.argument("account")
@with_state
def bar(*, account: str, state: Path | None) -> None:
    """Nobody signs in by this account any more; its open sessions end at once."""
    click.echo(f"{_with(state, lambda staff: staff.change(account, barred=True)).id} is barred.")


@command.command(epilog=examples("./guichet accounts admit camille"))
@click.argument("account")
@with_state
def admit(*, account: str, state: Path | None) -> None:
    """Take `bar` back."""
    click.echo(f"{_with(state, lambda staff: staff.change(account, barred=False)).id} may sign in again.")


@command.command(epilog=examples("./guichet accounts link camille 8f14e45f-ceea-467f-a0e6-1d2d3f4a5b6c"))
@click.argument("account")
@click.argument("subject")
@with_state
def link(*, account: str, subject: str, state: Path | None) -> None:
    """Let the identity SUBJECT of the settings' OpenID Connect issuer sign in by this account. The page that refuses
    somebody shows their subject."""
    loaded = settings.load(state=state)
    if not loaded.oidc_issuer:
        raise GuichetError("There is no OpenID Connect issuer: set oidc_issuer and oidc_client_id in guichet.toml.")
    _with_engine(state, lambda engine: StaffSubjects(engine, wall_clock).link(account, loaded.oidc_issuer, subject))
    click.echo(f"{subject} signs in as {account}.")


@command.command(epilog=examples("./guichet accounts unlink camille"))
@click.argument("account")
@with_state
def unlink(*, account: str, state: Path | None) -> None:
    """Take `link` back, and end every open session of the account."""
    gone = _with_engine(state, lambda engine: StaffSubjects(engine, wall_clock).unlink(account))
    _with(state, lambda staff: staff.end_all(account))
    click.echo(f"{account} is linked with no identity any more." if gone else f"{account} was linked with none.")


@command.command("sign-out", epilog=examples("./guichet accounts sign-out camille"))
@click.argument("account")
@with_state
def sign_out(*, account: str, state: Path | None) -> None:
    """End every open session of an account."""
    ended = _with(state, lambda staff: staff.end_all(account))
    click.echo(f"{ended} sessions of {account} were ended.")


def _with(state: Path | None, use: Callable[[StaffAccounts], Awaitable[Found]]) -> Found:
    return _with_engine(state, lambda engine: use(StaffAccounts(engine, wall_clock)))


def _with_engine(state: Path | None, use: Callable[[AsyncEngine], Awaitable[Found]]) -> Found:
    found: Found = asyncio.run(with_database(settings.load(state=state), use))
    return found


def _password(file: Any) -> str:
    if file is None:
        return new_password(SystemRandom())
    given: str = file.read().strip("\r\n")
    if not given:
        raise GuichetError("The password file is empty.")
    return given


def _told(password: str, file: Any) -> str:
    return "" if file else f", password {password}"


def _shown(staff: Staff) -> dict[str, Any]:
    return {"account": staff.id, "name": staff.name, "roles": sorted(staff.roles), "agent": staff.agent,
            "language": staff.language, "barred": staff.barred}  # fmt: skip
