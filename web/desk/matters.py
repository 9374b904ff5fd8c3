"""What an agent says of the matter that a call is about, and of who calls: cases, promises, persons. Each is authorised
by the call, and what it names is looked up before it is stated: an id from a page proves nothing."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from core.errors import GuichetError
from history.case_numbers import read_case_number
from history.statements import Statements
from web.desk import messages as m


class NoSuch(GuichetError):
    """What was named is not there. The first argument is the word that the page has a sentence for."""


class Records(Protocol):
    """What is known of by now. What was stated a moment ago may not be yet."""

    async def cases_numbered(self, number: str) -> list[str]: ...
    async def has_case(self, case: str) -> bool: ...
    async def has_person(self, key: str) -> bool: ...
    async def has_promise(self, promise: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Matters:
    """Each method states one thing of a call, in the name of `author`, and gives what was made, for people, or ""."""

    statements: Statements
    records: Records

    async def open_case(self, author: str, ask: m.OpenCase) -> str:
        """The call belongs to it at once."""
        title = " ".join(ask.title.split())
        if not title:
            raise NoSuch("no_title")
        case, number = await self.statements.open_case(author, title, call=ask.call, topic=ask.topic)
        await self.statements.link(author, ask.call, case)
        return number

    async def link_case(self, author: str, ask: m.LinkCase) -> str:
        case = await self._numbered(ask.number) if ask.number else ask.case
        await self._known(case, self.records.has_case, "no_case")
        await self.statements.link(author, ask.call, case)
        return ""

    async def set_case(self, author: str, ask: m.SetCase) -> str:
        await self._known(ask.case, self.records.has_case, "no_case")
        await self.statements.change_case(author, ask.case, status=ask.status, call=ask.call)
        return ""

    async def promise(self, author: str, ask: m.MakePromise) -> str:
        await self._known(ask.case, self.records.has_case, "no_case")
        await self.statements.promise(author, ask.call, ask.kind, text=ask.text, due_until=ask.due_until, case=ask.case)
        return ""

    async def end_promise(self, author: str, ask: m.EndPromise) -> str:
        await self._known(ask.promise, self.records.has_promise, "no_promise")
        contact = ask.call if ask.outcome == "kept" else ""
        await self.statements.end_promise(author, ask.promise, ask.outcome, contact=contact, call=ask.call)
        return ""

    async def confirm(self, author: str, ask: m.Confirm) -> str:
        await self._known(ask.person, self.records.has_person, "no_person")
        person = await self.statements.confirm(author, ask.call, ask.person)
        if name := " ".join(ask.name.split()):
            await self.statements.describe(author, person, name=name, call=ask.call)
        return ""

    async def merge(self, author: str, ask: m.Merge) -> str:
        if ask.person == ask.other:
            raise NoSuch("same_person")
        for person in (ask.person, ask.other):
            await self._known(person, self.records.has_person, "no_person")
        await self.statements.merge(author, ask.person, ask.other, ask.reason)
        return ""

    async def spoke_for(self, author: str, ask: m.SpokeFor) -> str:
        await self._known(ask.person, self.records.has_person, "no_person")
        name = " ".join(ask.name.split())
        person = ask.person or (await self.statements.introduce(author, name, call=ask.call) if name else "")
        await self.statements.spoke_for(author, ask.call, person, ask.relation)
        return ""

    async def _numbered(self, raw: str) -> str:
        number = read_case_number(raw)
        if number is None:
            raise NoSuch("wrong_number")
        found = await self.records.cases_numbered(number)
        if len(found) != 1:
            raise NoSuch("no_case")
        return found[0]

    async def _known(self, name: str, is_known: Callable[[str], Awaitable[bool]], otherwise: str) -> None:
        """Nothing named is well."""
        if name and not await is_known(name):
            raise NoSuch(otherwise)


Say = Callable[[Matters, str, Any], Awaitable[str]]

SAYS: Mapping[type[m.Ask], Say] = {
    m.OpenCase: Matters.open_case,
    m.LinkCase: Matters.link_case,
    m.SetCase: Matters.set_case,
    m.MakePromise: Matters.promise,
    m.EndPromise: Matters.end_promise,
    m.Confirm: Matters.confirm,
    m.Merge: Matters.merge,
    m.SpokeFor: Matters.spoke_for,
}
