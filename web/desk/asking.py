"""How far an agent has come who asks somebody while their caller waits, told to the agent's pages."""

from collections.abc import Callable
from typing import Protocol

from core.events import Event
from queues.model import Agent, Entry
from web.desk.messages import Asking, Told
from web.desk.moves import asking_state


class Store(Protocol):
    """The part of queues.store.port.Store that is used here."""

    async def agent(self, agent: str) -> Agent | None: ...
    async def entry(self, entry: str) -> Entry | None: ...


class Askings:
    """Those under way, as far as this process has heard: the entry by which somebody is asked, and who asks."""

    def __init__(self, store: Store, tell: Callable[[str, Told], None]) -> None:
        self._store, self._tell = store, tell
        self._asks: dict[str, str] = {}

    def concerns(self, event: Event) -> str:
        """Who is to be told of it; or an empty text."""
        told = event.data
        if event.kind == "entry.directed":
            if told["how"] == "consult":
                self._asks[f"{event.call}-{told['id']}"] = str(told["agent"])
            return str(told["agent"])
        entry = str(told.get("entry", "")) if event.kind.startswith("entry.") else ""
        if event.kind in ("entry.finished", "entry.left"):
            return self._asks.pop(entry, "")
        return self._asks.get(entry, "")

    async def tell(self, name: str) -> None:
        """The agent, as it stands now."""
        agent = await self._store.agent(name)
        entry = await self._store.entry(agent.entry) if agent and agent.entry else None
        if entry is None or not entry.onward:
            return
        asked = await self._store.entry(str(entry.onward.get("consult", "")))
        state, to = asking_state(entry, asked), str(entry.onward.get("to", ""))
        self._tell(name, Asking.model_validate({"call": entry.call, "to": to, "state": state}))
