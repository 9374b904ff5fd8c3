"""What the YAML parser's problems mean to the person who wrote the file."""

import re
from typing import Any

import yaml

from core.files import Fault, Place

LINE_BREAK = re.compile(r"\r\n|\r|\n")
TAB = "a tab stands here; indent with spaces"
UNCLOSED = "unexpected end of stream"

ADVICE = (
    ("tab character", TAB),
    ("cannot start any token", "a text cannot begin with this character; put it in quotes"),
    (
        "mapping values are not allowed",
        "a colon is not expected here; check the indentation, or put the text in quotes",
    ),
    ("expected ':'", "expected a key and a colon here, such as `then: merci`"),
    ("expected key", "this does not fit in here; check the indentation, and that quotes are closed before"),
    ("expected '-' indicator", "expected an item beginning with `- ` here; check the indentation"),
    ("expected ',' or", "a comma is missing here, or a bracket is not closed before"),
    (UNCLOSED, "this quote is not closed"),
    ("expected node content", "expected a value here; put a text that begins with a sign in quotes"),
    ("document start", "this does not fit in here; check the indentation"),
    ("escape", "unknown escape after \\ in double quotes; use single quotes, or write the character itself"),
)
"""By words in libyaml's problem."""


def syntax_fault(error: yaml.MarkedYAMLError, text: str, file: str) -> Fault:
    """The fault for what the parser could not read."""
    told = error.problem or ""
    mark = error.context_mark if UNCLOSED in told else error.problem_mark
    line, column = at(mark or error.problem_mark or error.context_mark)
    lines = LINE_BREAK.split(text)
    if line > len(lines):  # the parser's end is a line further than the text's
        line, column = len(lines), len(lines[-1]) + 1
    if lines[line - 1][column - 1 : column] == "\t":
        message = TAB
    else:
        message = next((advice for words, advice in ADVICE if words in told), f"this cannot be read as YAML: {told}")
    return Fault(Place(file, line, column), message, "syntax")


def at(mark: Any) -> tuple[int, int]:
    """Line and column of a mark of the parser, from 1."""
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)
