"""How a process tells the supervisor that it is ready: one line on a pipe whose number stands in the environment."""

import os

READY_FD = "GUICHET_READY_FD"
READY_LINE = b"READY\n"


def tell_ready() -> None:
    """Say it once. Without a supervisor (the variable is not set) nothing happens."""
    number = os.environ.pop(READY_FD, "")
    if number.isdigit():
        pipe = int(number)
        os.write(pipe, READY_LINE)
        os.close(pipe)
