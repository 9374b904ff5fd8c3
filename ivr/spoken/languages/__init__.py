"""The languages in which values are spoken. Each is one file here, called by its tag, with one class that has the words
of ivr.spoken.words.Words.

A file added to this folder is a language; nothing else has to be told.
"""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from ivr.spoken.words import Words


def _discover() -> dict[str, Words]:
    languages: dict[str, Words] = {}
    for module in iter_modules(__path__):
        name = f"{__name__}.{module.name}"
        (words,) = [each for each in vars(import_module(name)).values() if getattr(each, "__module__", "") == name
                    and isinstance(each, type)]  # fmt: skip
        languages[module.name] = words()
    return languages


LANGUAGES: Mapping[str, Words] = MappingProxyType(_discover())
"""Every language by its tag."""
