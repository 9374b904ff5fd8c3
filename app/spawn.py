"""Begins processes that cannot outlive us, and tells how they ended.

All of it belongs to the program's first and only thread: the kernel ends the children of a thread when that thread
ends (PR_SET_PDEATHSIG), and a fork copies no other thread.
"""

import asyncio
import contextlib
import ctypes
import gc
import logging
import os
import pwd
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.ready import READY_FD

PRIVATE = 0o077
"""The umask of a process whose files only its own user may read."""

_PR_SET_PDEATHSIG = 1
_PR_SET_NAME = 15
_libc = ctypes.CDLL(None, use_errno=True)
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Work:
    """A process that is a copy of ourselves (a fork). `load` imports what it needs, here, once: so each start of it
    takes no more than its own work. `run` is done in the copy and gives its exit status."""

    load: Callable[[], None]
    run: Callable[[], int]


@dataclass(frozen=True, slots=True)
class Program:
    """A process that runs a command; `env` is added to our own, `user` is whose rights it has ('': ours)."""

    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    user: str = ""


@dataclass(frozen=True, slots=True)
class Begun:
    """A process in its own session, so that Ctrl-C in the terminal does not reach it."""

    pid: int
    reap: Callable[[], int]
    """Wait for its end and give its status, negative for a signal."""


def begin(name: str, what: Work | Program, output: int, ready_fd: int, umask: int = PRIVATE) -> Begun:
    """Begin it, with stdout and stderr into `output`, and `ready_fd` as the pipe on which it says that it is ready.
    OSError or subprocess.SubprocessError where that fails."""
    if isinstance(what, Program):
        return _execute(what, output, ready_fd, umask)
    what.load()
    return _fork(name, what.run, output, ready_fd, umask)


def exit_of(begun: Begun, ended: Callable[[], None]) -> "asyncio.Future[str]":
    """A future of how the process ended, in words. What it left in its session is killed before its id is free."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[str] = loop.create_future()
    watch = os.pidfd_open(begun.pid)

    def over() -> None:
        loop.remove_reader(watch)
        os.close(watch)
        with contextlib.suppress(ProcessLookupError, PermissionError):  # nothing left, or only itself, dead
            os.killpg(begun.pid, signal.SIGKILL)
        how = _in_words(begun.reap())
        if not future.done():
            future.set_result(how)
        ended()

    loop.add_reader(watch, over)
    return future


def open_log(file: Path) -> int:
    """A descriptor that appends to a file which only we may read."""
    return os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _execute(program: Program, output: int, ready_fd: int, umask: int) -> Begun:
    account = pwd.getpwnam(program.user) if program.user else None
    parent = os.getpid()
    popen = subprocess.Popen(
        list(program.command),
        env={**os.environ, **program.env, READY_FD: str(ready_fd)},
        stdin=subprocess.DEVNULL, stdout=output, stderr=output,
        pass_fds=(ready_fd,), start_new_session=True, umask=umask,
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
        extra_groups=[] if account else None,
        # After the change of rights, which would undo it.
        preexec_fn=lambda: _die_with(parent),
    )  # fmt: skip
    return Begun(popen.pid, popen.wait)


def _fork(name: str, run: Callable[[], int], output: int, ready_fd: int, umask: int) -> Begun:
    parent = os.getpid()
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)  # until the copy has let go of our ways to handle them
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            _become_another(name, parent, output, ready_fd, umask)
            status = run()
        except BaseException:
            traceback.print_exc()
        finally:
            logging.shutdown()
            os._exit(status)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
    return Begun(pid, lambda: os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


def _become_another(name: str, parent: int, output: int, ready_fd: int, umask: int) -> None:
    """In the copy: let go of everything that is the parent's. Its files are not closed but led nowhere: objects that
    came along with the copy may close them by number at any time."""
    _die_with(parent)
    os.setsid()
    os.umask(umask)
    signal.set_wakeup_fd(-1)
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    asyncio.events._set_running_loop(None)
    os.dup2(output, 1)
    os.dup2(output, 2)
    sys.stdout = open(1, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115
    nowhere = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    os.dup2(nowhere, 0)
    for file in [int(entry.name) for entry in Path("/proc/self/fd").iterdir()]:
        if file > 2 and file not in (ready_fd, nowhere):
            os.dup2(nowhere, file, inheritable=False)
    os.environ[READY_FD] = str(ready_fd)
    os.set_inheritable(ready_fd, False)
    _libc.prctl(_PR_SET_NAME, f"guichet-{name}"[:15].encode())
    gc.freeze()  # what came along is not looked through again and again
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)


def _die_with(parent: int) -> None:
    """In the new process: the kernel kills it when its parent ends, however that ends."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before this was set
        os._exit(1)


def _in_words(code: int) -> str:
    if code >= 0:
        return f"exit status {code}"
    return f"killed by {signal.Signals(-code).name}"
