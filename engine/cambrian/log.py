"""Logging of one run: a file in the run's folder, set up by the run and never at import."""

from __future__ import annotations

import logging
import time
from pathlib import Path

LOGGER = logging.getLogger("cambrian")


class _LogFile(logging.FileHandler):
    """A file of log lines; a full disk costs lines and nothing else."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Say nothing: the default prints a traceback to whoever watches the run."""


def log_to_file(path: Path) -> logging.Handler:
    """Send the log to `path` (UTC times); the caller ends that with `LOGGER.removeHandler`."""
    handler = _LogFile(path, encoding="utf-8")
    formatter = logging.Formatter("%(asctime)s.%(msecs)03dZ %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    LOGGER.addHandler(handler)
    LOGGER.setLevel(logging.INFO)
    return handler
