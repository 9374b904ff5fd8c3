"""Files of one kind: each holds one thing under a name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Generic, TypeVar

from core.document import Document
from core.filemodel import FileModel
from core.files import Faults
from core.validation import read_model
from core.yamlfile import parse_yaml

Thing = TypeVar("Thing", bound=FileModel)


@dataclass(frozen=True, slots=True)
class Filed(Generic[Thing]):
    """A thing that was read without fault, and its file, for rules to point at."""

    thing: Thing
    document: Document


def load_filed(
    model: type[Thing], key: str, name_of: Callable[[Thing], str], sources: Mapping[str, bytes], faults: Faults
) -> Mapping[str, Filed[Thing]]:
    """The things in files, by their names; `sources` by the name that is shown of each file. What is wrong is added to
    the faults. `key`: the one under which the name stands, and the word for such a thing."""
    filed: dict[str, Filed[Thing]] = {}
    for file in sorted(sources):
        before = len(faults.found)
        document = parse_yaml(sources[file], file, faults)
        thing = read_model(model, document, faults) if document else None
        if document is None or thing is None or len(faults.found) > before:
            continue
        name = name_of(thing)
        if name in filed:
            there = filed[name].document.file
            faults.add(document.place((key,)), f"the {key} {name} stands in {there} already", f"duplicate-{key}")
            continue
        filed[name] = Filed(thing, document)
    return MappingProxyType(filed)
