"""The same handlers in a worker that has imported torch before it limits its memory."""

import torch  # noqa: F401
from worker_jobs import HANDLERS

__all__ = ["HANDLERS"]
