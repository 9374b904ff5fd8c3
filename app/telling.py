"""What a start tells the person who waits for it: on the screen, or through a pipe to the screen of another process."""

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from app.house import House
from app.install.display import Display


class Teller(Protocol):
    def step(self, text: str, done: int = 0, of: int = 0) -> None:
        """What goes on now."""

    def note(self, text: str) -> None:
        """Something that is to stay on the screen."""

    def clear(self) -> None:
        """Nothing goes on any more."""

    def ready(self, house: House) -> None:
        """All of it runs."""


class Screen(Display):
    """The terminal in front of a person: what goes on is on stderr, what there is at the end on stdout."""

    def __init__(self, *, as_json: bool, detached: bool) -> None:
        super().__init__()
        self._as_json, self._detached = as_json, detached

    def ready(self, house: House) -> None:
        self.print_facts(house.facts())

    def print_facts(self, facts: Mapping[str, Any]) -> None:
        if self._as_json:
            print(json.dumps(facts, ensure_ascii=False), flush=True)
            return
        from app.show import welcome

        print(welcome(facts, detached=self._detached), flush=True)


class PipeDisplay(Display):
    """Tells whoever reads the other end, a JSON object a line, for as long as somebody reads."""

    def __init__(self, pipe: int) -> None:
        super().__init__()
        self._pipe = pipe

    def step(self, text: str, done: int = 0, of: int = 0) -> None:
        self._tell(step=[text, done, of])

    def note(self, text: str) -> None:
        self._tell(note=text)

    def clear(self) -> None:
        pass

    def ready(self, house: House) -> None:
        self._tell(ready=house.facts())

    def failed(self, text: str) -> None:
        self._tell(failed=text)

    def _tell(self, **message: Any) -> None:
        try:
            os.write(self._pipe, json.dumps(message).encode() + b"\n")
        except BrokenPipeError:
            self._pipe = os.open(os.devnull, os.O_WRONLY)  # whoever waited went away; the house stays


def messages(pipe: int) -> Iterator[dict[str, Any]]:
    """What is told on the pipe, until its other end is closed."""
    with open(pipe, encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)
