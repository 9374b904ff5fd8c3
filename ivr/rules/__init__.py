"""What is asked of flows. Each rule is one file here: a Rule class with a good and a bad example.

A file added to this folder is a rule; nothing else has to be told.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from core.files import Fault, Faults
from core.finding import Finding
from ivr.checking.rule import FlowRule, InFile, TownRule
from ivr.checking.town import TownView
from ivr.checking.view import FlowView

MOST_FAULTS = 100
"""Told of one flow; a person mends no more at once."""
MOST_NEAREST = 10
"""So many of them are told with the nearest known name, which takes longer to find than anything else."""


def _discover() -> dict[str, FlowRule | TownRule]:
    rules: dict[str, FlowRule | TownRule] = {}
    for module in iter_modules(__path__):
        inside = vars(import_module(f"{__name__}.{module.name}")).values()
        (rule,) = [
            each
            for each in inside
            if isinstance(each, type)
            and issubclass(each, FlowRule | TownRule)
            and each.__module__ == f"{__name__}.{module.name}"
        ]
        rules[module.name.replace("_", "-")] = rule()
    return rules


RULES: Mapping[str, FlowRule | TownRule] = MappingProxyType(_discover())
"""Every rule by the word that stands behind its messages."""


def check_flow(view: FlowView, faults: Faults) -> None:
    """Add what is wrong in one flow, of which some steps could perhaps not be read."""
    rules = [(word, rule) for word, rule in RULES.items() if isinstance(rule, FlowRule) and not rule.advice]
    found = ((finding, word) for word, rule in rules for finding in rule.look(view))
    for told, (finding, word) in enumerate(found):
        if told == MOST_FAULTS:
            faults.add(view.document.place(("flow",)), "there are more faults; mend these first", "more")
            return
        faults.found.append(finding.fault(view.document, word, near=told < MOST_NEAREST))


def check_town(town: TownView, faults: Faults) -> None:
    """Add what is wrong between the flows of a town, and with what they name."""
    for word, rule in RULES.items():
        if isinstance(rule, TownRule) and not rule.advice:
            for told, (view, finding) in enumerate(rule.look(town)):
                faults.found.append(finding.fault(view.document, word, near=told < MOST_NEAREST))


def advice_on(town: TownView) -> list[Fault]:
    """What would be better otherwise, in the order of its places."""
    return sorted(_advice(town))


def _advice(town: TownView) -> Iterator[Fault]:
    for word, rule in RULES.items():
        if not rule.advice:
            continue
        found = rule.look(town) if isinstance(rule, TownRule) else _in_each(town, rule)
        for told, (view, finding) in enumerate(found):
            yield finding.fault(view.document, word, near=told < MOST_NEAREST)


def _in_each(town: TownView, rule: FlowRule) -> Iterator[tuple[InFile, Finding]]:
    for view in town.flows.values():
        yield from ((view, finding) for finding in rule.look(view))
