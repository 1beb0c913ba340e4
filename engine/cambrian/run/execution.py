"""One execution of a run: its stages in order, and what all of them share."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from cambrian.data.prepared import Prepared
from cambrian.errors import CambrianError, RunError, UserFacingError
from cambrian.experiment import Experiment
from cambrian.log import LOGGER
from cambrian.records import RunEvent, RunState
from cambrian.run import events
from cambrian.run.baseline_stage import BaselineStage, Facts
from cambrian.run.beside import beside
from cambrian.run.calls import CallInterruptedError, call, prepare_in_worker
from cambrian.run.clock import RunClock
from cambrian.run.control import RunControl
from cambrian.run.delivery import DeliveryStage
from cambrian.run.dispatch import Dispatcher, DispatchSettings
from cambrian.run.figures import SearchMeter
from cambrian.run.finalists import Champion, FinalistStage
from cambrian.run.generation import Lanes
from cambrian.run.heirs import Heirs
from cambrian.run.history import History, read_history
from cambrian.run.lanes import LaneReport, LaneTask
from cambrian.run.reserve import Reserve
from cambrian.run.resolution import (
    first_settings,
    input_kind,
    input_width,
    probe_jobs,
    trial_seconds,
    with_minutes,
    with_space,
)
from cambrian.run.resolve import Resolved, first_metric, named_objectives
from cambrian.run.searching import SearchParts, SearchStage
from cambrian.run.store import Store
from cambrian.run.versions import changed_versions
from cambrian.run.workspace import RunFolder
from cambrian.search.strategy import load_libraries
from cambrian.space.space import SearchSpace
from cambrian.store.columns import utc_now
from cambrian.store.connection import StoreBlockedError
from cambrian.store.rows import RunRow
from cambrian.store.writer import RunWriter
from cambrian.workers.devices import resolve_devices
from cambrian.workers.limits import WorkerSettings
from cambrian.workers.pool import Pool
from cambrian.workers.protocol import WorkerState

BLOCKED_SECONDS = 0.5
"""Between two tries to write a database that cannot be written."""

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
        self._migrated_from = writer.migrated_from
        self._store = Store(writer, self._wait_for_room)
        self._blocked = False
        self._stage = RunState.PREPARING
        self._experiment = experiment
        self._row = row
        self._listener = listener
        self._handlers = handlers
        self._clock = RunClock(used=row.used_seconds + seconds_before, minutes=experiment.budget.minutes)
        self.control = RunControl(folder.requests, self._clock, beat=self._beat, tell=self._tell)
        self.control.stop_after_generation = row.stop is not None
        self.control.stop_now = row.stop == "stop-now"
        self._pool: Pool | None = None
        self._baselines: BaselineStage | None = None
        self._devices: list[str] = []
        self._began = self._clock.seconds
        self._figures: Callable[[], dict[str, Any]] | None = None

    def run(self) -> Ended:
        """Every stage that is not done yet.

        Raises:
            RunError: The run cannot go on.
            DataError: The data cannot be used.
        """
        execution = self._experiment.execution
        self._devices = resolve_devices(execution.devices, execution.workers)
        try:
            return self._begin()
        except CallInterruptedError:
            return self._interrupted()
        except UserFacingError:
            raise
        except CambrianError as error:
            raise RunError(
                f"The run cannot go on: {error}",
                f"The run's log has the details; `cambrian resume {self._folder.id}` tries again.",
                exit_code=1,
            ) from error

    def _begin(self) -> Ended:
        started = self._row.started or utc_now()
        self._store.write(lambda writer: writer.update_run(started=started, error=None))
        budget, seed = self._experiment.budget.model_dump(), self._experiment.seed
        self._tell(events.run_started(self._folder, self._devices, seed=seed, budget=budget))
        if (copy := self._migrated_from) is not None:
            text = f"the run's database was brought up to date; as it was before, it lies in {copy}"
            self._tell(RunEvent("database-migrated", text, {"copy": str(copy)}))
        if changes := changed_versions(self._row.versions):
            self._tell(RunEvent("versions-changed", f"libraries changed, results may differ: {changes}"))
        settings, devices = WorkerSettings(log_path=self._folder.log), self._devices
        with Pool(self._handlers, workers=len(devices), devices=devices, settings=settings) as pool:
            self._pool = pool
            return self._stages(pool)

    def _stages(self, pool: Pool) -> Ended:
        asked = self._experiment.search
        with beside(partial(load_libraries, asked.strategy, asked.candidates)):
            prepared = prepare_in_worker(pool, self._folder, self._experiment, self.control, self._tell)
        baselines = self._baselines = self._baseline_stage(pool, prepared)
        resolved = self._resolve(pool, prepared, baselines)
        self._stage = RunState.RUNNING
        parts = self._parts(pool, resolved, test_rows=prepared.rows.test)
        lanes = Lanes(resolved, lambda genes: input_width(prepared, genes), self._experiment.seed)
        history = read_history(self._folder.database, resolved)
        stage = SearchStage(parts, lanes, history, self._heirs(resolved, prepared))
        done = self._row.search
        search = done if done is not None and done["ended"] else self._search(stage)
        self._stage = RunState.FINISHING
        champion = self._champion(parts, lanes, stage, history)
        self.control.stage(None)
        facts = baselines.wait()
        result = DeliveryStage(parts, lanes, pool).run(champion, facts)
        return self._complete(result | {"search": search}, champion.outcome.individual.number)

    def _search(self, stage: SearchStage) -> dict[str, Any]:
        """Search to the end; why it ended, and its figures over all executions."""
        workers = len(self._devices)
        meter = SearchMeter(
            self._row.search, clock=self._clock, busy_seconds=self._busy_seconds, workers=workers
        )

        def figures(ended: str | None = None) -> dict[str, Any]:
            return meter.figures(ended=ended, individuals=stage.evaluated, packed=stage.packed)

        self._figures = figures
        ended = stage.run()
        self._figures = None
        search = figures(ended)
        if ended is None:
            self._store.write(lambda writer: writer.update_run(search=search))
            raise CallInterruptedError
        self._stage = RunState.FINISHING
        self._tell(events.search_finished(search), search=search)
        return search

    def _champion(self, parts: SearchParts, lanes: Lanes, stage: SearchStage, history: History) -> Champion:
        """Who is delivered: chosen by an earlier execution, or among the finalists now."""
        if self._row.choice is not None:
            return Champion.from_json(self._row.choice, history.outcomes)
        leaders = stage.leaders
        finalists = FinalistStage(parts, lanes)
        champion = finalists.run(leaders.finalists(), self._row.repeats, leaders.from_scratch)
        if self.control.interrupted:
            raise CallInterruptedError

        def write(writer: RunWriter) -> None:
            number = champion.outcome.individual.number
            writer.update_run(choice=champion.to_json(), champion=number)
            writer.prune_open_evaluations()

        self._store.write(write)
        return champion

    def _heirs(self, resolved: Resolved, prepared: Prepared) -> Heirs | None:
        search = self._experiment.search
        if not search.inherit:
            return None
        return Heirs(
            self._folder.database,
            resolved,
            self._experiment.seed,
            share=search.inherit_epochs,
            inputs=lambda genes: input_kind(prepared, genes),
        )

    def _parts(self, pool: Pool, resolved: Resolved, *, test_rows: int) -> SearchParts:
        settings = DispatchSettings(
            self._folder.path,
            resolved,
            self._experiment.limits,
            len(self._devices),
            self._experiment.execution.tf32,
        )
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
            reserve=Reserve(resolved, self._clock.limit, len(self._devices), test_rows),
            tell=self._tell,
        )

    def _resolve(self, pool: Pool, prepared: Prepared, baselines: BaselineStage) -> Resolved:
        """The settings: from the database, or made now from probes; the baselines begin, and go on beside."""
        budget, began = self._experiment.budget, self._clock.tick()
        until = began + trial_seconds(budget.minutes, used=began)
        if self._row.resolved is not None:
            baselines.start(until=until)
            return Resolved.from_json(self._row.resolved)
        device = self._devices[0]
        first = first_settings(self._experiment, prepared, device=device)
        alone = len(self._devices) == 1
        if not alone:  # the worker that has just read the data takes them, another one the probes
            baselines.start(until=until)
        probes: dict[str, Mapping[str, Any]] = {}
        if budget.minutes is not None:
            space, tf32 = SearchSpace.from_json(first.space), self._experiment.execution.tf32
            seconds = until - began
            jobs = probe_jobs(str(self._folder.path), first, space, tf32=tf32, seconds=seconds)
            probes = call(
                pool, jobs, self.control, optional=("probe",), over=lambda: self._clock.tick() >= until
            )
        if alone:
            # Nothing can run beside them: slow ones must leave the pace a probe, and cost the search.
            baselines.start(until=until)
            baselines.wait()
        resolved = with_minutes(
            first,
            self._experiment,
            prepared,
            probes=list(probes.values()),
            used=self._clock.tick(),
            workers=len(self._devices),
        )
        resolved = with_space(resolved, self._experiment, prepared, device=device)

        def write(writer: RunWriter) -> None:
            writer.set_objectives(resolved.objectives)
            writer.update_run(resolved=resolved.to_json())

        self._store.write(write)
        self._tell(events.resolved_settings(resolved))
        return resolved

    def _baseline_stage(self, pool: Pool, prepared: Prepared) -> BaselineStage:
        """The baselines of this data; what an earlier execution has fitted is not fitted again."""
        objectives = named_objectives(self._experiment, prepared.task)
        metric = first_metric(objectives, prepared.task)

        def tell(facts: Facts) -> None:
            for event in events.fitted_baselines(prepared.task, metric, facts):
                self._tell(event)

        return BaselineStage(
            pool,
            self._store,
            self._folder.path,
            self._clock,
            self.control,
            task=prepared.task,
            known=self._row.baselines,
            ended=tell,
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
        text = f"interrupted; `cambrian resume {self._folder.id}` goes on from here"
        try:
            self._tell(RunEvent("interrupted", text), used_seconds=self._clock.tick())
        except CallInterruptedError as error:
            # No room even for that. The database says that the run lives, and nobody holds its lock: all
            # that was committed is there for a resume.
            text = f"interrupted: {error.__cause__} Make room, then `cambrian resume {self._folder.id}`."
            LOGGER.warning("%s", text)
            self._listener(RunEvent("interrupted", text))
        return Ended(RunState.INTERRUPTED, None)

    def _lane_failed(self, task: LaneTask, report: LaneReport) -> None:
        self._tell(events.lane_failed(task, report))

    def _tell(self, event: RunEvent, **fields: Any) -> None:
        """Store an event and where the run stands with it, log it and pass it on.

        Args:
            event: What happened.
            fields: Columns of the run that follow from it.
        """
        stop = self.control.stop_now, self.control.stop_after_generation
        asked = "stop-now" if stop[0] else "stop" if stop[1] else None

        def write(writer: RunWriter) -> None:
            writer.update_run(state=self._state(), stop=asked, **fields)
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
            CallInterruptedError: The run was interrupted meanwhile; what was committed before is kept.
        """
        if not self._blocked:
            self._blocked = True
            event = RunEvent("store-blocked", f"{error} The run waits until it can be written.")
            LOGGER.warning("%s", event.message)
            self._listener(event)
        if self.control.interrupted:
            raise CallInterruptedError from error
        time.sleep(BLOCKED_SECONDS)

    def _states(self) -> Sequence[WorkerState]:
        return self._pool.states() if self._pool is not None else []

    def _busy_seconds(self) -> float:
        return sum(each.busy_seconds for each in self._states())

    def _beat(self) -> None:
        """About once a second: the heartbeat, the time used and what the workers do."""
        if self._baselines is not None:
            self._baselines.check()
        states = self._states()
        fields = {} if self._figures is None else {"search": self._figures()}

        def write(writer: RunWriter) -> None:
            writer.update_run(used_seconds=self._clock.seconds, **fields)  # the heartbeat goes with it
            writer.save_workers([events.worker_row(each) for each in states])

        self._store.write(write)
        if self._blocked:
            self._blocked = False
            self._tell(RunEvent("store-unblocked", "the database can be written again; the run goes on"))
        seconds = self._clock.seconds
        beat = events.beat(states, seconds=seconds, running=seconds - self._began, left=self._clock.left())
        self._listener(beat)
