"""Logging of one run: a file in the run's folder, set up by the run and never at import."""

from __future__ import annotations

import logging
import time
from pathlib import Path

LOGGER = logging.getLogger("cambrian")


def log_to_file(path: Path) -> logging.Handler:
    """Send the log to `path` (UTC times); the caller ends that with `LOGGER.removeHandler`."""
    handler = logging.FileHandler(path, encoding="utf-8")
    formatter = logging.Formatter("%(asctime)s.%(msecs)03dZ %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    LOGGER.addHandler(handler)
    LOGGER.setLevel(logging.INFO)
    return handler
