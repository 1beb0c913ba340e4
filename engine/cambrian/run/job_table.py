"""Which function does which kind of job, for the workers."""

from __future__ import annotations

_DATA, _TORCH = "cambrian.run.data_jobs", "cambrian.run.jobs"

HANDLERS = {
    "prepare": f"{_DATA}:prepare",
    "baselines": f"{_DATA}:baselines",
    "probe": f"{_TORCH}:probe",
    "train": f"{_TORCH}:train",
    "check-weights": f"{_TORCH}:check_weights",
    "write-model": f"{_TORCH}:write_model",
    "deliver": f"{_TORCH}:deliver",
}
"""By kind of job "package.module:function", those that are needed first before the others."""
