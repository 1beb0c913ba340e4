"""How fast a CSV larger than memory is read, profiled, prepared and compared, and in how much memory.

    python tests/benchmarks/big_csv.py                   # 2 GB of diamonds, prepared under 2 GB of memory
    python tests/benchmarks/big_csv.py --gb 0.1          # less, for a look
    python tests/benchmarks/big_csv.py --folder /data    # where there is room: five times the size is written

Every step runs in one process of its own, whose memory is looked at every tenth of a second: the resident
pages that are its own, and all of them with the mapped pages of files that the system would take back.
Beside it pyarrow reads the same file in batches, and as a whole where that fits. Results are kept in
`big_csv.json` beside this script (`--output`), with machine, versions and commit. Exit status 1 if the
memory of the process itself reaches the bound.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
BOUND_GB = 2.0
ARROW_MOST_GB = 0.5
"""Beyond it the whole of a file is not read into memory for the comparison."""


class Memory:
    """The largest memory of this process since it was asked last."""

    def __init__(self) -> None:
        self._own = self._resident = 0
        threading.Thread(target=self._watch, daemon=True).start()

    def peak(self) -> dict[str, float]:
        """In GB: of the process alone, and with the pages of files."""
        self._look()
        found = {"own_gb": self._own / 1e9, "resident_gb": self._resident / 1e9}
        self._own = self._resident = 0
        return {name: round(value, 3) for name, value in found.items()}

    def _watch(self) -> None:
        while True:
            self._look()
            time.sleep(0.1)

    def _look(self) -> None:
        import psutil

        from cambrian.data.mapped import own_bytes

        self._own = max(self._own, own_bytes())
        self._resident = max(self._resident, psutil.Process().memory_info().rss)


def write_table(path: Path, gb: float) -> int:
    """Write diamonds again and again until the file has that size; the rows written."""
    import io

    import pyarrow.csv as pa_csv
    import pyarrow.parquet as pq
    from open_data import FILES, FOLDER

    table = pq.read_table(FOLDER / FILES["diamonds"][0])
    text = io.BytesIO()
    pa_csv.write_csv(table, text, pa_csv.WriteOptions(quoting_style="none"))
    header, body = text.getvalue().split(b"\n", 1)
    times = max(1, round((gb * 1e9 - len(header)) / len(body)))
    with path.open("wb") as file:
        file.write(header + b"\n")
        for _ in range(times):
            file.write(body)
    return times * int(table.num_rows)


def prepare_steps(path: Path, folder: Path) -> dict[str, Any]:
    """Read, profile, prepare and compare the parts, with seconds and memory of each."""
    from cambrian.data.part_checks import Parts, part_findings
    from cambrian.data.prepared import prepare
    from cambrian.data.profile import profile_table
    from cambrian.data.read import read_table
    from cambrian.data.split import SplitSettings

    memory, found = Memory(), dict[str, Any]()

    def timed(name: str, began: float) -> None:
        found[name] = {"seconds": round(time.perf_counter() - began, 2), **memory.peak()}

    began = time.perf_counter()
    table = read_table(path, spool=folder)
    timed("read", began)
    began = time.perf_counter()
    profile = profile_table(table, target="price")
    timed("profile", began)
    began = time.perf_counter()
    prepared = prepare(table, profile, folder / "data", split=SplitSettings())
    timed("prepare", began)
    began = time.perf_counter()
    part_findings(Parts.of(prepared))
    timed("compare", began)
    found["rows"] = table.rows
    found["parts"] = [prepared.rows.train, prepared.rows.test]
    return found


def arrow_steps(path: Path, folder: Path) -> dict[str, Any]:
    """Read the same file with pyarrow: in batches, and as a whole if it is small enough."""
    import pyarrow.csv as pa_csv

    memory, found = Memory(), dict[str, Any]()
    began = time.perf_counter()
    rows = sum(batch.num_rows for batch in pa_csv.open_csv(path))
    found["batches"] = {"seconds": round(time.perf_counter() - began, 2), **memory.peak()}
    if path.stat().st_size < ARROW_MOST_GB * 1e9:
        began = time.perf_counter()
        pa_csv.read_csv(path)
        found["whole"] = {"seconds": round(time.perf_counter() - began, 2), **memory.peak()}
    return found | {"rows": rows}


STEPS = {"cambrian": prepare_steps, "pyarrow": arrow_steps}


def measure(gb: float, within: Path | None) -> dict[str, Any]:
    """Write the file and measure both, each in a process of its own."""
    with tempfile.TemporaryDirectory(dir=within) as folder:
        path = Path(folder) / "diamonds.csv"
        rows = write_table(path, gb)
        print(f"{path.stat().st_size / 1e9:.2f} GB, {rows:,} rows", flush=True)
        found: dict[str, Any] = {"gb": round(path.stat().st_size / 1e9, 3), "rows": rows}
        for name in STEPS:
            command = [sys.executable, str(Path(__file__)), "--step", name, str(path), folder]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            found[name] = json.loads(done.stdout)
            assert found[name]["rows"] == rows
        return found


def report(found: dict[str, Any]) -> float:
    """Print what was measured; the largest memory of the process itself in GB."""
    for name in STEPS:
        for step, facts in found[name].items():
            if isinstance(facts, dict):
                rate = found["rows"] / max(facts["seconds"], 1e-9)
                print(
                    f"{name:9} {step:8} {facts['seconds']:8.1f} s {rate:12,.0f} rows/s "
                    f"{facts['own_gb']:6.2f} GB own {facts['resident_gb']:6.2f} GB resident"
                )
    return max(facts["own_gb"] for facts in found["cambrian"].values() if isinstance(facts, dict))


def main() -> int:
    """Run the benchmark; see the top of this file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--gb", type=float, default=2.0)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--output", type=Path, default=HERE / "big_csv.json")
    parser.add_argument("--step", nargs=3, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.step:
        name, path, folder = asked.step
        print(json.dumps(STEPS[name](Path(path), Path(folder))))
        return 0
    from recording import commit, load_average, machine

    found = measure(asked.gb, asked.folder)
    peak = report(found)
    facts = {"machine": machine(), "commit": commit(), "load": load_average(), "bound_gb": BOUND_GB}
    asked.output.write_text(json.dumps(facts | found, indent=1) + "\n", encoding="utf-8")
    print(f"largest memory of the process: {peak:.2f} GB (bound {BOUND_GB:.1f})")
    return int(peak >= BOUND_GB)


if __name__ == "__main__":
    sys.exit(main())
