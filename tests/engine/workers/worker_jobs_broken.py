"""Handlers that cannot be imported."""

import os
import sys

if os.environ.get("WORKER_JOBS_BROKEN") == "exit":
    os._exit(7)

raise ImportError(f"no handlers\nfor you on {sys.platform}")
