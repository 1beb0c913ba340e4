"""`cambrian doctor`: what this machine and this installation offer, and what is wrong with them.

`--json` prints {version, ok, problems: [{problem, remedy}], machine, devices, default_run,
packs: [{device, width, lanes_by_batch}], lane_checks: [{device, error, promise, lanes, differing_lanes,
tensors, differing_tensors, largest_difference (relative), differing (the first ones)}], libraries, sqlite,
workspace {path, writable, free_bytes}}.
"""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import typer

from cambrian.cli.display import write_line
from cambrian.cli.lane_report import check_line, check_problems, lane_checks, pack_cells, pack_sizes
from cambrian.cli.options import EXIT_DONE, EXIT_FAILED, JsonOption, WorkspaceOption, workspace_path
from cambrian.cli.printing import write_lines, write_table
from cambrian.cli.text import json_text

SCHEMA_VERSION = 1
_LEAST_SQLITE = (3, 35, 0)
"""Window functions, upserts and recursive views of the store."""
_LEAST_FREE = 500 * 10**6


def register(app: typer.Typer) -> None:
    """Attach the command."""
    app.command("doctor")(doctor)


def doctor(as_json: JsonOption = False, workspace: WorkspaceOption = None) -> int:
    """Show devices, cores, memory, pack sizes, versions, workspace; check that networks train alike together.

    Some sixty small networks train for 5 epochs, each alone and all in company: on a CPU every bit of their
    weights, learning curves and predictions must be the same, on a GPU they must agree within 1e-5. It takes
    a few seconds. Exit status: 0 all is well, 1 a run would fail or a network differs.
    """
    facts = findings(workspace_path(workspace))
    if as_json:
        write_line(json_text(facts))
    else:
        _write_report(facts)
    return EXIT_DONE if facts["ok"] else EXIT_FAILED


def findings(workspace: Path) -> dict[str, Any]:
    """Everything that `--json` prints."""
    devices, torch_problems = _devices()
    place = _workspace(workspace)
    libraries = _libraries()
    names = [each["device"] for each in devices]
    checks = lane_checks(names)
    problems = [
        *torch_problems,
        *_library_problems(libraries),
        *_sqlite_problems(sqlite3.sqlite_version_info),
        *_workspace_problems(place),
        *check_problems(checks),
    ]
    return {
        "version": SCHEMA_VERSION,
        "ok": not problems,
        "problems": [{"problem": problem, "remedy": remedy} for problem, remedy in problems],
        "machine": _machine(),
        "devices": devices,
        "default_run": _default_run(devices),
        "packs": pack_sizes(names),
        "lane_checks": checks,
        "libraries": libraries,
        "sqlite": sqlite3.sqlite_version,
        "workspace": place,
    }


def _machine() -> dict[str, Any]:
    import psutil

    from cambrian.workers.devices import available_cores

    memory = psutil.virtual_memory()
    return {
        "system": platform.platform(),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "usable_cores": available_cores(),
        "memory_bytes": memory.total,
        "free_memory_bytes": memory.available,
    }


def _devices() -> tuple[list[dict[str, Any]], list[tuple[str, str]]]:
    """The devices that torch can compute on, and why there are none if it cannot be loaded."""
    try:
        import torch
    except (ImportError, OSError) as error:
        remedy = "Install Cambrian again; on Windows its libraries need the Visual C++ runtime."
        return [], [(f"PyTorch cannot be loaded: {error}.", remedy)]
    found: list[dict[str, Any]] = [
        {
            "device": "cpu",
            "name": platform.processor() or platform.machine(),
            "threads": torch.get_num_threads(),
        }
    ]
    for number in range(torch.cuda.device_count()):
        facts = torch.cuda.get_device_properties(number)
        found.append({"device": f"cuda:{number}", "name": facts.name, "memory_bytes": facts.total_memory})
    if torch.backends.mps.is_available():
        found.append({"device": "mps", "name": "Apple GPU"})
    return found, []


