"""Handlers for the tests of the pool; every one runs in a real worker process."""

import ctypes
import os
import signal
import sys
import threading
import time
from pathlib import Path

from cambrian.workers.limits import limited_address_space

STARTED = {}


def start(context):
    STARTED.update(worker=context.worker, device=context.device, thread=threading.current_thread().name)


def echo(payload, context):
    return {"payload": payload, "worker": context.worker, "device": context.device, "pid": os.getpid()}


def add_up(payload, context):
    for number in range(payload["count"]):
        context.emit({"number": number, "padding": "x" * payload.get("padding", 0)})
    return {"sum": sum(range(payload["count"]))}


def slowly(payload, context):
    """Work off a number of naps; counts naps and not the clock. Stops when asked."""
    for number in range(payload["naps"]):
        context.emit({"nap": number})
        if context.stopping:
            return {"naps": number, "stopped": True}
        time.sleep(0.05)
    return {"naps": payload["naps"], "stopped": False}


def deaf(payload, context):
    """Hang for ever, in pure Python, without listening to anyone."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    context.emit({"pid": os.getpid()})
    while True:
        pass


def falls_silent(payload, context):
    """Work off naps as `slowly` does, and then hang."""
    slowly(payload, context)
    while True:
        time.sleep(1)


def torch_busy(payload, context):
    import torch

    matrix = torch.ones(1500, 1500)
    context.emit({"pid": os.getpid()})
    while True:
        matrix = matrix @ matrix / 1500


def flood(payload, context):
    """Write long messages without end."""
    while True:
        context.emit({"text": "x" * 400_000})


def in_c_with_the_lock(payload, context):
    """A call into C that does not let any other Python thread run."""
    context.emit({"pid": os.getpid()})
    time.sleep(0.3)
    ctypes.PyDLL(None).usleep(60_000_000)
    return {}


def end(payload, context):
    os._exit(payload["status"])


def segfault(payload, context):
    ctypes.string_at(0)


def kill_itself(payload, context):
    os.kill(os.getpid(), signal.SIGKILL)


def raise_error(payload, context):
    raise {"value": ValueError, "memory": MemoryError, "runtime": RuntimeError, "exit": SystemExit}[
        payload["error"]
    ](payload["text"])


def numpy_memory(payload, context):
    import numpy as np

    with limited_address_space(payload["allowed"]):
        return {"bytes": int(np.ones(payload["bytes"], dtype=np.uint8).sum())}


def torch_memory(payload, context):
    import torch

    with limited_address_space(payload["allowed"]):
        return {"bytes": int(torch.ones(payload["bytes"], dtype=torch.uint8).numel())}


def not_json(payload, context):
    return {"value": object()}


def speak(payload, context):
    print("printed by a worker")
    os.write(1, b"written to descriptor 1\n")
    os.write(2, b"written to descriptor 2\n")
    return {}


def look_around(payload, context):
    import torch

    return {
        "nice": os.nice(0),
        "torch_threads": torch.get_num_threads(),
        "omp": os.environ["OMP_NUM_THREADS"],
        "mkl": os.environ["MKL_NUM_THREADS"],
        "started": STARTED,
        "main": getattr(sys.modules["__main__"], "__file__", None),
        "pytest": "pytest" in sys.modules,
        "descriptors": [os.path.realpath(link) for link in Path("/proc/self/fd").iterdir()],
        "oom": Path("/proc/self/oom_score_adj").read_text().strip(),
    }


HANDLERS = {
    "echo": echo,
    "by_name": "worker_jobs:echo",
    "add_up": add_up,
    "slowly": slowly,
    "deaf": deaf,
    "falls_silent": falls_silent,
    "torch_busy": torch_busy,
    "flood": flood,
    "in_c_with_the_lock": in_c_with_the_lock,
    "end": end,
    "segfault": segfault,
    "kill_itself": kill_itself,
    "raise_error": raise_error,
    "numpy_memory": numpy_memory,
    "torch_memory": torch_memory,
    "not_json": not_json,
    "speak": speak,
    "look_around": look_around,
}
