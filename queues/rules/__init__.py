"""What is asked of queues beside the shape of their files. Each rule is one file here: a QueueRule with a good and a
bad example. A file added to this folder is a rule; nothing else has to be told."""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from core.files import Faults
from queues.checking import QueueRule, QueuesView

MOST_NEAREST = 10
"""So many findings of a rule are told with the nearest known name, which takes longer to find than anything else."""


def _discover() -> dict[str, QueueRule]:
    rules: dict[str, QueueRule] = {}
    for module in iter_modules(__path__):
        inside = vars(import_module(f"{__name__}.{module.name}")).values()
        (rule,) = [
            each
            for each in inside
            if isinstance(each, type) and issubclass(each, QueueRule) and each.__module__ == f"{__name__}.{module.name}"
        ]
        rules[module.name.replace("_", "-")] = rule()
    return rules


RULES: Mapping[str, QueueRule] = MappingProxyType(_discover())
"""Every rule by the word that stands behind its messages."""


def check_queues(town: QueuesView, faults: Faults) -> None:
    """Add what is wrong between the queues of a town, and with what they name."""
    for word, rule in RULES.items():
        for told, (view, finding) in enumerate(rule.look(town)):
            faults.found.append(finding.inside(view.inside).fault(view.document, word, near=told < MOST_NEAREST))
