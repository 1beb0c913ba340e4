"""The workers' handlers with packs of a single lane; imported inside the workers of `altered_cambrian.py`."""

from cambrian.run.job_table import HANDLERS
from cambrian.training import pack

__all__ = ["HANDLERS"]

pack._MOST_LANES = 1
