"""What befalls a whole program with a pool: kills, Ctrl-C, suspension, closed standard streams."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from real_runs import environment_with

HERE = Path(__file__).parent


@pytest.fixture
def start_program(tmp_path):
    programs = []

    def start(kind, payload, *, limit=60, thread="main", **options):
        arguments = [str(tmp_path / "log"), thread, kind, json.dumps(payload), str(limit)]
        environment = environment_with(HERE)
        command = [sys.executable, str(HERE / "pool_script.py"), *arguments]
        settings = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
        programs.append(
            subprocess.Popen(command, env=environment, text=True, start_new_session=True, **settings)
        )
        return programs[-1]

    yield start
    for program in programs:
        if program.poll() is None:
            os.killpg(program.pid, signal.SIGKILL)
        program.communicate()


def read_until(program, count, word):
    lines = []
    while sum(line.startswith(word) for line in lines) < count:
        line = program.stdout.readline()
        assert line, "the program ended: " + program.stderr.read()
        lines.append(line)
    return lines


def children(program):
    return psutil.Process(program.pid).children(recursive=True)


def survivors(family, seconds=5):
    """Who is still there after the time; a zombie is dead, whether or not its new parent looked."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and any(is_running(process) for process in family):
        time.sleep(0.02)
    return [process for process in family if is_running(process)]


def is_running(process):
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize(
    ("kind", "thread"),
    [("deaf", "main"), ("deaf", "thread"), ("torch_busy", "thread"), ("in_c_with_the_lock", "main")],
)
def test_no_child_outlives_a_killed_parent(start_program, kind, thread):
    program = start_program(kind, {}, thread=thread)
    read_until(program, 2, "Progress")
    time.sleep(0.5)  # now they are in the middle of it
    family = children(program)
    assert len(family) >= 2
    os.kill(program.pid, signal.SIGKILL)
    assert survivors(family) == []


def test_no_child_outlives_a_parent_killed_while_they_start(start_program):
    program = start_program("deaf", {})
    pids = json.loads(program.stdout.readline())
    family = children(program)
    assert set(pids) <= {process.pid for process in family}
    os.kill(program.pid, signal.SIGKILL)
    assert survivors(family) == []


def test_suspension_of_the_whole_group_is_no_timeout(start_program):
    program = start_program("slowly", {"naps": 30}, limit=4)  # the stop is longer than the limit
    read_until(program, 2, "Progress")
    os.killpg(program.pid, signal.SIGSTOP)
    time.sleep(5)
    os.killpg(program.pid, signal.SIGCONT)
    output, errors = program.communicate(timeout=20)
    assert output.count("Finished") == 2
    assert "Lost" not in output
    assert errors == ""


@pytest.mark.parametrize("delay", [0.0, 0.1, None])
def test_ctrl_c_reaches_only_the_parent(start_program, tmp_path, delay):
    """The terminal sends SIGINT to the whole group; also while the workers start."""
    program = start_program("slowly", {"naps": 1000})
    program.stdout.readline()
    if delay is None:
        read_until(program, 2, "Progress")
    else:
        time.sleep(delay)
    family = children(program)
    os.killpg(program.pid, signal.SIGINT)
    _, errors = program.communicate(timeout=10)
    assert errors.count("Traceback") == 1
    assert errors.rstrip().endswith("KeyboardInterrupt")
    log = tmp_path / "log"
    assert not log.exists() or "KeyboardInterrupt" not in log.read_text()
    assert survivors(family) == []


def test_a_parent_ended_by_sigterm_leaves_no_child(start_program):
    program = start_program("deaf", {})
    read_until(program, 2, "Progress")
    family = children(program)
    program.send_signal(signal.SIGTERM)
    assert survivors(family) == []


def test_a_script_without_a_main_guard_runs_once(start_program):
    program = start_program("echo", {})
    output, errors = program.communicate(timeout=20)
    assert output.count("Started") == 2
    assert output.count("Finished") == 2
    assert errors == ""


def test_closed_standard_streams_do_no_harm(tmp_path):
    log, out = tmp_path / "log", tmp_path / "out"
    code = (
        "import io, os, runpy, sys\n"
        "os.closerange(0, 3)\n"
        "sys.stdout = sys.stderr = io.StringIO()\n"
        f"sys.argv = ['x', {str(log)!r}, 'main', 'speak', '{{}}', '20']\n"
        f"runpy.run_path({str(HERE / 'pool_script.py')!r})\n"
        f"open({str(out)!r}, 'w').write(sys.stdout.getvalue())\n"
    )
    environment = environment_with(HERE)
    program = subprocess.run([sys.executable, "-c", code], env=environment, timeout=30, check=False)
    assert program.returncode == 0
    lines = out.read_text().splitlines()
    assert lines.count("Finished ") == 2
    assert lines[0] == lines[-1], "a worker was replaced"
    assert log.read_text().count("written to descriptor 2") == 2
    assert '"is"' not in log.read_text(), "a worker's messages went into the log"


def test_the_parent_never_imports_torch_or_numpy(tmp_path):
    code = (
        "import sys; from pathlib import Path\n"
        "from cambrian.workers import devices, limits, pool, protocol\n"
        "assert devices.resolve_devices('cpu', 2) == ['cpu', 'cpu']\n"
        f"settings = limits.WorkerSettings(Path({str(tmp_path / 'log')!r}))\n"
        "with pool.Pool('worker_jobs:HANDLERS', workers=1, devices=['cpu'], settings=settings) as p:\n"
        "    p.submit(protocol.Job('a', 'echo', {}, 10))\n"
        "    while p.outstanding: p.wait(1)\n"
        "print(sorted({'torch', 'numpy', 'deap', 'psutil'} & set(sys.modules)))\n"
    )
    environment = environment_with(HERE)
    program = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=30, check=False
    )
    assert (program.stdout, program.stderr) == ("[]\n", "")
