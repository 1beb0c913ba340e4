"""The check of lanes alone and in company on a device, with a second process that lanes move to.

No module is imported here that needs torch: the second process sets its threads before torch is there.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from cambrian.errors import RunError
from cambrian.training.spec import Task
from cambrian.workers.limits import limit_threads
from cambrian.workers.spawn import start_process

if TYPE_CHECKING:
    from cambrian.training.lanes import LaneState
    from cambrian.training.selfcheck import Comparison, Elsewhere

_ANSWER_SECONDS = 120.0
"""For importing torch on a slow disk, and an epoch of a few lanes."""


def check_device(device: str) -> Comparison:
    """Compare lanes alone with lanes in company: bit for bit on a CPU, within `GPU_TOLERANCE` on a GPU.

    Lanes move to a second process and back as lane files; on a GPU, where a second process would take
    seconds and memory, they stay in this one.

    Raises:
        RunError: The second process ended or did not answer.
        RuntimeError: The device failed.
    """
    import torch

    from cambrian.training.selfcheck import GPU_TOLERANCE, compare_lanes, one_epoch

    where = torch.device(device)
    if where.type == "cuda":
        torch.cuda.set_device(where)  # as a worker does: pinned memory belongs to the current one
    if where.type != "cpu":
        here = partial(one_epoch, device=where)
        return compare_lanes(where, here, tolerance=GPU_TOLERANCE)
    with (
        tempfile.TemporaryDirectory(prefix="cambrian-check-") as folder,
        second_process(Path(folder)) as elsewhere,
    ):
        return compare_lanes(where, elsewhere)


@contextmanager
def second_process(folder: Path) -> Iterator[Elsewhere]:
    """A process on the CPU that continues the lanes it is given; lane files in the folder carry them."""
    from cambrian.training.lanes import load_lane, save_lane

    process, connection = start_process(_continue_lanes, str(folder), name="lane check")

    def elsewhere(task: Task, states: Sequence[LaneState]) -> list[LaneState]:
        files = [_lane_file(folder, number) for number in range(len(states))]
        for file, state in zip(files, states, strict=True):
            save_lane(file, state, durable=False)
        try:
            connection.send_bytes(json.dumps([task, len(states)]).encode())
            answered = connection.poll(_ANSWER_SECONDS)
            if answered:
                connection.recv_bytes()
        except (EOFError, OSError) as error:
            process.join(5.0)
            raise _lost(f"ended with exit status {process.exitcode}") from error
        if not answered:
            raise _lost(f"gave no answer within {_ANSWER_SECONDS:g} s")
        return [load_lane(file) for file in files]

    try:
        yield elsewhere
    finally:
        process.kill()
        process.join(5.0)
        connection.close()


def _lost(how: str) -> RunError:
    return RunError(
        f"The second process of the lane check {how}.",
        "Try again; if memory is short, end other programs first.",
        exit_code=1,
    )


def _lane_file(folder: Path, number: int) -> Path:
    return folder / f"{number}.safetensors"


def _continue_lanes(connection: Connection, folder: str) -> None:
    """The second process: an epoch of the lanes in the folder for every message, until the pipe ends."""
    limit_threads(1)
    import torch

    from cambrian.training.lanes import load_lane, save_lane
    from cambrian.training.selfcheck import one_epoch

    torch.set_num_threads(1)
    while True:
        try:
            task, count = json.loads(connection.recv_bytes())
        except (EOFError, OSError):
            return  # the first process has gone
        files = [_lane_file(Path(folder), number) for number in range(count)]
        states = one_epoch(task, [load_lane(file) for file in files], torch.device("cpu"))
        for file, state in zip(files, states, strict=True):
            save_lane(file, state, durable=False)
        connection.send_bytes(b"done")
