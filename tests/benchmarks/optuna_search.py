"""Optuna searches Cambrian's space: a process per core, all on one study, each network in a plain loop.

As strong as it could be made: TPE over the joint, grouped distribution (made for conditional spaces), its
penalty on what other processes try, the known-good genomes of Cambrian's generation 0 enqueued, data prepared
before, the journal in memory where the system has such a folder. Every epoch is reported to the pruner, and
every validation loss counts, also that of a pruned trial or of one that the end cuts short.

`python optuna_search.py SETTINGS.json NUMBER` is one of the processes; it prints what it saw as JSON.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import optuna
import torch
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna_space import parameters, suggest
from plain_loop import PlainLoop

from cambrian.data.prepared import Prepared
from cambrian.records import derive_seed
from cambrian.run.resolve import Resolved
from cambrian.space.families.registry import known_good
from cambrian.space.genome import Genome
from cambrian.space.space import SearchSpace
from cambrian.training.rows import TrainingRows

PRUNERS = ("median", "hyperband")
_IN_MEMORY = Path("/dev/shm")
_LATEST_END = 120.0
"""Seconds that a process may take to end its last epoch."""
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """What the processes are given.

    Attributes:
        data: Folder of the prepared data.
        resolved: Cambrian's resolved settings as JSON: the space, the task and the limits of an epoch.
        pruner: One of `PRUNERS`.
        seed: Of the networks and the samplers.
        journal: File of the study.
        started: When the first process was started, in seconds since 1970.
        seconds: When the search ends, from then on.
    """

    data: str
    resolved: Mapping[str, Any]
    pruner: str
    seed: int
    journal: str
    started: float
    seconds: float

    def left(self) -> float:
        """Seconds until the end; negative after it."""
        return self.started + self.seconds - time.time()


@dataclass
class Seen:
    """What a process saw.

    Each of `improvements` is seconds, validation loss, trial, its name, epoch and active genes.
    """

    trials: int = 0
    pruned: int = 0
    epochs: int = 0
    training_seconds: float = 0.0
    improvements: list[list[Any]] = field(default_factory=list)

    def saw(self, seconds: float, value: float, *trial: Any) -> None:
        """Keep the value if it is this process's best."""
        if not self.improvements or value < self.improvements[-1][1]:
            self.improvements.append([seconds, value, *trial])


def search(
    data: Path, resolved: Mapping[str, Any], *, pruner: str, seed: int, seconds: float, processes: int
) -> dict[str, Any]:
    """Search for some seconds on some processes; the best value, when it came, and how much was done.

    Raises:
        SystemExit: A process failed, or no epoch was finished.
    """
    in_memory = _IN_MEMORY if os.access(_IN_MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=in_memory) as place:
        path, journal = Path(place) / "settings.json", str(Path(place) / "journal")
        space = SearchSpace.from_json(resolved["space"])
        enqueue_known_good(make_study(journal, space, pruner=pruner, seed=seed), space)
        settings = SearchSettings(str(data), resolved, pruner, seed, journal, time.time(), seconds)
        path.write_text(json.dumps(asdict(settings)), encoding="utf-8")
        said = _run_processes([sys.executable, __file__, str(path)], processes, settings)
    return _together([json.loads(text) for text in said], seconds=seconds)


def make_study(journal: str, space: SearchSpace, *, pruner: str, seed: int) -> optuna.Study:
    """Open the study in the journal, made if missing."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    pruners = {
        "median": optuna.pruners.MedianPruner(),
        "hyperband": optuna.pruners.HyperbandPruner(
            min_resource=1, max_resource=int(space.gene("epochs").high)
        ),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)  # of `group`
        sampler = optuna.samplers.TPESampler(seed=seed, multivariate=True, group=True, constant_liar=True)
    return optuna.create_study(
        storage=JournalStorage(JournalFileBackend(journal)),
        sampler=sampler,
        pruner=pruners[pruner],
        study_name="time_to_match",
        direction="minimize",
        load_if_exists=True,
    )


def enqueue_known_good(study: optuna.Study, space: SearchSpace) -> None:
    """Begin with the known-good genomes, as Cambrian's generation 0 does."""
    for name, genome in known_good(space):
        study.enqueue_trial(parameters(genome, space), user_attrs={"name": name})


