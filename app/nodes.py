"""The engines that take calls, as the store knows them."""

from collections import Counter
from collections.abc import Sequence

from app.settings import Settings
from queues.keeper import SILENT_MS
from queues.model import Node

PATIENCE_S = 2.0


async def nodes_of(settings: Settings) -> Sequence[Node]:
    """All of them, those of other Asterisks on the same store too. StoreAway where it does not answer."""
    from queues.store.redis import RedisStore

    store = RedisStore(settings.store_url, patience_s=PATIENCE_S)
    try:
        return await store.nodes()
    finally:
        await store.close()


def by_asterisk(nodes: Sequence[Node]) -> dict[str, int]:
    """How many live engines each Asterisk has."""
    return dict(sorted(Counter(node.asterisk for node in nodes if node.silent_ms <= SILENT_MS).items()))


def troubles(nodes: Sequence[Node], name: str, peers: Sequence[str]) -> list[str]:
    """What is wrong between the Asterisk of that name and the others, in sentences."""
    served = by_asterisk(nodes)
    silent = [f"no engine serves the peer {peer}: see that its house runs, on this store" for peer in peers
              if peer not in served]  # fmt: skip
    unknown = [
        f"agents whose phones are registered at {other} cannot be rung from here: name it in peers, as {other}=ADDRESS"
        for other in served
        if other != name and other not in peers
    ]
    return silent + unknown
