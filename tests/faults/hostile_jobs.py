"""The run's own handlers, of which `train` misbehaves in one epoch of chosen individuals.

`CAMBRIAN_HOSTILE` is JSON: individual -> {"do": one of ACTS, "times": how often, default for ever, "epoch":
not before this one of a lane, default 1, "every": true to go on in the epochs that follow}. What was done is
counted in files of the folder `CAMBRIAN_HOSTILE_FOLDER`, so that it outlives the worker.
`CAMBRIAN_HOSTILE_BASELINE` names a baseline whose fit ends the worker; `CAMBRIAN_HELD_BASELINES` makes the
baselines wait for the file `baselines.go`.
"""

import ctypes
import json
import os
import signal
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from cambrian.run import data_jobs, job_table, jobs

PLAN = {int(number): act for number, act in json.loads(os.environ.get("CAMBRIAN_HOSTILE", "{}")).items()}
FOLDER = Path(os.environ.get("CAMBRIAN_HOSTILE_FOLDER", "."))


def leave(number, context):
    os._exit(7)


def segfault(number, context):
    ctypes.string_at(0)


def kill_itself(number, context):
    os.kill(os.getpid(), signal.SIGKILL)


def hang(number, context):
    while True:
        time.sleep(0.05)


def hang_deaf(number, context):
    """Pure Python that neither listens nor obeys SIGTERM."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        pass


def fill_memory(number, context):
    held = []
    while True:
        held.append(np.ones(2**24, dtype=np.uint8))  # 16 MB at a time


def raise_error(number, context):
    raise ValueError("a mistake in a network")


def wait(number, context):
    """Say who is here, and stay until the test lets go or the run asks its workers to stop."""
    (FOLDER / f"{number}.pid").write_text(str(os.getpid()))
    while not context.stopping and not (FOLDER / f"{number}.go").exists():
        time.sleep(0.02)


def nap(number, context):
    """Make a short run long enough to be disturbed."""
    time.sleep(0.3)


ACTS = {
    act.__name__: act
    for act in (leave, segfault, kill_itself, hang, hang_deaf, fill_memory, raise_error, wait, nap)
}


class HostileContext:
    """The worker's context; a hostile individual acts in the first epoch for it that passes by."""

    def __init__(self, context, plan):
        self._context, self._plan = context, dict(plan)
        self.worker, self.device = context.worker, context.device

    @property
    def stopping(self):
        return self._context.stopping

    def emit(self, data):
        self._context.emit(data)
        for row in data.get("epochs", ()):
            act = self._plan.get(row[0])
            if not act or row[3] < act.get("epoch", 1):
                continue
            if not act.get("every"):
                del self._plan[row[0]]
            if act["do"] in ACTS and _may(row[0], act):
                time.sleep(0.2)  # what was emitted leaves
                ACTS[act["do"]](row[0], self)


def _may(number, act):
    """Whether the individual still misbehaves; counts how often it did."""
    done = len(list(FOLDER.glob(f"{number}.done-*")))
    if done >= act.get("times", 10**6):
        return False
    (FOLDER / f"{number}.done-{done}").touch()
    return True


def train(payload, context):
    for lane in payload["lanes"]:
        act = PLAN.get(lane["id"][0])
        if act and act["do"] == "diverge":
            lane["spec"]["genes"]["lr"] = 1e30
    return jobs.train(payload, HostileContext(context, PLAN))


def baselines(payload, context):
    if os.environ.get("CAMBRIAN_HELD_BASELINES"):
        begun = FOLDER / f"{os.getpid()}.baselines"
        begun.write_text(str(os.getpid()))
        begun.rename(FOLDER / "baselines.pid")
        while not (FOLDER / "baselines.go").exists():
            time.sleep(0.02)

    def emit(facts):
        if os.environ.get("CAMBRIAN_HOSTILE_BASELINE") in facts:
            time.sleep(0.2)  # what was emitted leaves
            leave(0, context)
        context.emit(facts)

    return data_jobs.baselines(payload, SimpleNamespace(emit=emit))


HANDLERS = {**job_table.HANDLERS, "train": train, "baselines": baselines}
