"""What an earlier version left in the store is understood: an agent has no counts yet, a call asks for skills alone."""

import json

import pytest

from queues.model import AgentState
from queues.store.forms import agent_text, entry_text
from queues.store.redis import RedisStore
from tests.line import NOW, agent, entry, fence_of, proposal
from tests.valkey import Valkey

pytestmark = pytest.mark.native

NEW_OF_AGENTS = ("wrap_up_ms", "wrap_up_latest", "logged_in_at", "calls", "busy_ms", "offered_at")


async def test_an_agent_who_was_kept_without_counts_goes_on(valkey: Valkey) -> None:
    store = RedisStore(valkey.url, prefix := valkey.prefix())
    kept = {name: value for name, value in json.loads(agent_text(agent())).items() if name not in NEW_OF_AGENTS}
    await store._commits.ask(("HSET", f"{prefix}agents", "a1", json.dumps(kept)))
    await store.put_agent(agent(), NOW)
    await store.enqueue(entry(wrap_up_ms=0))
    assert await store.offer(await fence_of(store), [proposal()]) == [None]
    await store.answer("e1", "o1", NOW + 2000)
    assert await store.finish("e1", 1, NOW + 3000) is None
    known = await store.agent("a1")
    assert known is not None
    assert (known.state, known.calls, known.busy_ms) == (AgentState.IDLE, 1, 2000)
    await store.close()


async def test_a_call_that_was_kept_in_other_words_can_be_read(valkey: Valkey) -> None:
    store = RedisStore(valkey.url, prefix := valkey.prefix())
    kept = json.loads(entry_text(entry()))
    del kept["requirement"]
    await store._commits.ask(("HSET", f"{prefix}entries", "e1", json.dumps({**kept, "required": {"civil": 1}})))
    assert (await store.snapshot()).entries == (entry(),)
    await store.close()
