"""pyst2's AGI class over our own asyncio connection. Its blocking methods run in a greenlet (bridge.py) and wait there:

    digit = await in_greenlet(agi.stream_file, "welcome", "12")

Where pyst2 0.5.1 misreads the protocol, this class reads it right; where it leaves out quoting, it quotes. Errors are
core.errors.CallerGone, core.errors.ChannelLost, and pyst2's own AGIError for a command that Asterisk refuses.
"""

import os
import re
from typing import Any

from asterisk import agi as pyst2

from core.errors import CallerGone
from telephony.asterisk.bridge import await_
from telephony.asterisk.connection import AgiConnection, Reply

MOST_LINE = 2047
"""Bytes of a command with its line break. Asterisk cuts a longer one and takes the rest for a command of its own."""

AppError = pyst2.AGIAppError
"""A command that Asterisk could not do."""

AFTER_HANGUP = ("GET VARIABLE", "GET FULL VARIABLE", "SET VARIABLE")
"""What Asterisk still does for a caller who is gone, and we use."""

_PLAIN = re.compile(r"[A-Za-z0-9_./:&,=*+@#%-]+")
_BREAKS = re.compile("[\r\n\x00]")
_NAME = re.compile(r"[A-Za-z0-9_]+(\([A-Za-z0-9_:,./-]*\))?")


class _Quoted(str):
    """An argument as it will stand in the line."""

    __slots__ = ()


class Agi(pyst2.AGI):  # type: ignore[misc]  # pyst2 has no types
    """One call's conversation with Asterisk. `env` holds the `agi_…` values as they came: nothing in it is clean."""

    def __init__(self, connection: AgiConnection, mark: str = "") -> None:
        # pyst2's own __init__ reads standard input, sets a signal handler and prints: none of it is wanted here.
        assert connection.environment is not None
        self.env = connection.environment
        self.last = Reply(0)
        self._connection = connection
        self._mark = mark

    @property
    def hung_up(self) -> bool:
        return self._connection.hung_up

    @property
    def endpos(self) -> int:
        """Where the last sound was stopped or ended, in samples."""
        return self.last.endpos

    @property
    def timed_out(self) -> bool:
        """The last get_data ended by silence, not by its terminator or its number of digits."""
        return self.last.data == "timeout"

    # --- what pyst2 gets wrong ----------------------------------------------------------------------------------

    def execute(self, command: str, *args: Any) -> dict[str, tuple[str, str]]:
        """Send a command and wait for its reply: `{"result": (value, data)}`, and `endpos` where Asterisk gives it."""
        return self._judged(self._exchange(command, args))

    def test_hangup(self) -> None:
        if self.hung_up:
            raise CallerGone

    def get_variable(self, name: str) -> str:
        """A channel variable or dialplan function's value, whatever it holds; "" where it is not set."""
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is not the name of a channel variable")
        return self.get_full_variable(f"${{{name}}}")

    def get_full_variable(self, name: str, channel: str | None = None) -> str:
        """What an expression like `${A}|${B}` comes to."""
        if not self._mark:
            self._mark = os.urandom(6).hex()
        args = (self._quote(name + self._mark), *([self._quote(channel)] if channel else []))
        return self._judged(self._exchange("GET FULL VARIABLE", args, self._mark.encode()))["result"][1]

    def database_get(self, family: str, key: str) -> str:
        """AGIDBError where there is none."""
        found, value = self.execute("DATABASE GET", self._quote(family), self._quote(key))["result"]
        if found != "1":
            raise pyst2.AGIDBError(f"Asterisk's database has no {family}/{key}")
        return value

    def _quote(self, string: object) -> str:
        text = str(string)
        if isinstance(string, _Quoted):
            return text
        if _BREAKS.search(text):
            raise ValueError(f"{text!r} cannot be sent to Asterisk: it holds a line break or a NUL")
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        return _Quoted(f'"{escaped}"')

    def _process_digit_list(self, digits: object) -> str:
        return self._quote("".join(map(str, digits)) if isinstance(digits, list | tuple) else digits)

    # --- the exchange -------------------------------------------------------------------------------------------

    def _exchange(self, command: str, args: tuple[Any, ...], mark: bytes = b"") -> Reply:
        if self._connection.hung_up and command not in AFTER_HANGUP:
            raise CallerGone
        self.last = reply = await_(self._connection.request(self._line(command, args), mark))
        return reply

    def _line(self, command: str, args: tuple[Any, ...]) -> bytes:
        words = [command]
        for arg in args:
            text = arg if isinstance(arg, str) else str(arg)
            words.append(text if isinstance(text, _Quoted) or _PLAIN.fullmatch(text) else self._quote(text))
        while words[-1] == '""' and not isinstance(args[len(words) - 2], _Quoted):
            words.pop()  # an optional argument that was not given
        line = f"{' '.join(words)}\n".encode()
        if len(line) > MOST_LINE:
            raise ValueError(f"an AGI command of {len(line)} bytes is too long for Asterisk, which takes {MOST_LINE}")
        return line

    def _judged(self, reply: Reply) -> dict[str, tuple[str, str]]:
        if reply.code == 200 and reply.result != "-1":
            result = {"result": (reply.result, reply.data)}
            if reply.endpos:
                result["endpos"] = (str(reply.endpos), "")
            return result
        if reply.code == 200:
            self._find_out_why()
        if reply.code == 511:
            self._connection.hung_up = True
            raise CallerGone
        if reply.code == 510:
            raise pyst2.AGIInvalidCommand(reply.text)
        if reply.code == 520:
            raise pyst2.AGIUsageError(reply.text)
        raise pyst2.AGIUnknownError(reply.code, reply.text)

    def _find_out_why(self) -> None:
        """`result=-1` is a caller who hung up or a command that failed. WAIT FOR DIGIT 0 waits for nothing, and says -1
        only where the caller is gone."""
        if not self._connection.hung_up:
            asked = await_(self._connection.request(b"WAIT FOR DIGIT 0\n"))
            if asked.code == 511 or asked.result == "-1":
                self._connection.hung_up = True
        if self._connection.hung_up:
            raise CallerGone
        raise AppError("Asterisk could not do the command")
