"""What the workers do with torch: the handlers of the jobs that train, predict and deliver."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from cambrian.config import write_atomically
from cambrian.data.encode import Prep
from cambrian.data.mapped import own_bytes, take_rows
from cambrian.errors import RunError
from cambrian.log import LOGGER
from cambrian.records import EpochRecord, LaneStatus, Reason
from cambrian.results.champion import save_champion
from cambrian.results.delivery import deliver as deliver_model
from cambrian.run.data_jobs import prepared_of
from cambrian.run.heir_lanes import begin_heir
from cambrian.run.lanes import LaneId
from cambrian.run.room import JobLane, room_on
from cambrian.run.workspace import RunFolder
from cambrian.training.cost import parameter_count, work_of_epochs
from cambrian.training.lanes import LaneState, load_lane, save_lane
from cambrian.training.metrics import metric_names, score
from cambrian.training.pack import PackTrainer
from cambrian.training.prediction import predict
from cambrian.training.rows import TrainingRows, limited
from cambrian.training.spec import LaneSpec, TrainingShape
from cambrian.workers.limits import limited_address_space
from cambrian.workers.worker import WorkContext

_KEPT_ROWS = 4
"""`TrainingRows` that a worker keeps: one a run, shape and device; each bounds its own tables."""
_PROBED_LANES = 4
_UNPREDICTED_BYTES = 2**28
"""Address space beyond a lane's own: the allocator's arenas, and code that is loaded when first used."""


def start(context: WorkContext) -> None:
    """Make the worker's GPU the current one: else whatever names none, pinned memory too, takes the first."""
    if context.device.startswith("cuda"):
        torch.cuda.set_device(context.device)


@lru_cache(maxsize=_KEPT_ROWS)
def _rows(folder: str, shape: TrainingShape, device: str) -> TrainingRows:
    return TrainingRows(prepared_of(folder), shape, torch.device(device))


def train(payload: Mapping[str, Any], context: WorkContext) -> dict[str, Any]:
    """Train the job's lanes until their epochs, park them and report each as soon as it gets there.

    Emits `{"epochs": [...]}` after every epoch and `{"report": {...}}` for every lane that was begun, and
    `{}` or no epochs as a sign of life between the tables that it reads. Returns how many lane epochs and
    epochs of tensor programs that took.
    """
    folder = RunFolder(Path(payload["folder"]))
    shape = TrainingShape(**payload["shape"])
    room_bytes, tf32 = payload["room_bytes"], payload["tf32"]
    work = _Training(folder, shape, payload["objectives"], room_bytes, context, tf32=tf32)
    lanes = [JobLane.from_json(each) for each in payload["lanes"]]
    try:
        with work.held_to_its_memory(lanes, payload["memory_bytes"]):
            work.run(lanes)
    except (MemoryError, RuntimeError):
        context.emit({"ran_out_at": work.measured() or None})
        raise
    return work.epochs


