"""A program with a pool and no `if __name__ == "__main__"`: what signals do to it is tested from outside.

Arguments: log file, where the pool lives (main or thread), the job's kind, its payload, its limit in seconds.
Prints the pids of the workers, then every message.
"""

import json
import sys
import threading
from pathlib import Path

from cambrian.workers.limits import WorkerSettings
from cambrian.workers.pool import Pool
from cambrian.workers.protocol import Job

log, thread, kind, payload, limit = sys.argv[1:]


def work():
    settings = WorkerSettings(Path(log))
    with Pool("worker_jobs:HANDLERS", workers=2, devices=["cpu"], settings=settings) as pool:
        print(json.dumps([state.pid for state in pool.states()]), flush=True)
        for number in range(2):
            pool.submit(Job(f"job {number}", kind, json.loads(payload), float(limit)))
        while pool.outstanding:
            for message in pool.wait(10):
                print(type(message).__name__, getattr(message, "error", ""), flush=True)
        print(json.dumps([state.pid for state in pool.states()]), flush=True)


if thread == "thread":
    runner = threading.Thread(target=work)
    runner.start()
    runner.join()
else:
    work()
