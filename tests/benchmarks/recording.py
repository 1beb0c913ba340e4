"""What every benchmark records beside its numbers: the machine, the versions and the commit."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("torch", "numpy", "scikit-learn", "deap")


def machine() -> dict[str, Any]:
    """The processor, its cores and the versions that decide speed and result."""
    model = platform.processor()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
        model = names[0].split(":")[1].strip() if names else model
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
    }


def load_average() -> float | None:
    """Processes that want a core, averaged over the last minute; None where the system keeps no count.

    Machines are shared: what else they did stands beside what was measured.
    """
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None


def commit() -> str:
    """The commit measured, with a plus if the engine has changes that are not in it; `unknown`: no git."""
    sha = _git("rev-parse", "--short", "HEAD") or "unknown"
    return sha + ("+" if _git("status", "--porcelain", "--", "engine") else "")


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    except FileNotFoundError:  # a machine that has the project and no git
        return ""
    return done.stdout.strip()