def _default_run(devices: list[dict[str, Any]]) -> str:
    """What `cambrian run` would use without --devices and --workers."""
    from cambrian.workers.devices import default_workers

    gpus = [each["device"] for each in devices if each["device"] != "cpu"]
    if gpus:
        return f"a worker on each of {', '.join(gpus)}"
    workers = default_workers()
    return f"{workers} worker{'s' if workers > 1 else ''} of one thread each on the CPU"


def _libraries() -> dict[str, str]:
    """The version of every library that Cambrian requires; empty where it is missing."""
    import re
    from importlib.metadata import PackageNotFoundError, requires, version

    from cambrian.run.versions import installed_versions

    try:
        required = [text for text in requires("cambrian") or () if "extra ==" not in text]
    except PackageNotFoundError:  # a frozen program without its metadata
        return installed_versions()
    names = [re.split(r"[^A-Za-z0-9._-]", text, maxsplit=1)[0] for text in required]
    found = {}
    for name in ("cambrian", *sorted(names)):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = ""
    return found


def _library_problems(libraries: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    missing = [name for name, found in libraries.items() if not found]
    if missing:
        yield f"Libraries are missing: {', '.join(missing)}.", "Install Cambrian again."


def _sqlite_problems(found: tuple[int, int, int]) -> Iterator[tuple[str, str]]:
    if found < _LEAST_SQLITE:
        versions = (".".join(str(part) for part in each) for each in (found, _LEAST_SQLITE))
        yield "SQLite {} is too old; {} or later is needed.".format(*versions), "Use a newer Python."


def _workspace(path: Path) -> dict[str, Any]:
    """Whether runs could be kept there; makes nothing but a file that is gone at once."""
    existing = next((each for each in (path, *path.parents) if each.exists()), path)
    error = ""
    try:
        with tempfile.TemporaryFile(dir=existing):
            pass
    except OSError as problem:
        error = problem.strerror or str(problem)
    try:
        free = shutil.disk_usage(existing).free
    except OSError:
        free = 0
    return {
        "path": str(path), "exists": path.exists(), "writable": not error, "error": error, "free_bytes": free
    }  # fmt: skip


def _workspace_problems(place: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if not place["writable"]:
        yield (
            f"The workspace {place['path']} cannot be written to: {place['error']}.",
            "Make it writable or choose another folder with --workspace.",
        )
    elif place["free_bytes"] < _LEAST_FREE:
        free = place["free_bytes"] // 10**6
        yield f"The disk of the workspace has {free} MB left.", "Make room, or choose another --workspace."


def _write_report(facts: Mapping[str, Any]) -> None:
    machine, place = facts["machine"], facts["workspace"]
    memory = f"{_gigabytes(machine['memory_bytes'])}, {_gigabytes(machine['free_memory_bytes'])} free"
    devices = "; ".join(_device_text(each) for each in facts["devices"]) or "none"
    state = "writable" if place["writable"] else "NOT writable"
    rows = [
        ["what", "found"],
        ["system", machine["system"]],
        ["python", f"{machine['python']} ({sys.executable})"],
        ["cores", f"{machine['usable_cores']} usable of {machine['cores']}"],
        ["memory", memory],
        ["devices", devices],
        ["a run uses", facts["default_run"]],
        ["sqlite", facts["sqlite"]],
        ["workspace", f"{place['path']} ({state}, {_gigabytes(place['free_bytes'])} free)"],
        *([name, found or "MISSING"] for name, found in facts["libraries"].items()),
    ]
    write_table(rows)
    if facts["packs"]:
        write_line("")
        write_table(pack_cells(facts["packs"]))
    write_lines(["", *(check_line(each) for each in facts["lane_checks"]), ""])
    write_lines(f"problem: {each['problem']} {each['remedy']}" for each in facts["problems"])
    if facts["ok"]:
        write_line("Everything that a run needs is there.")


def _gigabytes(size: int) -> str:
    return f"{size / 10**9:.1f} GB"


def _device_text(device: Mapping[str, Any]) -> str:
    text = f"{device['device']} {device['name']}"
    if "memory_bytes" in device:
        text += f", {_gigabytes(device['memory_bytes'])}"
    return f"{text}, {device['threads']} threads" if "threads" in device else text
