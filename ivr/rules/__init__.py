"""What is asked of flows. Each rule is one file here: a Rule class with a good and a bad example.

A file added to this folder is a rule; nothing else has to be told.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from core.files import Fault, Faults
from ivr.checking.rule import Finding, FlowRule, TownRule
from ivr.checking.town import TownView
from ivr.checking.view import FlowView

MOST_FAULTS = 100
"""Told of one flow; a person mends no more at once."""


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
    most = len(faults.found) + MOST_FAULTS
    for word, rule in RULES.items():
        if isinstance(rule, FlowRule) and not rule.advice:
            for finding in rule.look(view):
                if len(faults.found) >= most:
                    return
                faults.found.append(_fault(view, finding, word))


def check_town(town: TownView, faults: Faults) -> None:
    """Add what is wrong between the flows of a town, and with what they name."""
    for word, rule in RULES.items():
        if isinstance(rule, TownRule) and not rule.advice:
            faults.found += [_fault(view, finding, word) for view, finding in rule.look(town)]


def advice_on(town: TownView) -> list[Fault]:
    """What would be better otherwise, in the order of its places."""
    return sorted(_advice(town))


def _advice(town: TownView) -> Iterator[Fault]:
    for word, rule in RULES.items():
        if not rule.advice:
            continue
        if isinstance(rule, TownRule):
            yield from (_fault(view, finding, word) for view, finding in rule.look(town))
        else:
            for view in town.flows.values():
                yield from (_fault(view, finding, word) for finding in rule.look(view))


def _fault(view: FlowView, finding: Finding, word: str) -> Fault:
    document = view.document
    if finding.at_key:
        return Fault(document.key_place(finding.path), finding.message, word)
    return Fault(document.place(finding.path, finding.offset), finding.message, word)
