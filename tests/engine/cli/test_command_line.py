"""The command line as a whole: what it imports, what it documents, and that no error shows a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer

import cambrian.cli.app as command_line
from cambrian.run.workspace import RunFolder

HEAVY = ("torch", "deap", "PySide6", "sklearn", "scipy")
ROOT = Path(__file__).resolve().parents[3]
PROBE = """
import json, sys
from cambrian.cli import main
status = main(sys.argv[1:])
heavy = [name for name in {heavy!r} if name in sys.modules]
print(json.dumps({{"status": status, "heavy": heavy, "count": len(sys.modules)}}), file=sys.stderr)
"""


def commands() -> list[str]:
    return sorted(typer.main.get_command(command_line.app).commands)  # type: ignore[attr-defined]


def started(arguments: list[str], workspace: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROBE.format(heavy=HEAVY), *arguments],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "CAMBRIAN_WORKSPACE": str(workspace), **environment},
        check=False,
    )


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["space"], ["runs"], ["show", "--help"]])
def test_light_commands_import_nothing_heavy(arguments: list[str], tmp_path: Path) -> None:
    ended = started(arguments, tmp_path)
    facts = json.loads(ended.stderr.splitlines()[-1])
    assert facts["status"] == 0
    assert facts["heavy"] == []
    assert ended.stdout


def test_help_imports_no_library_of_data_or_tables(tmp_path: Path) -> None:
    """Structure instead of seconds; pydantic alone is there: it declares the options of `run`."""
    probe = PROBE.format(heavy=(*HEAVY, "numpy", "pyarrow", "sqlite_utils", "psutil"))
    ended = subprocess.run(
        [sys.executable, "-c", probe, "--help"], capture_output=True, encoding="utf-8", check=False
    )
    assert json.loads(ended.stderr.splitlines()[-1])["heavy"] == []


@pytest.mark.parametrize("command", ["show", "resume", "predict", "stop", "pause", "repair"])
def test_the_shell_offers_the_runs_of_the_workspace(tmp_path: Path, command: str) -> None:
    """As bash asks for it; nothing heavy is imported between two key strokes."""
    for name in ("penguins-1", "penguins-2", "other"):
        RunFolder(tmp_path / "runs" / name).create()
        (tmp_path / "runs" / name / "run.db").touch()
    (tmp_path / "runs" / "no-run").mkdir()

    def offered(typed: str, workspace: Path = tmp_path) -> list[str]:
        words = f"cambrian {command} {typed}"
        cword = str(len(words.split(" ")) - 1)
        asking = {"COMP_WORDS": words, "COMP_CWORD": cword, "_CAMBRIAN_COMPLETE": "complete_bash"}
        probe = "import sys; sys.argv[0] = 'cambrian'; from cambrian.cli.app import app\n"
        probe += "try: app(prog_name='cambrian')\n"
        probe += f"finally: assert not set({HEAVY!r}) & set(sys.modules)"
        ended = subprocess.run(
            [sys.executable, "-c", probe],
            capture_output=True,
            encoding="utf-8",
            env={**os.environ, "CAMBRIAN_WORKSPACE": str(workspace), **asking},
            check=False,
        )
        assert ended.stderr == ""
        return ended.stdout.split()

    assert offered("") == ["other", "penguins-2", "penguins-1", "last"]
    assert offered("pen") == ["penguins-2", "penguins-1"]
    assert offered("z") == []
    assert offered("", tmp_path / "nowhere") == []
    assert offered(f"--workspace {tmp_path} o", tmp_path / "nowhere") == ["other"]


def test_every_command_has_help_and_stands_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    missing = [name for name in commands() if f"cambrian {name}" not in readme]
    assert missing == []


def test_the_commands_of_the_issue_are_there(cli) -> None:
    expected = {"run", "inspect", "space", "runs", "show", "resume", "pause", "stop", "predict", "experiment"}
    assert expected | {"doctor"} <= set(commands())
    status, out, _ = cli("--help")
    assert status == 0
    assert "--install-completion" in out


@pytest.mark.parametrize("arguments", [["nonsense"], ["space", "--rows", "many"], ["predict"]])
def test_wrong_usage_is_a_sentence_and_exit_status_2(arguments: list[str], tmp_path: Path) -> None:
    ended = started(arguments, tmp_path)
    assert json.loads(ended.stderr.splitlines()[-1])["status"] == 2
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("arguments", [["space"], ["space", "--json"], ["--help"], ["runs"]])
def test_a_reader_that_leaves_is_no_error(arguments: list[str], tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "cambrian", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "CAMBRIAN_WORKSPACE": str(tmp_path)},
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    errors = process.stderr.read().decode()
    process.wait()
    assert errors == ""


@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
def test_output_survives_a_console_of_another_encoding(encoding: str, tmp_path: Path) -> None:
    ended = started(["runs"], tmp_path / "数据", PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert "There is no run in" in ended.stdout
