"""One execution of a run: its stages in order, and what all of them share."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cambrian.data.prepared import Prepared
from cambrian.errors import CambrianError, RunError, UserFacingError
from cambrian.experiment import Experiment
from cambrian.log import LOGGER
from cambrian.records import RunEvent, RunState
from cambrian.run.calls import CallInterruptedError, call
from cambrian.run.clock import RunClock
from cambrian.run.control import RunControl
from cambrian.run.delivery import DeliveryStage
from cambrian.run.dispatch import Dispatcher, DispatchSettings
from cambrian.run.finalists import FinalistStage
from cambrian.run.generation import Lanes
from cambrian.run.history import read_history
from cambrian.run.lanes import LaneReport, LaneTask
from cambrian.run.preparation import prepare_data
from cambrian.run.resolution import first_settings, input_width, probe_jobs, with_minutes, with_space
from cambrian.run.resolve import Resolved
from cambrian.run.searching import SearchParts, SearchStage
from cambrian.run.store import Store
from cambrian.run.versions import changed_versions
from cambrian.run.workspace import RunFolder
from cambrian.space.space import SearchSpace
from cambrian.store.columns import utc_now
from cambrian.store.connection import StoreBlockedError
from cambrian.store.rows import RunRow, WorkerRow
from cambrian.store.writer import RunWriter
from cambrian.workers.devices import resolve_devices
from cambrian.workers.limits import WorkerSettings
from cambrian.workers.pool import Pool
from cambrian.workers.protocol import Job, WorkerState

BASELINE_SHARE = 0.1
"""Of the minutes; baselines that would take longer are fitted on a row sample."""
BLOCKED_SECONDS = 0.5
"""Between two tries to write a database that cannot be written."""
EXIT_RESUMABLE = 130

Listener = Callable[[RunEvent], None]


@dataclass(frozen=True, slots=True)
class Ended:
    """How an execution of a run ended: complete with a result, or interrupted without."""

    state: RunState
    result: dict[str, Any] | None


class Execution:
    """Takes a run from where its database says it stands to its end.

    Args:
        folder: The run's folder.
        writer: The run's database, held by this process alone.
        experiment: What was asked.
        row: The run as its database has it.
        listener: Receives every event.
        handlers: Table of the workers' job handlers.
        seconds_before: Seconds of this execution that passed before; they count in the budget.
    """

    def __init__(
        self,
        folder: RunFolder,
        writer: RunWriter,
        *,
        experiment: Experiment,
        row: RunRow,
        listener: Listener,
        handlers: str,
        seconds_before: float,
    ) -> None:
        self._folder = folder
        self._store = Store(writer, self._wait_for_room)
        self._blocked = False
        self._stage = RunState.PREPARING
        self._experiment = experiment
        self._row = row
        self._listener = listener
        self._handlers = handlers
        self._clock = RunClock(used=row.used_seconds + seconds_before, minutes=experiment.budget.minutes)
        self.control = RunControl(folder.requests, self._clock, beat=self._beat, tell=self._tell)
        self._pool: Pool | None = None
        self._devices: list[str] = []

    def run(self) -> Ended:
        """Every stage that is not done yet.

        Raises:
            RunError: The run cannot go on.
            DataError: The data cannot be used.
        """
        execution = self._experiment.execution
        self._devices = resolve_devices(execution.devices, execution.workers)
        started = self._row.started or utc_now()
        self._store.write(lambda writer: writer.update_run(started=started, error=None))
        self._tell(
            RunEvent(
                "run-started",
                f"run {self._folder.id} with {len(self._devices)} workers",
                {
                    "run": self._folder.id,
                    "folder": str(self._folder.path),
                    "devices": self._devices,
                    "seed": self._experiment.seed,
                },
            )
        )
        if changes := changed_versions(self._row.versions):
            self._tell(RunEvent("versions-changed", f"libraries changed, results may differ: {changes}"))
        settings = WorkerSettings(log_path=self._folder.log)
        workers = len(self._devices)
        try:
            with Pool(self._handlers, workers=workers, devices=self._devices, settings=settings) as pool:
                self._pool = pool
                try:
                    return self._stages(pool)
                except CallInterruptedError:
                    return self._interrupted()
        except UserFacingError:
            raise
        except CambrianError as error:
            raise RunError(
                f"The run cannot go on: {error}",
                "The run's log has the details; `cambrian resume` tries again.",
                exit_code=1,
            ) from error

    def _stages(self, pool: Pool) -> Ended:
        prepared = prepare_data(self._folder, self._experiment, self._tell)
        self._clock.count()
        resolved, baselines = self._resolve(pool, prepared)
        self._stage = RunState.RUNNING
        parts = self._parts(pool, resolved)
        lanes = Lanes(resolved, lambda genes: input_width(prepared, genes), self._experiment.seed)
        search = SearchStage(parts, lanes, read_history(self._folder.database, resolved))
        began, busy = self._clock.tick(), self._busy_seconds()
        search.run()
        searched = self._clock.tick() - began
        share = (self._busy_seconds() - busy) / max(searched * len(self._devices), 1e-9)
        if self.control.interrupted:
            return self._interrupted()
        self._stage = RunState.FINISHING
        self._tell(
            RunEvent(
                "search-finished",
                f"search over after {searched:.0f} s: {search.evaluated} individuals, busy {share:.0%}",
                {
                    "seconds": searched,
                    "individuals": search.evaluated,
                    "busy": share,
                },
            )
        )
        finalists = search.leaders.finalists()
        if not finalists:
            if self.control.stopping:
                raise RunError("The run was stopped before any network was trained.", exit_code=1)
            raise RunError(
                "The time ended before any network was trained.", "Give more --minutes.", exit_code=1
            )
        champion = FinalistStage(parts, lanes, workers=len(self._devices)).run(finalists)
        if self.control.interrupted:
            return self._interrupted()
        self._store.write(lambda writer: writer.prune_open_evaluations())
        result = DeliveryStage(parts, lanes, pool).run(champion, baselines)
        result |= {"search": {"seconds": searched, "individuals": search.evaluated, "busy": share}}
        return self._complete(result, champion.outcome.individual.number)

    def _parts(self, pool: Pool, resolved: Resolved) -> SearchParts:
        settings = DispatchSettings(self._folder.path, resolved, self._experiment.limits, len(self._devices))
        dispatcher = Dispatcher(
            pool, self._store, control=self.control, settings=settings, failed=self._lane_failed
        )
        return SearchParts(
            folder=self._folder,
            experiment=self._experiment,
            resolved=resolved,
            store=self._store,
            dispatcher=dispatcher,
            control=self.control,
            clock=self._clock,
            tell=self._tell,
        )

    def _resolve(self, pool: Pool, prepared: Prepared) -> tuple[Resolved, dict[str, Any]]:
        """Settings and baselines: from the database, or made now, baselines and probes side by side."""
        if self._row.resolved is not None:
            return Resolved.from_json(self._row.resolved), self._row.baselines
        device = self._devices[0]
        first = first_settings(self._experiment, prepared, device=device)
        seconds = None if self._clock.limit is None else BASELINE_SHARE * self._clock.limit
        folder = str(self._folder.path)
        jobs = [Job("baselines", "baselines", {"folder": folder, "seconds": seconds}, limit_seconds=3600.0)]
        if self._experiment.budget.minutes is not None:
            jobs += probe_jobs(folder, first, SearchSpace.from_json(first.space))
        results = call(pool, jobs, self.control, optional="probe")
        baselines = dict(results.pop("baselines"))
        resolved = with_minutes(
            first,
            self._experiment,
            prepared,
            probes=list(results.values()),
            used=self._clock.tick(),
            workers=len(self._devices),
        )
        resolved = with_space(resolved, self._experiment, prepared, device=device)

        def write(writer: RunWriter) -> None:
            writer.set_objectives(resolved.objectives)
            writer.update_run(resolved=resolved.to_json(), baselines=baselines)

        self._store.write(write)
        self._tell_resolved(resolved, baselines)
        return resolved, baselines

    def _tell_resolved(self, resolved: Resolved, baselines: dict[str, Any]) -> None:
        metric = resolved.metric
        scores = {name: each["validation"][metric] for name, each in baselines.items()}
        text = ", ".join(
            f"{name} {'undefined' if value is None else f'{value:.6g}'}" for name, value in scores.items()
        )
        samples = "".join(
            f"; {name} fitted on {each['rows']} of {each['of_rows']} rows to keep the time"
            for name, each in baselines.items()
            if each["rows"] < each["of_rows"]
        )
        self._tell(
            RunEvent(
                "baselines",
                f"baselines on fold 0, {metric}: {text}{samples}",
                {"metric": metric, "validation": scores},
            )
        )
        short = resolved.rows_per_epoch < resolved.rows
        self._tell(
            RunEvent(
                "resolved",
                f"population {resolved.population}, epoch budget {resolved.epochs}, rungs at epoch "
                f"{', '.join(map(str, resolved.rungs))}, {resolved.folds} folds, {resolved.buckets} species"
                + (f", {resolved.rows_per_epoch} rows an epoch" if short else ""),
                {key: value for key, value in resolved.to_json().items() if key != "space"},
            )
        )

    def _complete(self, result: dict[str, Any], champion: int) -> Ended:
        self._folder.clear_lanes()
        seconds = self._clock.tick()
        result |= {"seconds": seconds}
        self._stage = RunState.COMPLETE
        self._store.write(
            lambda writer: writer.update_run(
                state=self._stage,
                result=result,
                champion=champion,
                finished=utc_now(),
                used_seconds=seconds,
            )
        )
        self._tell(RunEvent("finished", str(result["verdict"]), {"result": result}))
        return Ended(RunState.COMPLETE, result)

    def _interrupted(self) -> Ended:
        self._stage = RunState.INTERRUPTED
        seconds = self._clock.tick()
        self._store.write(lambda writer: writer.update_run(used_seconds=seconds))
        text = f"interrupted; `cambrian resume {self._folder.id}` goes on from here"
        self._tell(RunEvent("interrupted", text))
        return Ended(RunState.INTERRUPTED, None)

    def _lane_failed(self, task: LaneTask, report: LaneReport) -> None:
        lane = task.id
        self._tell(
            RunEvent(
                "evaluation-failed",
                f"individual {lane.individual}, fold {lane.fold}: {report.error}",
                {
                    **lane._asdict(),
                    "evaluation_state": str(report.state),
                    "reason": None if report.reason is None else str(report.reason),
                },
            )
        )

    def _tell(self, event: RunEvent) -> None:
        """Store an event and where the run stands with it, log it and pass it on."""

        def write(writer: RunWriter) -> None:
            writer.update_run(state=self._state())
            writer.add_event(event)

        self._store.write(write)
        LOGGER.info("%s: %s", event.kind, event.message)
        self._listener(event)

    def _state(self) -> RunState:
        """The run's stage; a pause shows while there is anything to pause."""
        pausable = self._stage in (RunState.PREPARING, RunState.RUNNING, RunState.FINISHING)
        return RunState.PAUSED if pausable and self.control.paused else self._stage

    def _wait_for_room(self, error: StoreBlockedError) -> None:
        """The database cannot be written: say so once, and wait until the next try.

        Raises:
            RunError: The run was interrupted meanwhile; what was committed before is kept.
        """
        if not self._blocked:
            self._blocked = True
            event = RunEvent("store-blocked", f"{error} The run waits until it can be written.")
            LOGGER.warning("%s", event.message)
            self._listener(event)
        if self.control.interrupted:
            raise RunError(
                f"{error} The run ended with what was written before.",
                f"Make room, then `cambrian resume {self._folder.id}`.",
                exit_code=EXIT_RESUMABLE,
            ) from error
        time.sleep(BLOCKED_SECONDS)

    def _states(self) -> Sequence[WorkerState]:
        return self._pool.states() if self._pool is not None else []

    def _busy_seconds(self) -> float:
        return sum(each.busy_seconds for each in self._states())

    def _beat(self) -> None:
        """About once a second: the heartbeat, the time used and what the workers do."""
        states = self._states()

        def write(writer: RunWriter) -> None:
            writer.update_run(used_seconds=self._clock.seconds)  # the heartbeat goes with it
            writer.save_workers([_worker_row(each) for each in states])

        self._store.write(write)
        if self._blocked:
            self._blocked = False
            self._tell(RunEvent("store-unblocked", "the database can be written again; the run goes on"))
        left = self._clock.left()
        self._listener(
            RunEvent(
                "beat",
                "",
                {
                    "seconds": self._clock.seconds,
                    "left": None if left == float("inf") else left,
                    "workers": [
                        {"worker": each.worker, "device": each.device, "state": each.state, "job": each.job}
                        for each in states
                    ],
                    "busy": sum(each.busy_seconds for each in states)
                    / max(1e-9, len(states) * self._clock.seconds),
                },
            )
        )


def _worker_row(state: WorkerState) -> WorkerRow:
    started = datetime.fromtimestamp(state.started, UTC).isoformat(timespec="milliseconds")
    return WorkerRow(
        worker=state.worker,
        pid=state.pid,
        device=state.device,
        state=state.state,
        job=state.job,
        busy_seconds=state.busy_seconds,
        started=started,
        updated=utc_now(),
    )
