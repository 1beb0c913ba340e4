"""The run's own process computes nothing: it starts at once and stays small without torch."""

from __future__ import annotations

import subprocess
import sys


def test_the_run_process_does_not_import_torch() -> None:
    program = "import sys, cambrian.run.run; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
