"""What a worker allows itself: threads, priority, memory, signals; called inside the worker process."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

_THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
_OUT_OF_MEMORY_PRIORITY = "500"
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """How workers behave.

    Attributes:
        log_path: File to which their log, stdout and stderr are appended.
        niceness: Added to the priority number; 0 leaves it.
        threads: Threads of each numerical library.
    """

    log_path: Path
    niceness: int = 10
    threads: int = 1


def settle_signals() -> None:
    """Leave Ctrl-C and a closed terminal to the parent; SIGTERM ends the worker at once."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if sys.platform != "win32":
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_SETMASK, set())


def die_with_parent() -> None:
    """Have Linux kill this process when the thread that started it ends, even inside a long call into C."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)


def limit_threads(threads: int) -> None:
    """Tell the numerical libraries, before they are loaded, how many threads to use."""
    os.environ.update(dict.fromkeys(_THREAD_VARIABLES, str(threads)))


def lower_priority(niceness: int) -> None:
    """Yield to whoever else uses the machine, and be the first to go when its memory runs out."""
    if niceness and sys.platform == "win32":
        import psutil

        psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
    elif niceness:
        os.nice(niceness)
    if sys.platform == "linux":
        with suppress(OSError):  # some containers forbid it; then all processes are alike to the kernel
            Path("/proc/self/oom_score_adj").write_text(_OUT_OF_MEMORY_PRIORITY)


def forbid_core_dumps() -> None:
    """A crash of a process with torch in it would write gigabytes into the working folder."""
    if sys.platform != "win32":
        import resource

        hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
        resource.setrlimit(resource.RLIMIT_CORE, (0, hard))


@contextmanager
def limited_address_space(limit_bytes: int) -> Iterator[None]:
    """Let the address space, mapped files included, grow by `limit_bytes` inside the block; Linux only.

    What asks for more gets a memory error, and the machine keeps its memory. Not for work on a GPU, whose
    driver reserves address space without end.
    """
    if sys.platform != "linux":
        yield
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + limit_bytes
    for bound in (soft, hard):
        limit = limit if bound == resource.RLIM_INFINITY else min(limit, bound)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