def work(settings: SearchSettings, number: int) -> Seen:
    """One of the processes: trial after trial until the time is over."""
    torch.set_num_threads(1)
    shape = Resolved.from_json(settings.resolved).shape
    rows = TrainingRows(Prepared.open(Path(settings.data)), shape, torch.device("cpu"))
    space = SearchSpace.from_json(settings.resolved["space"])
    own_seed = derive_seed("optuna", settings.seed, number) % 2**32  # processes of one seed would draw alike
    study = make_study(settings.journal, space, pruner=settings.pruner, seed=own_seed)
    seen = Seen()

    def objective(trial: optuna.Trial) -> float:
        return _train(trial, space, rows, settings, seen)

    if settings.left() > 0:
        study.optimize(objective, timeout=settings.left())
    return seen


def _train(
    trial: optuna.Trial, space: SearchSpace, rows: TrainingRows, settings: SearchSettings, seen: Seen
) -> float:
    """Train the trial's network; its best validation loss.

    Raises:
        TrialPruned: The pruner ended it, or it diverged, or the time is over.
    """
    genome = suggest(trial, space)
    seen.trials += 1
    name = trial.user_attrs.get("name", "sampled")
    began, best = time.perf_counter(), math.inf
    loop = PlainLoop(genome, rows, fold=0, seed=derive_seed(settings.seed, genome.key, 0))
    for epoch, value in enumerate(loop.validation_losses(), start=1):
        seen.training_seconds += time.perf_counter() - began
        left = settings.left()
        if left < 0:
            trial.study.stop()
            raise optuna.TrialPruned
        seen.epochs += 1
        if not math.isfinite(value):
            raise optuna.TrialPruned
        seen.saw(settings.seconds - left, value, trial.number, name, epoch, active_genes(genome))
        best = min(best, value)
        trial.report(value, epoch)
        if trial.should_prune():
            seen.pruned += 1
            raise optuna.TrialPruned
        began = time.perf_counter()
    return best


def active_genes(genome: Genome) -> dict[str, Any]:
    """The genes that count in the genome, as JSON."""
    return {name: value for name, value in genome.items() if name in genome.active}


def _run_processes(command: Sequence[str], processes: int, settings: SearchSettings) -> list[str]:
    """What the processes print; none is left behind."""
    environment = {**os.environ, **dict.fromkeys(_THREADS, "1")}
    running = [
        subprocess.Popen([*command, str(number)], env=environment, stdout=subprocess.PIPE, text=True)
        for number in range(processes)
    ]
    try:
        said = [process.communicate(timeout=settings.seconds + _LATEST_END)[0] for process in running]
    finally:
        for process in running:
            process.kill()
            process.wait()
    statuses = [process.returncode for process in running]
    if any(statuses):
        raise SystemExit(f"the processes of Optuna ended with {statuses}")
    return said


def _together(seen: Sequence[Mapping[str, Any]], *, seconds: float) -> dict[str, Any]:
    improvements: list[list[Any]] = []
    for each in sorted(row for process in seen for row in process["improvements"]):
        if not improvements or each[1] < improvements[-1][1]:
            improvements.append(each)
    if not improvements:
        raise SystemExit(f"Optuna finished no epoch in {seconds:g} s: give more --seconds")
    counts = ("trials", "pruned", "epochs", "training_seconds")
    when, best, _, name, _, genes = improvements[-1]
    return {
        "best": best,
        "best_seconds": when,
        "best_trial": name,
        "best_genes": genes,
        **{count: sum(process[count] for process in seen) for count in counts},
        "improvements": [row[:-1] for row in improvements],
        "seconds": seconds,
        "processes": len(seen),
    }


def main() -> int:
    """Work as one of the processes."""
    settings = SearchSettings(**json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    print(json.dumps(asdict(work(settings, int(sys.argv[2])))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
