"""Accounts, as an administrator keeps them from the page: who may sign in, as what; new passwords are told once."""

import logging
from collections.abc import Callable
from typing import Annotated, Any, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import GuichetError
from history.staff import Role, Session, Staff, StaffAccounts
from web.desk.door import Door, refusal
from web.desk.roles import Act

log = logging.getLogger(__name__)

Id = Annotated[str, Field(min_length=1, max_length=80)]
Roles = Annotated[list[Role], Field(min_length=1, max_length=len(Role))]


class Wanted(BaseModel):
    model_config = ConfigDict(extra="forbid")

    account: Id


class NewAccount(Wanted):
    """`agent`: whom an account with that role is for."""

    name: Annotated[str, Field(max_length=80)] = ""
    roles: Roles
    agent: Annotated[str, Field(max_length=80)] = ""
    language: Literal["fr", "en"] = "fr"


class Change(Wanted):
    """One thing at a time, so that the log says what was done."""

    roles: Roles | None = None
    barred: bool | None = None
    password: Literal[True] | None = None
    """A new one."""
    sign_out: Literal[True] | None = None


class Administration:
    """`new_password` makes one that nobody guesses."""

    def __init__(self, door: Door, staff: StaffAccounts, new_password: Callable[[], str]) -> None:
        self._door, self._staff, self._new_password = door, staff, new_password

    def add_to(self, app: web.Application) -> None:
        app.router.add_post("/api/accounts", self.accounts)
        app.router.add_post("/api/accounts/add", self.add)
        app.router.add_post("/api/accounts/change", self.change)

    async def accounts(self, request: web.Request) -> web.Response:
        await self._door.let_in(request, Act.ACCOUNTS)
        return web.json_response({"accounts": [told(staff) for staff in await self._staff.all()]})

    async def add(self, request: web.Request) -> web.Response:
        session = await self._door.let_in(request, Act.ACCOUNTS)
        try:
            new, password = NewAccount.model_validate_json(await request.read()), self._new_password()
            made = await self._staff.add(
                new.account, new.name or new.account, new.roles, password, new.agent or None, new.language
            )
        except ValidationError:
            return refusal(400, "unreadable")
        except GuichetError as error:
            return refusal(400, "account", sentence=str(error))
        log.info("%s made the account %s: %s", session.staff.id, made.id, ", ".join(sorted(made.roles)))
        return web.json_response({**told(made), "password": password})

    async def change(self, request: web.Request) -> web.Response:
        """Roles count at the next message of an open page; a new password and barring end all sessions."""
        session = await self._door.let_in(request, Act.ACCOUNTS)
        try:
            wanted = Change.model_validate_json(await request.read())
            if self._locks_out(session, wanted):
                return refusal(400, "own_account")
            return await self._changed(session, wanted)
        except ValidationError:
            return refusal(400, "unreadable")
        except GuichetError as error:
            return refusal(400, "account", sentence=str(error))

    async def _changed(self, session: Session, wanted: Change) -> web.Response:
        if wanted.sign_out:
            ended = await self._staff.end_all(wanted.account)
            log.info("%s ended %d sessions of %s", session.staff.id, ended, wanted.account)
            return web.json_response({"ended": ended})
        password = self._new_password() if wanted.password else None
        changed = await self._staff.change(wanted.account, roles=wanted.roles, password=password, barred=wanted.barred)
        what = "a new password" if password else "barred" if changed.barred else ", ".join(sorted(changed.roles))
        log.info("%s changed the account %s: %s", session.staff.id, changed.id, what)
        return web.json_response({**told(changed), **({"password": password} if password else {})})

    def _locks_out(self, session: Session, wanted: Change) -> bool:
        """Whoever keeps the accounts would not come in again to take it back."""
        own = wanted.account == session.staff.id
        return own and bool(wanted.barred or (wanted.roles is not None and Role.ADMIN not in wanted.roles))


def told(staff: Staff) -> dict[str, Any]:
    return {
        "account": staff.id,
        "name": staff.name,
        "roles": sorted(staff.roles),
        "agent": staff.agent,
        "language": staff.language,
        "barred": staff.barred,
    }