class _Training:
    """One job: lanes on a pack, from where they were parked to where they shall be."""

    def __init__(
        self,
        folder: RunFolder,
        shape: TrainingShape,
        objectives: Sequence[str],
        room_bytes: int,
        context: WorkContext,
        *,
        tf32: bool,
    ) -> None:
        self._folder = folder
        self._shape = shape
        self._objectives = objectives
        self._context = context
        self._device = torch.device(context.device)
        self._rows = _rows(str(folder.path), shape, context.device)
        self._trainer = PackTrainer([], self._rows, self._device, tf32=tf32)
        if self._device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(self._device)
        self._room = room_on(self._rows, room_bytes, self._width)
        self._before, self._most = own_bytes(), 0
        self._tells_of_one_lane = False

    def run(self, lanes: Sequence[JobLane]) -> None:
        """Train until every lane is where it shall be, or the run asks to stop.

        Lanes wait while the pack is full; each that leaves makes room for the next.
        """
        held: dict[int, JobLane] = {}
        waiting = deque(lanes)
        # On a CPU a worker grows by little or nothing where it takes what an earlier job has left behind.
        self._tells_of_one_lane = len(lanes) == 1 and self._device.type == "cuda"
        while (held or waiting) and not self._context.stopping:
            self._fill(waiting, held)
            records = self._trainer.advance(1)
            self.measured()
            self._context.emit({"epochs": [_row(held[each.lane].id, each) for each in records]})
            for record in records:
                if record.status is not LaneStatus.RUNNING or record.epoch >= held[record.lane].until:
                    self._part(record.lane, held)
        for handle in list(held):
            self._part(handle, held)

    @property
    def epochs(self) -> dict[str, int]:
        """Epochs of lanes and of tensor programs so far."""
        return {
            "lane_epochs": self._trainer.lane_epochs,
            "program_epochs": self._trainer.program_epochs,
        }

    def _fill(self, waiting: deque[JobLane], held: dict[int, JobLane]) -> None:
        """Take in lanes as long as there is room."""
        if not waiting or not self._room.opens(len(held)):
            return
        while waiting and self._room.fits(waiting[0], held.values()):
            self._begin(waiting.popleft(), held)
        self._room.filled(len(held))

    def _width(self, genes: Mapping[str, Any]) -> int:
        return prepared_of(str(self._folder.path)).width(Prep.from_genes(genes))

    def _begin(self, lane: JobLane, held: dict[int, JobLane]) -> None:
        start = self._parked(lane) or self._new(lane)
        handle = self._trainer.add(start)
        held[handle] = lane
        curve = start.curve if isinstance(start, LaneState) else ()
        # The run or the worker may have died before the run had what the lane reported then. Without such
        # epochs it is a sign of life: the lane may have been the first to need its table.
        lacking = [each for each in curve if each.epoch > lane.written]
        self._context.emit({"epochs": [_row(lane.id, each) for each in lacking]})
        if isinstance(start, LaneState) and (
            start.status is not LaneStatus.RUNNING or start.epoch >= lane.until
        ):
            self._part(handle, held)

    @contextmanager
    def held_to_its_memory(self, lanes: Sequence[JobLane], memory_bytes: int) -> Iterator[None]:
        """Let the lanes take the run's limit beyond their rows, which are mapped before; on a CPU only."""
        if self._device.type != "cpu":
            yield
            return
        tables = {self._table(lane) for lane in lanes}
        again = sum(x.nbytes for x in tables)  # judging a lane maps its table anew
        with limited_address_space(memory_bytes + again + _UNPREDICTED_BYTES):
            yield

    def _table(self, lane: JobLane) -> torch.Tensor:
        """The features that the lane trains on; a large table takes its time when it is first encoded."""
        padded = self._rows.table(lane.spec.fold, lane.spec.genes).padded
        self._context.emit({})
        return padded

    def _parked(self, lane: JobLane) -> LaneState | None:
        """Where the lane was parked; a missing, damaged or foreign file means that it starts anew."""
        path = self._folder.lanes / f"{lane.id.name}.safetensors"
        if not path.exists():
            return None
        try:
            state = load_lane(path)
        except RunError as error:
            LOGGER.warning("%s; the lane starts anew", error.problem)
            return None
        if state.spec != lane.spec or state.epoch > lane.until:
            return None
        return state

    def _new(self, lane: JobLane) -> LaneSpec | LaneState:
        """The lane before its first epoch."""
        if lane.parent is None:
            return lane.spec
        return begin_heir(lane.spec, lane.parent, self._folder.weights, self._trainer)

    def _part(self, handle: int, held: dict[int, JobLane]) -> None:
        """Take a lane out of the pack, park or keep it, and report it."""
        lane = held.pop(handle)
        state = self._trainer.remove(handle)
        there = state.status is not LaneStatus.RUNNING or state.epoch >= lane.until
        values, metrics, failure = self._judge(lane, state) if there else (None, {}, None)
        reason, error = failure or (None, None)
        if there and lane.final and values is not None:
            save_lane(self._folder.weights / f"{lane.id.name}.safetensors", state.for_prediction())
        else:
            save_lane(self._folder.lanes / f"{lane.id.name}.safetensors", state, durable=False)
        self._context.emit(
            {
                "report": {
                    "id": list(lane.id),
                    "status": state.status,
                    "epochs": state.epoch,
                    "best_epoch": state.best_epoch,
                    "values": values,
                    "metrics": metrics,
                    "seconds": sum(record.seconds for record in state.curve),
                    "measured_bytes": self.measured() if self._tells_of_one_lane else None,
                    "reason": reason,
                    "error": error,
                    "final": there and lane.final,
                    "parked": not there,
                }
            }
        )

    def measured(self) -> int:
        """What the lanes of this job took together, at most so far.

        On a GPU the peak of the allocated memory. On a CPU by how much the worker has grown, as seen after
        each epoch: the least that they took, for they may use what earlier jobs have left behind. The rows
        are not in it, for their pages are a file's.
        """
        if self._device.type == "cuda":
            return int(torch.cuda.max_memory_allocated(self._device))
        self._most = max(self._most, own_bytes() - self._before)
        return self._most

    def _judge(
        self, lane: JobLane, state: LaneState
    ) -> tuple[list[float] | None, dict[str, float], tuple[Reason, str] | None]:
        """The objectives' values at the best epoch; every metric and the kept predictions where it ends.

        Without values the last part says why, as the reason and in words.
        """
        if state.status is LaneStatus.DIVERGED:
            text = f"diverged: the loss or a weight was not finite at epoch {state.epoch}"
            return None, {}, (Reason.DIVERGED, text)
        if state.best_epoch == 0:
            return None, {}, (Reason.DIVERGED, "no epoch gave a finite validation loss")
        prepared = prepared_of(str(self._folder.path))
        _, validation = prepared.fold(lane.spec.fold)
        if not lane.final:
            validation = limited(validation, self._shape.validation_rows)
        encoded = prepared.encoded(lane.spec.fold, Prep.from_genes(lane.spec.genes))
        prediction = predict([state], encoded.x, self._device, rows=validation)[0]
        names = set(metric_names(self._shape.task))
        wanted = names if lane.final else names.intersection(self._objectives)
        y, every = take_rows(prepared.y, validation), prepared.weights
        weights = None if every is None else take_rows(every, validation)
        metrics = score(self._shape.task, y, prediction, sorted(wanted), weights=weights)
        parameters = parameter_count(lane.spec.genes, encoded.x.shape[1], self._shape)
        measures = {**metrics, "parameters": float(parameters)}
        values = [measures[name] for name in self._objectives]
        if not all(math.isfinite(value) for value in values):
            text = f"an objective is not defined on fold {lane.spec.fold}: {measures}"
            return None, metrics, (Reason.UNDEFINED, text)
        if lane.final:
            self._keep_predictions(lane, prediction)
        return values, metrics, None

    def _keep_predictions(self, lane: JobLane, prediction: npt.NDArray[np.float64]) -> None:
        path = self._folder.weights / f"{lane.id.name}.npy"
        write_atomically(path, lambda file: np.save(file, prediction.astype(np.float32)))


