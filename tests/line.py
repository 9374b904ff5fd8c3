"""Small builders for entries, agents and offers. Times are milliseconds after NOW."""

from typing import Any

from queues.model import Agent, Device, Entry, Proposal, Status
from queues.store.port import DISPATCHER, Store

NOW = 1_700_000_000_000
OFFER_LASTS_MS = 50_000


def entry(name: str = "e1", since: int = 0, **more: Any) -> Entry:
    """A call in the queue `civil`, held by node `n1`; `required`: skills that it asks for for ever."""
    facts = {"call": f"call-{name}", "queue": "civil", "node": "n1", "channel": f"chan-{name}", **more}
    if "required" in facts:
        facts["requirement"] = [{"skills": facts.pop("required")}]
    return Entry(name, since=NOW + since, entered=NOW + since, **facts)


def agent(name: str = "a1", idle: int = 0, **more: Any) -> Agent:
    """Available, at a free phone, idle since `idle`."""
    facts = {"extension": f"1{name[1:]:>02}", "status": Status.AVAILABLE, "device": Device.FREE, **more}
    return Agent(name, idle_since=NOW + idle, **facts)


def proposal(
    offer: str = "o1", entry: str = "e1", agent: str = "a1", at: int = 1000, why: str = "only one"
) -> Proposal:
    return Proposal(offer, entry, agent, NOW + at, NOW + at + OFFER_LASTS_MS, why)


async def fence_of(store: Store, holder: str = "d1") -> int:
    fence = await store.take_lease(DISPATCHER, holder, 60_000)
    assert fence is not None
    return fence


async def offered(store: Store, **changes: Any) -> None:
    """Entry e1 is offered to agent a1 as o1."""
    await store.put_agent(agent(), NOW)
    await store.enqueue(entry(**changes))
    assert await store.offer(await fence_of(store), [proposal()]) == [None]


async def talking(store: Store, **changes: Any) -> None:
    await offered(store, **changes)
    assert await store.answer("e1", "o1", NOW + 3000) is None


async def told(store: Store) -> list[tuple[str, str]]:
    """What the whole stream says: (kind, id), oldest first."""
    return [(event.kind, event.id) for _, event in await store.follow("0", 0)]


async def kinds(store: Store) -> list[str]:
    return [kind for kind, _ in await told(store)]
