"""Engines that serve the same Asterisk: what one that died had begun is for the others to see to."""

from queues.store.port import Store


def node_name(asterisk: str, engine: int, life: str) -> str:
    """Of an engine: which of its Asterisk's it is, and which of its lives."""
    return f"{asterisk}-{engine}-{life}"


def _seat(node: str) -> str:
    return node.rpartition("-")[0]


async def living(store: Store, node: str) -> set[str]:
    """All that the store knows, but the former lives of this one: the supervisor begins it again when it has ended."""
    return {each.name for each in await store.nodes() if _seat(each.name) != _seat(node)} | {node}