def _row(lane: LaneId, record: EpochRecord) -> list[Any]:
    return [
        *lane,
        record.epoch,
        record.train_loss,
        record.validation_loss,
        record.learning_rate,
        record.seconds,
        record.status,
    ]


def probe(payload: Mapping[str, Any], context: WorkContext) -> dict[str, Any]:
    """Time a short epoch after a warm-up one: `predicted` and `measured` seconds of a lane.

    A few equal lanes train together, as most of a search's do.
    """
    shape = TrainingShape(**payload["shape"])
    spec = LaneSpec.from_json(payload["spec"])
    rows = TrainingRows(prepared_of(payload["folder"]), shape, torch.device(context.device))
    tf32 = payload["tf32"]
    trainer = PackTrainer([spec] * _PROBED_LANES, rows, torch.device(context.device), tf32=tf32)
    trainer.advance(1)
    started = time.perf_counter()
    trainer.advance(1)
    measured = (time.perf_counter() - started) / _PROBED_LANES
    width = prepared_of(payload["folder"]).width(Prep.from_genes(spec.genes))
    return {"predicted": work_of_epochs(spec.genes, width, shape, 1), "measured": measured}


def check_weights(payload: Mapping[str, Any], context: WorkContext) -> dict[str, Any]:
    """Which of the named lanes have sound weights."""
    folder = RunFolder(Path(payload["folder"]))
    sound = {}
    for name in payload["lanes"]:
        try:
            load_lane(folder.weights / f"{name}.safetensors")
            sound[name] = True
        except RunError:
            sound[name] = False
    return sound


def write_model(payload: Mapping[str, Any], context: WorkContext) -> dict[str, Any]:
    """Write the champion's bundle again, unless lanes are `lost`: missing, damaged, or not the champion's."""
    folder = RunFolder(Path(payload["folder"]))
    facts, lost, lanes = payload["facts"], [], []
    for name in payload["lanes"]:
        lanes.append(folder.weights / f"{name}.safetensors")
        try:
            spec = load_lane(lanes[-1]).spec
        except RunError:
            lost.append(name)
        else:
            if spec.genes != facts["genome"] or f"-f{spec.fold}-" not in name:
                lost.append(name)
    if not lost:
        save_champion(folder.champion, prepared_of(payload["folder"]), lanes, facts=facts)
    return {"lost": lost}


def deliver(payload: Mapping[str, Any], context: WorkContext) -> dict[str, Any]:
    """Write the champion's bundle and look at the test part, once."""
    folder = RunFolder(Path(payload["folder"]))
    lanes = [folder.weights / f"{name}.safetensors" for name in payload["lanes"]]
    return deliver_model(
        prepared_of(payload["folder"]),
        lanes,
        bundle=folder.champion,
        baselines=folder.baselines,
        available=payload["baselines"],
        metric=payload["metric"],
        facts=payload["facts"],
    )
