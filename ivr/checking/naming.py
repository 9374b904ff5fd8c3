"""Names of things that stand in other files."""

from collections.abc import Collection, Iterator

from core.finding import Finding
from ivr.checking.town import TownView
from ivr.checking.view import FlowView


def unknown(
    town: TownView, kind: type[str], known: Collection[str] | None, what: str, *, at_key: bool = False
) -> Iterator[tuple[FlowView, Finding]]:
    """Every name of that kind which is not known; nothing where it is not known what is known."""
    if known is None:
        return
    for view in town.flows.values():
        for path, name in view.of(kind):
            if name not in known:
                message = f"no {what} is called {name[:60]}"
                yield view, Finding(path, message, at_key=at_key, name=name, known=known)
