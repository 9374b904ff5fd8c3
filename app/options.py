"""What is typed after an option, read as it is read in the files. What is wrong is one sentence."""

from typing import Any

import click
from pydantic import TypeAdapter, ValidationError

from core.errors import GuichetError
from core.filemodel import Duration, Share, found


class Option(click.ParamType[Any]):
    """A value of a command's option. `read` raises ValueError with the sentence's end."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ARG002
        try:
            return self.read(value)
        except ValueError as error:
            name = param.opts[-1] if param else "the value"
            raise GuichetError(f"{name}: {error}.") from None

    def read(self, value: Any) -> Any:
        raise NotImplementedError


class _FromFiles(Option):
    """A kind of value that files have too."""

    def __init__(self, name: str, kind: Any) -> None:
        self.name = name
        self._adapter = TypeAdapter(kind)

    def read(self, value: Any) -> Any:
        try:
            return self._adapter.validate_python(value)
        except ValidationError as error:
            problem = error.errors(include_url=False)[0].get("ctx", {}).get("problems", [error])[0]
            raise ValueError(getattr(problem, "message", str(problem))) from None


class _Number(Option):
    def __init__(self, least: float, most: float, whole: bool) -> None:
        self.name = "whole number" if whole else "number"
        self._least, self._most, self._whole = least, most, whole

    def read(self, value: Any) -> Any:
        try:
            number = int(value) if self._whole else float(value)
        except ValueError:
            raise ValueError(f"expected a {self.name}, found {found(value)}") from None
        if not self._least <= number <= self._most:
            raise ValueError(f"expected a {self.name} from {self._least:g} to {self._most:,.10g}, found {found(value)}")
        return number


class _Duration(_FromFiles):
    def __init__(self, least: int) -> None:
        super().__init__("duration", Duration)
        self._least = least

    def read(self, value: Any) -> Any:
        ms = super().read(value)
        if ms < self._least:
            raise ValueError(f"expected a duration longer than nothing, found {found(value)}")
        return ms


def duration(least: int = 1) -> click.ParamType[Any]:
    """`240s`, `4m`; gives milliseconds, at least so many."""
    return _Duration(least)


def share() -> click.ParamType[Any]:
    """`85%`; gives 0.85."""
    return _FromFiles("share", Share)


def number(least: float, most: float, *, whole: bool = False) -> click.ParamType[Any]:
    """A number from `least` to `most`."""
    return _Number(least, most, whole)
