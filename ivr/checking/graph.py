"""Graphs of names: what can be reached, in which order, and where it goes in circles. No recursion: a graph may be a
chain of thousands."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

Graph = Mapping[str, Sequence[str]]
"""The names that come after each name; those that are no key of it are left out."""


def reached(start: str, after: Graph) -> frozenset[str]:
    """Every name that can be come to, the start among them."""
    return frozenset(_postorder([start], after)) if start in after else frozenset()


def in_order(start: str, after: Graph) -> list[str]:
    """What can be reached, each name before those that come after it where no circle forbids."""
    return list(_postorder([start], after))[::-1] if start in after else []


def circles(after: Graph) -> list[list[str]]:
    """Groups of names that lead to each other or to themselves, in the order of the graph (Kosaraju's strongly
    connected components)."""
    before: dict[str, list[str]] = {name: [] for name in after}
    for name, others in after.items():
        for other in others:
            if other in before:
                before[other].append(name)
    place = {name: at for at, name in enumerate(after)}
    seen: set[str] = set()
    groups = []
    for root in reversed(list(_postorder(after, after))):
        group = sorted(_postorder([root], before, seen), key=place.__getitem__)
        if len(group) > 1 or (group and root in after[root]):
            groups.append(group)
    return sorted(groups, key=lambda group: place[group[0]])


def _postorder(roots: Iterable[str], after: Graph, seen: set[str] | None = None) -> Iterator[str]:
    """Each name when all that comes after it was given, depth first. `seen`: names that are left out."""
    seen = set() if seen is None else seen
    for root in roots:
        if root in seen:
            continue
        seen.add(root)
        stack = [(root, iter(after[root]))]
        while stack:
            name, rest = stack[-1]
            further = next((other for other in rest if other in after and other not in seen), None)
            if further is None:
                yield name
                stack.pop()
            else:
                seen.add(further)
                stack.append((further, iter(after[further])))
