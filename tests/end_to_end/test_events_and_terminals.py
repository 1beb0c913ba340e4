"""What a run says while it goes: JSON lines as the README lists them, and a panel on a narrow terminal."""

from __future__ import annotations

import json
import os
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from readme_events import documented_events
from real_runs import CommandLine, assert_no_fault, write_table

SETTINGS = ("--target", "label", "--generations", 3, "--population", 6, "--epochs", 4, "--folds", 2)


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    return CommandLine(tmp_path_factory.mktemp("events") / "workspace")


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table with something to warn of: the empty cells' share, and a column of one value."""
    path = write_table(tmp_path_factory.mktemp("events") / "table.csv", rows=200)
    header, *rows = path.read_text(encoding="utf-8").splitlines()
    text = "\n".join([f"{header},constant", *(f"{row},1" for row in rows)])
    path.write_text(text + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def events(line: CommandLine, table: Path) -> list[dict]:
    lines = line("run", table, *SETTINGS, "--run-id", "events", "--json").lines
    return [json.loads(each) for each in lines]


def test_the_readme_lists_the_data_of_every_event(events: list[dict]) -> None:
    seen: dict[str, set[str]] = {}
    for event in events:
        assert seen.setdefault(event["event"], set(event["data"])) == set(event["data"])
    assert {"data-warning", "resolved", "rung", "generation-finished", "finalists", "beat"} <= set(seen)
    readme = documented_events()
    assert seen == {name: readme.get(name) for name in seen}


def test_times_are_utc_and_ascend(events: list[dict]) -> None:
    times = [event["time"] for event in events]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", each) for each in times)
    assert times == sorted(times)
    assert abs((datetime.now(UTC) - datetime.fromisoformat(times[-1])).total_seconds()) < 3600


def test_resuming_a_complete_run_tells_its_result_again(line: CommandLine, events: list[dict]) -> None:
    (again,) = (json.loads(each) for each in line("resume", "events", "--json").lines)
    assert again["event"] == "finished"
    assert again["data"] == events[-1]["data"]


@pytest.mark.skipif(os.name == "nt", reason="pseudo terminals")
def test_a_narrow_terminal_shows_how_long_the_search_takes(line: CommandLine, table: Path) -> None:
    out = on_terminal(line, 50, "run", table, *SETTINGS, "--run-id", "narrow")
    assert "search left" in out
    assert "at the pace so far" in out
    assert "time left" not in out
    result = out[out.index("place 1") :]
    assert result.index("test score log_loss") < result.index("evolved ")


@pytest.mark.skipif(os.name == "nt", reason="pseudo terminals")
@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_table_is_wider_than_the_terminal(line: CommandLine, events: list[dict], width: int) -> None:
    out = on_terminal(line, width, "runs")
    assert max(map(len, out.splitlines())) <= width
    assert "events" in out.split()  # an id is never cut


def on_terminal(line: CommandLine, width: int, *arguments: object) -> str:
    """The output of a command on a real terminal without colours, its control sequences taken out."""
    import pty

    pid, terminal = pty.fork()
    if pid == 0:
        environment = line.environment | {"COLUMNS": str(width), "NO_COLOR": "1", "TERM": "xterm"}
        os.execve(sys.executable, line.command(*arguments), environment)
    said = b""
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:  # how Linux says that the other side has closed
            break
        if not part:
            break
        said += part
    os.close(terminal)
    _, status = os.waitpid(pid, 0)
    out = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", said.decode()).replace("\r", "")
    assert os.waitstatus_to_exitcode(status) == 0, out
    assert_no_fault(out)
    return out
