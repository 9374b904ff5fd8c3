"""The verbs of the flow language. Each is one file here: a Step class with a field of the file's name.

A file added to this folder is a verb; nothing else has to be told.
"""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from ivr.model import Step


def _discover() -> dict[str, type[Step]]:
    verbs = {}
    for module in iter_modules(__path__):
        inside = vars(import_module(f"{__name__}.{module.name}")).values()
        (verb,) = [
            each
            for each in inside
            if isinstance(each, type) and issubclass(each, Step) and module.name in each.model_fields
        ]
        verbs[module.name] = verb
    return verbs


VERBS: Mapping[str, type[Step]] = MappingProxyType(_discover())
"""Every verb by its word in YAML."""
