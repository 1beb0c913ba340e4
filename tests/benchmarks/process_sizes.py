"""The sizes of a run's processes over time, by PSS: what each holds alone and its part of the shared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Self

import psutil
from scipy.stats import theilslopes

MB = 1e6
_BARS = "▁▂▃▄▅▆▇█"


@dataclass
class Series:
    """Sizes in MB at seconds since the start of a run."""

    name: str
    seconds: list[float] = field(default_factory=list)
    mb: list[float] = field(default_factory=list)

    def add(self, seconds: float, mb: float) -> None:
        """Take up a size."""
        self.seconds.append(round(seconds, 2))
        self.mb.append(round(mb, 2))

    def to_json(self) -> dict[str, Any]:
        """The series as JSON values."""
        return {"name": self.name, "seconds": self.seconds, "mb": self.mb}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """The series that `to_json` wrote."""
        return cls(**value)

    def peak(self) -> float:
        """The largest size."""
        return max(self.mb)

    def around(self, seconds: float) -> float | None:
        """The size at the nearest look; None when the process was not there."""
        if not self.seconds[0] <= seconds <= self.seconds[-1]:
            return None
        nearest = min(range(len(self.seconds)), key=lambda i: abs(self.seconds[i] - seconds))
        return self.mb[nearest]

    def growth(self, begin: float, end: float) -> float | None:
        """By which part the size grows from `begin` to `end`, by the median of all slopes between them.

        A single high or low look does not move it. None with less than three looks.
        """
        within = [i for i, seconds in enumerate(self.seconds) if begin <= seconds <= end]
        if len(within) < 3:
            return None
        slope, intercept, *_ = theilslopes([self.mb[i] for i in within], [self.seconds[i] for i in within])
        return float(slope * (end - begin) / (intercept + slope * begin))

    def picture(self, width: int = 60) -> str:
        """The series as a line of bars, the largest size of each part of the time against the peak."""
        parts = min(width, len(self.mb))
        edges = [len(self.mb) * part // parts for part in range(parts + 1)]
        tops = [max(self.mb[start:stop]) for start, stop in pairwise(edges)]
        return "".join(_BARS[min(7, int(8 * top / self.peak()))] for top in tops)


class SizeWatch:
    """Looks at the sizes of a process and all its descendants."""

    def __init__(self) -> None:
        self._series: dict[tuple[int, float], Series] = {}
        self.total = Series("all together")

    def look(self, process_id: int, seconds: float) -> None:
        """Note the sizes of all that live."""
        total = 0.0
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(process_id)
            for each in [process, *process.children(recursive=True)]:
                with suppress(psutil.NoSuchProcess):  # it ended just now
                    size = size_of(each)
                    key = each.pid, each.create_time()
                    series = self._series.setdefault(key, Series("other"))
                    if series.name == "other":  # before it has begun and while it ends it has no command
                        series.name = "run" if each.pid == process_id else role_of(each.cmdline())
                    series.add(seconds, size)
                    total += size
        if total:
            self.total.add(seconds, total)

    def series(self) -> list[Series]:
        """A series a process, in the order of their starts, named and numbered."""
        ordered = [self._series[key] for key in sorted(self._series, key=lambda key: key[1])]
        numbers: Counter[str] = Counter()
        named = []
        for series in ordered:
            numbers[series.name] += 1
            number = "" if series.name == "run" else f" {numbers[series.name]}"
            named.append(replace(series, name=series.name + number))
        return named


def size_of(process: psutil.Process) -> float:
    """PSS and what was swapped out, in MB.

    Raises:
        SystemExit: The system does not tell the PSS.
    """
    sizes = process.memory_full_info()
    if not hasattr(sizes, "pss"):
        raise SystemExit("The size of processes (PSS) is measured on Linux alone.")
    return float((sizes.pss + sizes.swap) / MB)


def role_of(command: Sequence[str]) -> str:
    """What a descendant of a run is, by its command."""
    text = " ".join(command)
    if "resource_tracker" in text:
        return "resource tracker"
    return "worker" if "spawn_main" in text else "other"
