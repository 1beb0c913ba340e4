"""Which device each worker gets; the parent learns of GPUs without importing torch."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from cambrian.errors import SettingError
from cambrian.log import LOGGER
from cambrian.workers.spawn import start_process

_PROBE_SECONDS = 120.0
_CORES_KEPT_WHOLE = 4
_GPU_FILES = ("/dev/nvidiactl", "/dev/nvidia0", "/dev/kfd", "/dev/dxg")  # NVIDIA, AMD, Windows' Linux
_ALLOWED = "Give auto, cpu, mps, cuda or cuda with numbers, as in cuda:0,1."


@dataclass(frozen=True, slots=True)
class Gpus:
    """What torch finds: the number of CUDA (or ROCm) devices, Apple's GPU, and why it could not look."""

    cuda: int
    mps: bool
    error: str = ""


def resolve_devices(text: str, workers: int = 0) -> list[str]:
    """The device of every worker: the GPUs in turn where there are any, else a CPU core each.

    Args:
        text: "auto", "cpu", "mps", "cuda" (all of them) or "cuda:0,1".
        workers: How many workers; 0: one a GPU, or one a core, of which one stays free above four.

    Raises:
        SettingError: The text is none of these, or the machine lacks the device.
    """
    wanted = text.strip().lower()
    if wanted not in ("auto", "cpu", "mps") and wanted.partition(":")[0] != "cuda":
        raise SettingError(f"There is no device {text!r}.", _ALLOWED)
    numbers = _numbers(wanted)
    devices = [] if wanted == "cpu" or (wanted == "auto" and not _may_have_gpu()) else _gpus(wanted, numbers)
    count = workers or len(devices) or default_workers()
    return [devices[number % len(devices)] if devices else "cpu" for number in range(count)]


def default_workers() -> int:
    """Worker processes for this machine's CPU: one a core, one core stays free on more than four."""
    cores = available_cores()
    return cores - 1 if cores > _CORES_KEPT_WHOLE else cores


def available_cores(cgroups: Path = Path("/sys/fs/cgroup")) -> int:
    """Cores that this process may use: its affinity, and the quota of its container, rounded down.

    Args:
        cgroups: Where the control groups are mounted.
    """
    affinity = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return max(1, min([affinity, *(int(quota) for quota in _quotas(cgroups))]))


def _quotas(cgroups: Path) -> list[float]:
    """Processor quotas, in cores, of this process's control group and of those above it."""
    own = _own_group()
    groups = [cgroups, *(cgroups / part for part in [own, *own.parents] if part != Path("."))]
    found = []
    for group in groups:
        try:
            quota, period = (group / "cpu.max").read_text().split()
            found += [] if quota == "max" else [int(quota) / int(period)]
        except (OSError, ValueError):
            continue  # no control group here, or of the first version
    try:
        old = [int((cgroups / "cpu" / f"cpu.cfs_{part}_us").read_text()) for part in ("quota", "period")]
        found += [old[0] / old[1]] if old[0] > 0 else []
    except (OSError, ValueError):
        return found
    return found


def _own_group() -> Path:
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return Path()
    unified = [line.removeprefix("0::") for line in lines if line.startswith("0::")]
    return Path(unified[0].strip("/")) if unified else Path()


def _numbers(wanted: str) -> list[int] | None:
    _, colon, listed = wanted.partition(":")
    if not colon:
        return None
    parts = [part.strip() for part in listed.split(",")]
    if not all(part.isascii() and part.isdigit() for part in parts) or len(set(parts)) < len(parts):
        raise SettingError(f"{wanted!r} does not name CUDA devices by different numbers.", _ALLOWED)
    return [int(part) for part in parts]


def _may_have_gpu() -> bool:
    if sys.platform == "linux":
        return any(os.path.exists(file) for file in _GPU_FILES)
    return True


def _gpus(wanted: str, numbers: list[int] | None) -> list[str]:
    found = probe_gpus()
    if wanted == "auto":
        if found.error:
            LOGGER.warning("GPUs are left out, the search for them failed: %s", found.error)
        return [f"cuda:{number}" for number in range(found.cuda)] or (["mps"] if found.mps else [])
    if wanted == "mps":
        if not found.mps:
            raise SettingError(f"PyTorch finds no Apple GPU here.{_reason(found)}", "Use auto or cpu.")
        return ["mps"]
    if not found.cuda:
        raise SettingError(f"PyTorch finds no CUDA device here.{_reason(found)}", "Use auto or cpu.")
    known = [f"cuda:{number}" for number in range(found.cuda)]
    for number in numbers or ():
        if number >= found.cuda:
            raise SettingError(
                f"There is no device cuda:{number}; this machine has {', '.join(known)}.", "Name one of them."
            )
    return known if numbers is None else [known[number] for number in numbers]


def _reason(found: Gpus) -> str:
    return f" ({found.error}.)" if found.error else ""


def probe_gpus() -> Gpus:
    """Let a short-lived process import torch and count the GPUs that work."""
    process, connection = start_process(_probe, name="GPU probe")
    try:
        if not connection.poll(_PROBE_SECONDS):
            return Gpus(0, False, f"no answer from the driver within {_PROBE_SECONDS:g} s")
        cuda, mps = connection.recv_bytes().decode().split()
        return Gpus(int(cuda), mps == "True")
    except EOFError:
        process.join(5.0)
        return Gpus(0, False, f"importing torch ended with exit status {process.exitcode}")
    finally:
        process.kill()
        process.join(5.0)
        connection.close()


def _probe(connection: Connection) -> None:
    import torch

    mps = torch.backends.mps.is_available()
    connection.send_bytes(f"{torch.cuda.device_count()} {mps}".encode())
